"""What the worker does with a file: look through all of it, then import all of it or nothing."""

import logging
import time
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from giftweb import clock, language
from giftweb.database import transactional
from giftweb.domain import cards, staff
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.domain.csv_sheets import RowsRefused
from giftweb.domain.imports import content, files
from giftweb.domain.imports.files import Upload
from giftweb.errors import DomainError, Refused
from giftweb.language import gettext
from giftweb.models import CardImport

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
"""After so long without a sign another worker takes the file over."""

MOST_FAULTS = 200
_REPORT_SECONDS = 1


def next_file() -> int:
    """Work on the next file that waits; 0 when none does."""
    upload = _claim()
    if upload is None:
        return 0
    with language.use(upload.language or language.ENGLISH):
        _work_on(upload)
    return 1


def _work_on(upload: Upload) -> None:
    try:
        if upload.state == "checking":
            _check(upload)
        else:
            _import(upload)
    except DomainError as error:
        _refuse(upload, error)
    except Exception:
        log.exception("The file %s could not be imported", upload.id)
        _end(upload, "failed")


@transactional
def _claim() -> Upload | None:
    now = clock.now()
    is_due = CardImport.state.in_(files.BUSY) & (
        CardImport.leased_until.is_null() | (CardImport.leased_until < now)
    )
    due = CardImport.select(CardImport.id).where(is_due).order_by(CardImport.created_at).first()
    if due is None:
        return None
    claim = CardImport.update(leased_until=now + LEASE).where(CardImport.id == due.id, is_due)
    return files.find(due.id) if claim.execute() else None


def _check(upload: Upload) -> None:
    """Read all of it; nothing is written but how far it is."""
    found = cards.import_file.check_content(
        content.sheet_of(upload.id),
        terms=upload.terms,
        by=_actor(upload),
        progress=_Progress(upload.id),
    )
    _end(upload, "checked", result=asdict(found))


def _import(upload: Upload) -> None:
    if not files.is_started(upload.id):
        raise Refused(gettext("Nobody has started this import."))
    _set(upload.id, state="writing")
    with cards.import_file.prepare_content(
        content.sheet_of(upload.id),
        terms=upload.terms,
        by=_actor(upload),
        progress=_Progress(upload.id),
    ) as prepared:
        _write(upload, prepared)


@transactional
def _write(upload: Upload, prepared: cards.import_file.Prepared) -> None:
    """All of its cards and its own end, in one transaction; no others than were shown.

    Raises: as ``prepared.write``; Refused (the file comes to something else by now).
    """
    found = prepared.write()
    if found.totals != (upload.result or {}).get("totals"):
        raise Refused(
            gettext("The file comes to something else than when it was checked. Check it again.")
        )
    content.drop(upload.id)
    _end(upload, "done", result=asdict(found), finished_at=clock.now())


def _refuse(upload: Upload, error: DomainError) -> None:
    """Keep what is wrong with it for the page."""
    if isinstance(error, RowsRefused):
        cells = error.details["cells"]
        faults = [[cell.row, cell.column, cell.reason] for cell in cells[:MOST_FAULTS]]
        count = len(cells)
    else:
        faults, count = [[0, "", error.sentence]], 1
    _end(upload, "refused", faults=faults, fault_count=count, result=None)


def _actor(upload: Upload) -> Actor:
    """Whoever has uploaded it."""
    person = staff.find(upload.staff_id)
    return Actor("staff", person.id, person.name, person.role, person.email)


class _Progress:
    """Writes how far a file is, each second."""

    def __init__(self, file_id: str):
        self._file_id = file_id
        self._next = time.monotonic()

    def __call__(self, step: str, done: int, total: int) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _REPORT_SECONDS
        _set(self._file_id, done=done, total=total, leased_until=clock.now() + LEASE)


def _end(upload: Upload, state: str, **changes: Any) -> None:
    _set(upload.id, state=state, leased_until=None, **changes)


@transactional
def _set(file_id: str, **changes: Any) -> None:
    seals.change(CardImport, file_id, **changes)
