"""Staff issue cards: one or a batch, for customers or anybody, real or test (S13 to S28, D10)."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from giftweb import days
from giftweb.domain import cards, customers, emails, idempotency, limits, time_zones
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.customers.customers import Customer
from giftweb.domain.idempotency import Answer
from giftweb.domain.limits import Gift, Request
from giftweb.errors import DomainError, Invalid
from giftweb.language import count_text, gettext, lazy_gettext, ngettext
from giftweb.money import Money

LARGEST = 1000
LONGEST_NAME = 120
LONGEST_TEXT = 1000
ONCE_EACH, EVERY_ROW = "once", "every"
NOT_REGISTERED = lazy_gettext("This address belongs to no registered customer.")

_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>]*)>")


@dataclass(frozen=True, slots=True)
class Row:
    """Who gets a card, as it was typed; ``email`` may still be wrong."""

    email: str
    name: str = ""

    @property
    def text(self) -> str:
        """As ``read_list`` reads it back."""
        return f"{self.email}\t{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is about to be issued: a card of ``amount`` for each row.

    The three toggles may be on in any combination (S16). ``repeats`` answers what is done with an
    address that stands there twice: ``once`` or ``every``; empty while nobody has said (D10).
    """

    is_customer: bool
    is_batch: bool
    is_test: bool
    rows: tuple[Row, ...]
    amount: Money
    source: str = "goodwill"
    message: str = ""
    note: str = ""
    expires_on: date | None = None
    repeats: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft without faults. ``holders`` get a card each, ``repeated`` addresses come twice.

    ``above_limit``: why another person has to approve it; "" if nobody has to.
    """

    holders: tuple[Row, ...]
    repeated: tuple[tuple[str, int], ...]
    amount: Money
    above_limit: str = ""

    @property
    def total(self) -> Money:
        """What all of the cards are worth together."""
        return Money(self.amount.minor * len(self.holders), self.amount.currency)


def foresee(draft: Draft, *, by: Actor) -> Checked:
    """As ``check``, with what a limit would say to it now."""
    checked = check(draft, by=by)
    gifts = [
        Gift(amount=draft.amount, email=row.email, is_test=draft.is_test) for row in checked.holders
    ]
    return replace(checked, above_limit=limits.foresee(gifts, by=by))


def read_list(text: str) -> list[Row]:
    """A pasted list: addresses between commas, semicolons or line ends.

    ``Ann Smith <ann@example.com>`` and two columns of a spreadsheet bring the name along.
    """
    return [row for line in text.splitlines() for row in _read_line(line)]


def _read_line(line: str) -> Iterator[Row]:
    cells = [cell.strip() for cell in line.split("\t") if cell.strip()]
    if len(cells) == 2 and "@" in line and "," not in line:
        email, name = cells if "@" in cells[0] else cells[::-1]
        yield Row(email, name)
        return
    for part in re.split(r"[,;\t]", line):
        if part.strip():
            yield _read_part(part.strip())


def _read_part(part: str) -> Row:
    named = _NAMED.fullmatch(part)
    if named:
        return Row(named["email"].strip(), named["name"].strip(" \"'"))
    return Row(part)


def check(draft: Draft, *, by: Actor) -> Checked:
    """The draft with every address read, or every fault of it.

    Raises: Invalid with all faults: ``holder_email`` of a single card, ``rows`` of a batch, each
    bad row named by its place and what was typed.
    Source: S17, S18, S23 to S26, D10.
    """
    faults = [*_faults_of_terms(draft)]
    holders, faulty_rows = _read_rows(draft, by)
    faults += faulty_rows
    if faults:
        raise Invalid(errors=faults)
    counted = Counter(row.email for row in holders)
    repeated = tuple((email, count) for email, count in counted.items() if count > 1)
    if draft.repeats == ONCE_EACH:
        firsts: dict[str, Row] = {}
        for row in holders:
            firsts.setdefault(row.email, row)
        holders = list(firsts.values())
    return Checked(tuple(holders), repeated, draft.amount)


def _faults_of_terms(draft: Draft) -> Iterator[tuple[str, str]]:
    if draft.expires_on is not None and draft.expires_on < days.today(time_zones.of_house()):
        yield "expires_on", str(cards.validity.PAST)
    for field, text in (("message", draft.message), ("note", draft.note)):
        if len(text) > LONGEST_TEXT:
            yield (
                field,
                ngettext(
                    "Use {count} character or fewer.",
                    "Use {count} characters or fewer.",
                    LONGEST_TEXT,
                ),
            )


def check_rows(
    rows: Sequence[Row], *, is_customer: bool, by: Actor
) -> tuple[list[Row], dict[int, str]]:
    """The rows that can have a card, and what is wrong with the others, by their place from 1."""
    known = customers.find_by_emails(row.email for row in rows) if is_customer else None
    colleagues = cards.receivers.colleagues_of(by)
    holders, faults = [], {}
    for place, row in enumerate(rows, start=1):
        try:
            holders.append(_read_row(row, known, colleagues, by))
        except DomainError as fault:
            faults[place] = fault.sentence
    return holders, faults


def _read_rows(draft: Draft, by: Actor) -> tuple[list[Row], list[tuple[str, str]]]:
    field = "rows" if draft.is_batch else "holder_email"
    if not draft.rows:
        if draft.is_batch:
            return [], [(field, gettext("Add at least one address."))]
        return [], [(field, gettext("Enter the holder's email."))]
    if len(draft.rows) > (LARGEST if draft.is_batch else 1):
        most = count_text(LARGEST)
        return [], [(field, gettext("Issue at most {most} cards at a time.", most=most))]
    holders, faults = check_rows(draft.rows, is_customer=draft.is_customer, by=by)
    if not draft.is_batch:
        return holders, [(field, sentence) for sentence in faults.values()]
    return holders, [
        (
            field,
            gettext(
                "Row {row}, {email}: {fault}",
                row=place,
                email=draft.rows[place - 1].email,
                fault=sentence,
            ),
        )
        for place, sentence in faults.items()
    ]


def _read_row(
    row: Row, known: dict[str, Customer] | None, colleagues: frozenset[str], by: Actor
) -> Row:
    email = emails.read(row.email)
    if why := cards.receivers.refusal(email, by, colleagues=colleagues):
        raise why
    if len(row.name) > LONGEST_NAME:
        raise Invalid(
            gettext(
                "Use {longest_name} characters or fewer for the name.", longest_name=LONGEST_NAME
            )
        )
    if known is None:
        return Row(email, row.name)
    if email not in known:
        raise Invalid(NOT_REGISTERED)
    return Row(email, row.name or known[email].name)


def create(draft: Draft, *, key: str, by: Actor) -> tuple[str, ...]:
    """Issue the batch and mail each holder, or nothing at all (I25); the ids of the cards.

    The same ``key`` again gives the first batch again: **Create** pressed twice makes one.

    Raises: as ``check``; Invalid on ``repeats`` while nobody has said what is done with repeated
    addresses; IdempotencyKeyReused when the draft was changed meanwhile; LimitExceeded, with what
    another person may be asked for.
    """
    with limits.requested(lambda: _request(draft, check(draft, by=by).total)):
        answer = idempotency.once(
            lambda: _issue(draft, by),
            scope=f"desk:{by.id}:gift-cards",
            key=key,
            fingerprint=idempotency.fingerprint("gift-cards", repr(draft).encode()),
            is_test=draft.is_test,
        )
    return tuple(answer.body["cards"])


def _request(draft: Draft, total: Money) -> Request:
    arguments = {
        "is_customer": draft.is_customer,
        "is_batch": draft.is_batch,
        "rows": [[row.email, row.name] for row in draft.rows],
        "each": draft.amount.minor,
        "source": draft.source,
        "message": draft.message,
        "note": draft.note,
        "expires_on": draft.expires_on.isoformat() if draft.expires_on else None,
        "repeats": draft.repeats,
    }
    return Request(
        verb=limits.verbs.ISSUE,
        subject="new",
        amount=total,
        reason=draft.note or None,
        arguments=arguments,
    )


def _issue(draft: Draft, by: Actor) -> Answer:
    checked = check(draft, by=by)
    if checked.repeated and draft.repeats not in (ONCE_EACH, EVERY_ROW):
        raise Invalid(gettext("Say what to do with the repeated addresses."), field="repeats")
    issued = cards.issue_many([_new(draft, row) for row in checked.holders], by=by)
    return Answer(201, {"cards": [each.card.id for each in issued]})


def _new(draft: Draft, row: Row) -> NewCard:
    return NewCard(
        amount=draft.amount,
        holder_email=row.email,
        holder_name=row.name or None,
        is_test=draft.is_test,
        source=draft.source,
        message=draft.message or None,
        note=draft.note or None,
        expires_on=draft.expires_on,
    )
