"""Where a card's money came from: sold, given, imported (D29, I35).

An account keeps how much of each source is left, a transfer how much of each it moves. The oldest
money is spent first, and a refund puts back what its capture took.
Source: docs/decisions/0026-where-money-came-from.md.
"""

from collections.abc import Iterable, Sequence
from operator import add, sub
from typing import NamedTuple

from peewee import Expression, fn

from giftweb.models import FUNDED, FUNDING, GiftCard, Transfer
from giftweb.money import Money

Parts = tuple[int, ...]
"""Minor units by source, in the order of FUNDING."""


class Part(NamedTuple):
    """What of an amount has one source."""

    source: str
    amount: Money


NOTHING: Parts = (0,) * len(FUNDING)


def of_sources(parts: Parts, currency: str) -> tuple[Part, ...]:
    """The amounts of the sources that any of it has."""
    found = zip(FUNDING, parts, strict=True)
    return tuple(Part(source, Money(minor, currency)) for source, minor in found if minor)


def only(source: str, amount_minor: int) -> Parts:
    """The parts of an amount that has one source."""
    return tuple(amount_minor if each == source else 0 for each in FUNDING)


def added(parts: Parts, more: Parts) -> Parts:
    """Both, source by source."""
    return tuple(map(add, parts, more))


def without(parts: Parts, less: Parts) -> Parts:
    """The first without the second, source by source."""
    return tuple(map(sub, parts, less))


def _plain(parts: Parts, amount_minor: int) -> Parts | None:
    """The parts of an amount of these, where no order of spending matters."""
    if sum(parts) == amount_minor:
        return parts
    sources = [source for source, minor in zip(FUNDING, parts, strict=True) if minor]
    return only(sources[0], amount_minor) if len(sources) == 1 else None


# What a transfer moves


def taken(
    card_id: str, parts: Parts, amount_minor: int, *, target: str, credit_id: str | None
) -> Parts:
    """The parts of an amount that leaves a locked card for ``target``, the oldest money first.

    But what a credit is cancelled with is its own money first, and any other that goes back to a
    source is of that source first.
    """
    if (plain := _plain(parts, amount_minor)) is not None:
        return plain

    def is_other(lot: Lot) -> bool:
        return lot.credit_id != credit_id if credit_id else lot.source != target

    found = sorted(lots(card_id, parts), key=is_other)
    return without(parts, _sums(without_first(found, amount_minor)))


def given_back(capture_id: str, amount_minor: int) -> Parts:
    """The parts of a refund: what the capture took and no refund has put back, newest first."""
    capture = Transfer.get(Transfer.id == capture_id)
    left = _parts(capture)
    back = (Transfer.parent == capture_id) & (Transfer.kind == "refund")
    for refund in Transfer.select().where(back):
        left = without(left, _parts(refund))
    if (plain := _plain(left, amount_minor)) is not None:
        return plain
    found = lots(capture.card_id, left, before=capture.number)
    return without(left, _sums(without_first(found[::-1], amount_minor)))


def _parts(transfer: Transfer) -> Parts:
    return tuple(getattr(transfer, column) for column in FUNDED)


# What is left of each credit


class Lot(NamedTuple):
    """What is left of a credit on a card: of an issue, a recharge or a correction upwards.

    ``credit_id`` is its transfer; None for money that has come back to a card of another credit.
    """

    credit_id: str | None
    source: str
    left_minor: int


def lots(card_id: str, parts: Parts, *, before: int | None = None) -> list[Lot]:
    """The credits of a card and what of the money on it is theirs, the oldest first.

    ``parts``: that money. ``before``: count only the transfers up to this number.
    """
    left = dict(zip(FUNDING, parts, strict=True))
    found = []
    for credit_id, source, amount_minor in _credits(card_id, before):
        part = min(amount_minor, left[source])
        found.append(Lot(credit_id, source, part))
        left[source] -= part
    found += [Lot(None, source, minor) for source, minor in left.items() if minor]
    return found[::-1]


def left_of(credit_id: str, found: Sequence[Lot]) -> int:
    """What is left of a credit, and of older money, which was to be spent before it."""
    ids = [lot.credit_id for lot in found]
    return sum(lot.left_minor for lot in found[: ids.index(credit_id) + 1])


def without_first(found: Iterable[Lot], amount_minor: int) -> list[Lot]:
    """What is left of these once so much was taken of the first ones."""
    after = []
    for lot in found:
        part = min(lot.left_minor, amount_minor)
        amount_minor -= part
        after.append(lot._replace(left_minor=lot.left_minor - part))
    return after


def _sums(found: Iterable[Lot]) -> Parts:
    sums = dict.fromkeys(FUNDING, 0)
    for lot in found:
        sums[lot.source] += lot.left_minor
    return tuple(sums.values())


def _credits(card_id: str, before: int | None) -> Sequence[tuple[str, str, int]]:
    """Each credit, the newest first: its id, its source, and what of it is not cancelled."""
    back = Transfer.alias()
    cancelled = back.select(fn.COALESCE(fn.SUM(back.amount_minor), 0)).where(
        back.parent_id == Transfer.id, back.kind == "cancel"
    )
    left = (Transfer.amount_minor - cancelled).cast("BIGINT")
    found = Transfer.select(Transfer.id, Transfer.from_account, left).where(
        Transfer.from_account.in_(FUNDING), of_chain(card_id)
    )
    if before is not None:
        found = found.where(Transfer.number < before)
    return list(found.order_by(Transfer.number.desc()).tuples())


def of_chain(card_id: str) -> Expression:
    """Transfers of a card and of those that it replaces."""
    newest = GiftCard.select(GiftCard.id).where(GiftCard.id == card_id)
    chain = newest.cte("chain", recursive=True, columns=("id",))
    older = GiftCard.alias()
    replaced = older.select(older.replaces_id).join(chain, on=older.id == chain.c.id)
    chain = chain.union_all(replaced.where(older.replaces_id.is_null(False)))
    return Transfer.card_id.in_(chain.select_from(chain.c.id))
