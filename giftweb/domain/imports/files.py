"""An uploaded file: what state it is in, and what somebody at the desk does with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import ModelSelect

from giftweb import clock, database, ids, language
from giftweb.database import records, transactional
from giftweb.domain import audit, cards, limits
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.import_terms import AUTO, Terms
from giftweb.domain.imports import content
from giftweb.domain.limits import Gift, Request, details
from giftweb.errors import Invalid, NotFound, Refused
from giftweb.language import gettext, lazy_gettext
from giftweb.models import Approval, AuditEntry, CardImport, Staff
from giftweb.money import Money

KEPT = timedelta(days=2)
"""How long a file that nobody imports keeps its content."""

CHANGEABLE = ("uploaded", "checked", "refused", "failed")
BUSY = ("checking", "waiting", "writing")
STARTED = "gift_card.import_started"
_LONGEST_NAME = 200
MOST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as the desk sees it."""

    id: str
    name: str
    state: str
    digest: str | None
    size: int
    format: str
    mapping: dict[str, str] | None
    source: str | None
    campaign_id: str | None
    accepts_guessable: bool
    staff_id: str
    staff_name: str
    created_at: datetime
    finished_at: datetime | None
    done: int
    total: int
    result: dict[str, Any] | None
    faults: list[list[Any]] | None
    fault_count: int
    language: str | None

    @property
    def terms(self) -> Terms:
        """How it is to be read."""
        return Terms(
            format=self.format,
            mapping=self.mapping or {},
            source=self.source,
            campaign_id=self.campaign_id,
            accepts_guessable=self.accepts_guessable,
        )

    @property
    def snapshot(self) -> dict[str, Any]:
        """What its import hangs on: the content, how it is read, and what that comes to."""
        names = ("digest", "format", "mapping", "source", "campaign_id", "accepts_guessable")
        totals = (self.result or {}).get("totals", {})
        return {name: getattr(self, name) for name in names} | {"totals": totals}

    @property
    def is_busy(self) -> bool:
        """Whether the worker has it."""
        return self.state in BUSY

    @property
    def percent(self) -> int:
        """How much of it is done."""
        return min(100, 100 * self.done // self.total) if self.total else 0

    @property
    def totals(self) -> list[Money]:
        """What its cards are worth, by currency."""
        found = (self.result or {}).get("totals", {})
        return [Money(minor, currency) for currency, minor in sorted(found.items())]


def _select() -> Any:
    found = records.select(Upload, CardImport, staff_name=Staff.name)
    return found.join(Staff)


def find(file_id: str) -> Upload:
    """The file with this id.

    Raises: NotFound.
    """
    return records.one(_select().where(CardImport.id == file_id))


def lock(file_id: str) -> Upload:
    """The file under its lock, until the transaction ends.

    Raises: NotFound.
    """
    return records.one(database.locked(_select().where(CardImport.id == file_id)))


def recent(*, limit: int = 50) -> list[Upload]:
    """The latest files, newest first."""
    whole = CardImport.state != "uploading"
    return list(_select().where(whole).order_by(CardImport.id.desc()).limit(limit))


def same(upload: Upload) -> Upload | None:
    """The file with the same content that was imported, if there is one."""
    is_same = (CardImport.digest == upload.digest) & (CardImport.id != upload.id)
    return _select().where(is_same, CardImport.state == "done").first()


# Upload


@transactional
def begin(name: str, *, by: Actor) -> str:
    """The id of a new file whose content is still to come."""
    file_id = ids.new("imp")
    audit.seals.insert(
        CardImport,
        id=file_id,
        name=name.strip()[:_LONGEST_NAME] or "?",
        staff_id=by.id,
        created_at=clock.now(),
    )
    return file_id


@transactional
def add(file_id: str, *, data: bytes, by: Actor) -> None:
    """Add to the content of a file that is being uploaded.

    Raises: NotFound, Invalid (too large).
    """
    found = CardImport.get_or_none(
        CardImport.id == file_id, CardImport.staff == by.id, CardImport.state == "uploading"
    )
    if found is None:
        raise NotFound
    if found.size + len(data) > MOST_BYTES:
        raise Invalid(gettext("The file is too large: split it."), field="file")
    content.append(file_id, data)
    CardImport.update(size=found.size + len(data)).where(CardImport.id == file_id).execute()


@transactional
def complete(file_id: str, *, by: Actor) -> Upload:
    """The content is whole now.

    Raises: NotFound, Invalid (it is empty).
    """
    upload = find(file_id)
    if upload.state != "uploading" or upload.staff_id != by.id:
        raise NotFound
    if not upload.size:
        raise Invalid(gettext("Choose a file first."), field="file")
    digest = content.sheet_of(file_id).digest()
    audit.seals.change(CardImport, file_id, state="uploaded", digest=digest)
    return find(file_id)


# What somebody does with it


@transactional
def check(
    file_id: str,
    *,
    mapping: Mapping[str, str],
    format: str = AUTO,
    source: str | None = None,
    campaign_id: str | None = None,
    accepts_guessable: bool = False,
) -> Upload:
    """Have the worker look through all of the file, and write nothing.

    Raises: NotFound, Refused (it is being worked on, is done with, or waits for an approval).
    """
    _require_changeable(file_id)
    audit.seals.change(
        CardImport,
        file_id,
        state="checking",
        mapping=dict(mapping),
        format=format,
        source=source,
        campaign_id=campaign_id,
        accepts_guessable=accepts_guessable,
        **_fresh(),
    )
    return find(file_id)


@transactional
def start(file_id: str, *, by: Actor) -> Upload:
    """Have the worker import the file that was checked.

    It counts as giving what its cards are worth: above a limit another person has to approve.

    Raises: NotFound, Refused (it was not checked), LimitExceeded.
    """
    upload = lock(file_id)
    _require(upload, ("checked",))
    gifts = [Gift(amount=total, email=None) for total in upload.totals]
    if gifts:
        request = Request(
            verb=limits.verbs.IMPORT,
            subject=file_id,
            amount=max(upload.totals, key=lambda total: total.minor),
            arguments={"details": _details(upload), "snapshot": upload.snapshot},
        )
        limits.require(gifts, by=by, request=request)
    audit.record(
        by=by,
        action=STARTED,
        subject=file_id,
        data={"cards": (upload.result or {}).get("cards", 0)},
    )
    audit.seals.change(CardImport, file_id, state="waiting", **_fresh(keeps_result=True))
    return find(file_id)


def is_started(file_id: str) -> bool:
    """Whether the log knows that somebody started the import, as far as their limit or another
    person allows."""
    is_start = (AuditEntry.subject == file_id) & (AuditEntry.action == STARTED)
    return bool(AuditEntry.select().where(is_start).exists())


def _details(upload: Upload) -> list[list[details.Kept]]:
    worth = lazy_gettext("Worth")
    return [
        details.row(lazy_gettext("File"), upload.name),
        *(details.row(worth, total) for total in upload.totals),
    ]


@transactional
def discard(file_id: str, *, by: Actor) -> None:
    """Forget a file that is not imported.

    Raises: NotFound, Refused (it is being worked on, is done with, or waits for an approval).
    """
    _require_changeable(file_id)
    content.drop(file_id)
    CardImport.update(state="discarded", finished_at=clock.now()).where(
        CardImport.id == file_id
    ).execute()
    audit.record(by=by, action="gift_card.import_discarded", subject=file_id)


def waits(file_id: str) -> bool:
    """Whether another person is still to approve its import."""
    return bool(_requests().where(Approval.subject == file_id).exists())


def _requests() -> ModelSelect:
    is_import = Approval.verb == limits.verbs.IMPORT
    return Approval.select(Approval.subject).where(is_import, Approval.status == "waiting")


def _require_changeable(file_id: str) -> None:
    _require(lock(file_id), CHANGEABLE)
    if waits(file_id):
        raise Refused(
            gettext(
                "The import of this file waits for another person's approval. To check it otherwise"
                " or to forget it, take that request back first."
            )
        )


def _require(upload: Upload, states: tuple[str, ...]) -> None:
    if upload.state not in states:
        raise Refused(gettext("This file is being worked on, or is done with."))


def _fresh(*, keeps_result: bool = False) -> dict[str, Any]:
    fresh: dict[str, Any] = {"done": 0, "total": 0, "leased_until": None}
    fresh |= {"language": language.current()}
    if not keeps_result:
        fresh |= {"result": None, "faults": None, "fault_count": 0}
    return fresh


def columns() -> tuple[str, ...]:
    """What a column of a file can be mapped to."""
    return cards.import_formats.COLUMNS


@transactional
def prune() -> int:
    """Drop the content of files that nobody has imported, or is asked about; how many."""
    old = (CardImport.created_at < clock.now() - KEPT) & CardImport.state.in_(
        ("uploading", *CHANGEABLE)
    )
    old &= CardImport.id.not_in(_requests())
    found = [file_id for (file_id,) in CardImport.select(CardImport.id).where(old).tuples()]
    for file_id in found:
        content.drop(file_id)
        CardImport.update(state="discarded", finished_at=clock.now()).where(
            CardImport.id == file_id
        ).execute()
    return len(found)
