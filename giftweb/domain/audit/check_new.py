"""What was written since the last run of the audit: the cards whose money has moved, from their
first transfer to their last (I4, I7, I35)."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from giftweb import database
from giftweb.database import guards
from giftweb.domain.audit import check_seals
from giftweb.models import FUNDED

CHECKS = ("I4 balances", "I6 guards", "I7 seals", "I35 parts of balances", "I42 closed months")
"""What such a run looks at. All else is for a full one."""

Found = tuple[str, str, str]

_AT_ONCE = 500
_MOVED = "SELECT DISTINCT card_id FROM transfer WHERE number > ? ORDER BY card_id"
_LATE = (
    "SELECT t.id FROM transfer t WHERE t.number > ? AND NOT t.is_test AND t.created_at <"
    " (SELECT COALESCE(MAX(ends_at), 0) FROM closed_month)"
)


def breaches(after: int) -> Iterator[Found]:
    """(check, row, what is wrong) of what has moved after the transfer of this number."""
    for name in (*guards.missing(), *guards.planted()):
        yield "I6 guards", name, "this guard is missing or changed, or it is not the program's"
    for (transfer_id,) in database.rows(_LATE, after):
        yield "I42 closed months", transfer_id, "it was dated into a month that is closed"
    moved = [card_id for (card_id,) in database.rows(_MOVED, after)]
    for start in range(0, len(moved), _AT_ONCE):
        yield from _of_cards(moved[start : start + _AT_ONCE])


def _of_cards(card_ids: Sequence[str]) -> Iterator[Found]:
    marks = database.placeholders(card_ids)
    accounts = {
        row[0]: row[1:]
        for row in database.rows(
            f"SELECT id, balance_minor, version, seal, {', '.join(FUNDED)} FROM account"
            f" WHERE id IN ({marks})",
            *card_ids,
        )
    }
    rows = database.rows(
        f"SELECT {', '.join(check_seals.TRANSFER)}, seal FROM transfer"
        f" WHERE card_id IN ({marks}) ORDER BY card_id, version",
        *card_ids,
    )
    for card_id, of_card in groupby(rows, key=lambda row: row[_CARD]):
        transfers = [list(row) for row in of_card]
        yield from check_seals.broken_links(transfers)
        yield from _account(card_id, transfers, accounts.get(card_id))


_COLUMNS = check_seals.TRANSFER
_CARD, _TO, _AMOUNT = (_COLUMNS.index(name) for name in ("card_id", "to_account", "amount_minor"))
_PARTS = [_COLUMNS.index(name) for name in FUNDED]


def _account(
    card_id: str, transfers: Sequence[list[Any]], account: Sequence[Any] | None
) -> Iterator[Found]:
    """The account against the sums of its transfers, and the seal of the last one."""
    if account is None:
        yield "I4 balances", card_id, "its account is gone"
        return
    balance, version, sealed, *parts = account
    signs = [1 if row[_TO] == card_id else -1 for row in transfers]
    moved = sum(sign * row[_AMOUNT] for sign, row in zip(signs, transfers, strict=True))
    if (balance, version) != (moved, len(transfers)):
        text = f"balance {balance}, version {version}; its transfers give {moved} in {len(signs)}"
        yield "I4 balances", card_id, text
    sums = [
        sum(sign * row[place] for sign, row in zip(signs, transfers, strict=True))
        for place in _PARTS
    ]
    if sums != parts:
        yield "I35 parts of balances", card_id, "the parts are not what its transfers leave"
    if bytes(sealed) != bytes(transfers[-1][-1]):
        yield "I7 seals", card_id, "the account's last seal is not its last transfer's"
