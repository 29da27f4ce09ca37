"""The rows of imported cards, as ``cards.issue`` writes them (B8).

They are made in a process of their own: nothing here asks the database.
"""

from collections.abc import Generator, Iterator
from dataclasses import astuple
from functools import lru_cache
from typing import NamedTuple

from giftweb import clock, codes, ids, keys
from giftweb.database import bulk
from giftweb.domain import audit, ledger
from giftweb.domain.cards import import_sheet
from giftweb.domain.cards.import_sheet import Imported, Portion, Row
from giftweb.domain.csv_sheets import RowsRefused
from giftweb.errors import Invalid
from giftweb.keys import CodeKeys

SOURCE, ORIGIN = "imports", "import"
ACCOUNT, TRANSFER = ledger.ACCOUNT, ledger.TRANSFER
GIFT_CARD = (
    *audit.seals.SEALED["gift_card"],
    *("seal", "code_index", "code_sealed", "key_version"),
)
"""The columns of the three tables in the order in which the rows have them."""

Own = tuple[int, str | None, list[bytes]]
"""A code that the file brings: its row, the format it registers, its index under each version."""


def own_codes(portion: Portion) -> list[Own]:
    """The codes that stand in the file; rows without one get one of ours."""
    versions = keys.ring().in_turn
    return [
        (
            number,
            None if codes.is_ours(row[1]) else codes.format_of(row[1]),
            [codes.index(row[1], version) for version in versions],
        )
        for row, number in zip(portion.rows, portion.numbers, strict=True)
        if row[1] is not None
    ]


class Made(NamedTuple):
    """The rows of a portion as ``cards.issue`` writes them; or why the file is refused."""

    row: int = 0
    found: tuple = ()
    own: list[Own] = []
    accounts: bulk.Lot = b""
    transfers: bulk.Lot = b""
    cards: bulk.Lot = b""
    mails: list[tuple[str, str, bool]] = []
    refused: str = ""
    bad: list[tuple[int, str, str]] = []


def made(content: bytes, audit_id: str, *, size: int) -> Generator[tuple, None, None]:
    """The file's rows as Made, ``size`` cards at a time; as plain tuples, for another process."""
    at, found = clock.micros(), Imported()
    try:
        for portion in import_sheet.portions(content, size=size):
            found.add(portion.rows)
            yield tuple(_made_of(portion, found, audit_id=audit_id, at=at))
    except RowsRefused as refused:
        bad = [(cell.row, cell.column, cell.reason) for cell in refused.details["cells"]]
        yield tuple(Made(refused=refused.sentence, bad=bad))
    except Invalid as refused:
        yield tuple(Made(refused=refused.sentence))


def _made_of(portion: Portion, found: Imported, *, audit_id: str, at: int) -> Made:
    count = len(portion.rows)
    card_ids = ids.new_many("gc", count)
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
            portion.rows, card_ids, ids.new_many("txn", count), strict=True
        )
    ]
    return Made(
        row=portion.numbers[-1],
        found=astuple(found),
        own=own_codes(portion),
        accounts=bulk.lot(account for account, _ in opened),
        transfers=bulk.lot(transfer for _, transfer in opened),
        cards=bulk.lot(_gift_cards(portion.rows, card_ids, at)),
        mails=[
            (card_id, row[2] or "", row[7])
            for row, card_id in zip(portion.rows, card_ids, strict=True)
            if row[8]
        ],
    )


def _gift_cards(rows: list[Row], card_ids: list[str], at: int) -> Iterator[bulk.Row]:
    newest = keys.ring().newest
    known = _indexed(rows, newest)
    sealed = codes.seal_many([code for _, code in known], card_ids)
    for row, card_id, (index, code), copy in zip(rows, card_ids, known, sealed, strict=True):
        amount, _, email, name, expires_on, note, message, is_test, _ = row
        told = (  # in the order of row_seals.SEALED
            *(card_id, amount.currency, is_test, code[-4:], "virtual", ORIGIN, SOURCE, "open"),
            *(amount.minor, None, None, None, None, email, name, None, None, message, note),
            *(expires_on, at),
        )
        text = _card_text(amount.currency, is_test, at) % (
            *(card_id, code[-4:], amount.minor, email or bulk.NOTHING, name or bulk.NOTHING),
            *(message or bulk.NOTHING, note or bulk.NOTHING, expires_on or bulk.NOTHING),
        )
        yield told, text, (audit.seals.of_text("gift_card", text), index, copy, newest.version)


@lru_cache(maxsize=64)
def _card_text(currency: str, is_test: bool, at: int) -> str:
    """The row ``spelled`` but for what differs from card to card."""
    return bulk.spelled(
        (
            *("%s", currency, is_test, "%s", "virtual", ORIGIN, SOURCE, "open", "%s"),
            *(None, None, None, None, "%s", "%s", None, None, "%s", "%s", "%s", at),
        )
    )


def _indexed(rows: list[Row], newest: CodeKeys) -> list[tuple[bytes, str]]:
    """Each row's code with its index. Ours come in the order of their indexes, which tells nobody
    anything about a code, so that the database adds neighbours of its index one after the other."""
    ours = codes.generate_many(sum(row[1] is None for row in rows))
    fresh = iter(sorted((codes.index(code, newest), code) for code in ours))
    return [(codes.index(row[1], newest), row[1]) if row[1] else next(fresh) for row in rows]
