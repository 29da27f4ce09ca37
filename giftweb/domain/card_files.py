"""Cards from a CSV file and back: all of a file or nothing of it (B8). See docs/import.md."""

import csv
import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, TextIO

from giftweb import bulk, clock, codes, database, ids, keys
from giftweb.ahead import ahead
from giftweb.domain import audit, card_sheets, idempotency, ledger, outbox, sheets
from giftweb.domain import card_values as values
from giftweb.domain.audit import Actor
from giftweb.domain.card_sheets import Row, Sheet
from giftweb.domain.idempotency import Answer
from giftweb.domain.sheets import BadCell
from giftweb.errors import Refused
from giftweb.money import Money, decimal_text

SOURCE, ORIGIN = "imports", "import"
SCOPE = "card_file"
_PORTION = 5000
_ASKED_AT_ONCE = 500

Progress = Callable[[str, int, int], None]
"""Told the step, how much of it is done and how much there is."""


class FileImportedBefore(Refused):
    """This very file was imported on {day}: {cards} cards. Nothing was imported again."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds: how many cards, how many of them test cards, and the real money."""

    cards: int
    test_cards: int
    totals: tuple[Money, ...]

    def to_object(self) -> dict[str, Any]:
        """For the answer that is kept with the file's key."""
        return {
            "cards": self.cards,
            "test_cards": self.test_cards,
            "totals": {total.currency: total.minor for total in self.totals},
        }


def _silent(step: str, done: int, total: int) -> None:
    """Nobody watches."""


# In


def check_file(content: bytes, *, progress: Progress = _silent) -> Imported:
    """What ``import_file`` would import. Nothing is written.

    Raises: as ``import_file``.
    """
    return _summary(_checked(content, progress))


def import_file(content: bytes, *, by: Actor, progress: Progress = _silent) -> Imported:
    """Issue every card of a CSV file, or none; rows without a code get one of ours.

    Raises: RowsRefused naming each bad cell, FileImportedBefore, Invalid when it is no such file.
    Source: B8, D9, I25, I28.
    """
    sheet = _checked(content, progress)
    summary, own = _summary(sheet), _own_codes(sheet)

    def issue() -> Answer:
        _require_new(own)
        _register_formats(own)
        _issue(sheet, summary, digest, by=by, progress=progress)
        return Answer(201, summary.to_object())

    digest = _digest(content)
    with _collector_resting():
        answer = idempotency.once(
            issue,
            scope=SCOPE,
            key=digest,
            fingerprint=digest,
            is_test=summary.test_cards == summary.cards,
        )
    if answer.is_replay:
        raise _imported_before(answer)
    return summary


@contextmanager
def _collector_resting() -> Iterator[None]:
    """Hundreds of thousands of rows are no cycles to look for: a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _imported_before(answer: Answer) -> FileImportedBefore:
    day = clock.from_micros(answer.created_at).date().isoformat()
    return FileImportedBefore(day=day, cards=answer.body["cards"])


def _checked(content: bytes, progress: Progress) -> Sheet:
    size = content.count(b"\n")
    sheet = card_sheets.read(content, progress=lambda rows: progress("Checking", rows, size))
    progress("Checking", size, size)
    before = idempotency.answer_of(scope=SCOPE, key=_digest(content))
    if before is not None:
        raise _imported_before(before)
    _require_new(_own_codes(sheet))
    return sheet


def _summary(sheet: Sheet) -> Imported:
    totals: dict[str, int] = {}
    for amount, *_, is_test, _send in sheet.rows:
        if not is_test:
            totals[amount.currency] = totals.get(amount.currency, 0) + amount.minor
    return Imported(
        cards=len(sheet.rows),
        test_cards=sum(row[7] for row in sheet.rows),
        totals=tuple(Money(minor, currency) for currency, minor in sorted(totals.items())),
    )


# Codes


def _own_codes(sheet: Sheet) -> dict[str, int]:
    """The codes that the file brings, each with its row."""
    return {
        row[1]: number
        for row, number in zip(sheet.rows, sheet.numbers, strict=True)
        if row[1] is not None
    }


def _require_new(own: dict[str, int]) -> None:
    """Refuse codes that a card has already, under any version of the keys."""
    bad = []
    for version in keys.ring().in_turn:
        for portion in _portions(own.items(), _ASKED_AT_ONCE):
            asked = {codes.index(code, version): number for code, number in portion}
            found = database.rows(
                f"SELECT code_index FROM gift_card WHERE code_index IN ({database.marks(portion)})",
                *asked,
            )
            bad += [
                BadCell(asked[bytes(index)], "code", "a card has this code already")
                for (index,) in found
            ]
    sheets.refuse(bad)


def _register_formats(own: dict[str, int]) -> None:
    for name in sorted({codes.format_of(code) for code in own if not codes.is_ours(code)}):
        database.execute(
            "INSERT INTO code_format (format, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
            name,
            clock.micros(),
        )


# Rows


def _issue(sheet: Sheet, summary: Imported, digest: str, *, by: Actor, progress: Progress) -> None:
    audit_id = audit.record(
        by=by,
        action="gift_card.imported",
        subject=f"file_{digest[:32]}",
        data=summary.to_object() | {"source": SOURCE},
        is_test=summary.test_cards == summary.cards,
    )
    made, done = _made(sheet.rows, audit_id), 0
    for accounts, transfers, cards, mails in ahead(made) if summary.cards > _PORTION else made:
        bulk.load("account", ledger.ACCOUNT, accounts)
        bulk.load("transfer", ledger.OPENING, transfers)
        bulk.load("gift_card", _GIFT_CARD, cards)
        for card_id, address, is_test in mails:
            outbox.mail("card_issued", to=address, card_id=card_id, is_test=is_test)
        done += len(cards)
        progress("Issuing", done, summary.cards)


_Made = tuple[list[tuple], list[tuple], list[tuple], list[tuple[str, str, bool]]]
"""Rows of account, transfer and gift_card, and the mails to queue."""


def _made(rows: list[Row], audit_id: str) -> Iterator[_Made]:
    """What ``cards.issue`` writes for each row, a portion at a time."""
    at = clock.micros()
    for portion in _portions(rows, _PORTION):
        card_ids = ids.new_many("gc", len(portion))
        opened = [
            ledger.opening(
                card_id,
                transfer_id,
                source=SOURCE,
                amount_minor=row[0].minor,
                currency=row[0].currency,
                is_test=row[7],
                audit_id=audit_id,
                at=at,
            )
            for row, card_id, transfer_id in zip(
                portion, card_ids, ids.new_many("txn", len(portion)), strict=True
            )
        ]
        yield (
            [account for account, _ in opened],
            [transfer for _, transfer in opened],
            list(_gift_cards(portion, card_ids, at)),
            [
                (card_id, row[2] or "", row[7])
                for row, card_id in zip(portion, card_ids, strict=True)
                if row[8]
            ],
        )


_GIFT_CARD = (
    *("id", "currency", "is_test", "last4", "type", "origin", "source", "state", "initial_minor"),
    *("holder_email", "holder_name", "message", "note"),
    *("code_index", "code_sealed", "key_version", "expires_on", "created_at"),
)
"""The columns that an import fills; the others stay NULL."""


def _gift_cards(portion: list[Row], card_ids: list[str], at: int) -> Iterator[tuple]:
    newest = keys.ring().newest
    fresh = iter(codes.generate_many(sum(row[1] is None for row in portion)))
    for row, card_id in zip(portion, card_ids, strict=True):
        amount, own, email, name, expires_on, note, message, is_test, _ = row
        code = own or next(fresh)
        yield (
            *(card_id, amount.currency, is_test, code[-4:], "virtual", ORIGIN, SOURCE, "open"),
            *(amount.minor, email, name, message, note),
            *(codes.index(code, newest), codes.seal(code, card_id), newest.version),
            *(expires_on, at),
        )


def _portions(items: Iterable, size: int) -> Iterator[list]:
    waiting = iter(items)
    while portion := list(islice(waiting, size)):
        yield portion


# Out


EXPORTED = (
    *("id", "last4", "test", "status", "currency", "amount", "balance", "held"),
    *("origin", "source", "holder_email", "holder_name", "expires_on", "note", "message"),
    *("campaign_id", "created_at"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def export_file(file: TextIO, *, progress: Progress = _silent) -> int:
    """Write every card as it stands at one moment; how many. Never a code (I28)."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(EXPORTED)
    done = 0
    with database.snapshot():
        total = database.scalar("SELECT COUNT(*) FROM gift_card")
        for portion in _pages():
            writer.writerows([[_cell(cell) for cell in _exported(card)] for card in portion])
            done += len(portion)
            progress("Writing", done, total)
    return done


def _pages() -> Iterator[list[values.Card]]:
    after = ""
    while portion := values.select("WHERE g.id > ? ORDER BY g.id LIMIT ?", after, _PORTION):
        yield portion
        after = portion[-1].id


def _exported(card: values.Card) -> tuple[str | None, ...]:
    shown = card.to_object()
    return (
        *(card.id, card.last4, "yes" if card.is_test else "no", card.status, card.currency),
        *(
            decimal_text(minor, card.currency)
            for minor in (card.initial_minor, card.balance_minor, card.held_minor)
        ),
        *(card.origin, card.source, card.holder_email, card.holder_name, shown["expires_on"]),
        *(card.note, card.message, card.campaign_id, shown["created_at"]),
    )


def _cell(text: str | None) -> str:
    """A cell that no spreadsheet runs as a formula."""
    return "" if text is None else "'" + text if text.startswith(_FORMULA) else text
