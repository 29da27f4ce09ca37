"""Where a card's money came from: sold, given, imported (D29, I35).

An account keeps how much of each source is left, a transfer how much of each it moves. The oldest
money is spent first, and a refund puts back what its capture took.
Source: docs/decisions/0026-where-money-came-from.md.
"""

import operator
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from peewee import fn

from giftweb.models import FUNDED, FUNDING, GiftCard, Transfer
from giftweb.money import Money

MinorBySource = tuple[int, ...]
"""Minor units by source, in the order of FUNDING."""


class SourceAmount(NamedTuple):
    """What of an amount has one source."""

    source: str
    amount: Money


NOTHING: MinorBySource = (0,) * len(FUNDING)


def by_source(parts: MinorBySource, currency: str) -> tuple[SourceAmount, ...]:
    """The amounts of the sources that any of it has."""
    found = zip(FUNDING, parts, strict=True)
    return tuple(SourceAmount(source, Money(minor, currency)) for source, minor in found if minor)


def only(source: str, amount_minor: int) -> MinorBySource:
    """The parts of an amount that has one source."""
    return tuple(amount_minor if each == source else 0 for each in FUNDING)


def add(parts: MinorBySource, more: MinorBySource) -> MinorBySource:
    """Both, source by source."""
    return tuple(map(operator.add, parts, more))


def subtract(parts: MinorBySource, less: MinorBySource) -> MinorBySource:
    """The first without the second, source by source."""
    return tuple(map(operator.sub, parts, less))


def _plain(parts: MinorBySource, amount_minor: int) -> MinorBySource | None:
    """The parts of an amount of these, where no order of spending matters."""
    if sum(parts) == amount_minor:
        return parts
    sources = [source for source, minor in zip(FUNDING, parts, strict=True) if minor]
    return only(sources[0], amount_minor) if len(sources) == 1 else None


# What a transfer moves


def parts_leaving(
    card_id: str, parts: MinorBySource, amount_minor: int, *, target: str, credit_id: str | None
) -> MinorBySource:
    """The parts of an amount that leaves a locked card for ``target``, the oldest money first.

    But what a credit is cancelled with is its own money first, and any other that goes back to a
    source is of that source first.
    """
    if (plain := _plain(parts, amount_minor)) is not None:
        return plain

    def is_other(remainder: Remainder) -> bool:
        return remainder.credit_id != credit_id if credit_id else remainder.source != target

    found = sorted(remainders(card_id, parts), key=is_other)
    return subtract(parts, _sums(after_spending(found, amount_minor)))


def parts_returning(capture_id: str, amount_minor: int) -> MinorBySource:
    """The parts of a refund: what the capture took and no refund has put back, newest first."""
    capture = Transfer.get(Transfer.id == capture_id)
    left = _parts(capture)
    back = (Transfer.parent == capture_id) & (Transfer.kind == "refund")
    for refund in Transfer.select().where(back):
        left = subtract(left, _parts(refund))
    if (plain := _plain(left, amount_minor)) is not None:
        return plain
    found = remainders(capture.card_id, left, before=capture.number)
    return subtract(left, _sums(after_spending(found[::-1], amount_minor)))


def _parts(transfer: Transfer) -> MinorBySource:
    return tuple(getattr(transfer, column) for column in FUNDED)


# What is left of each credit


class Remainder(NamedTuple):
    """What is left of a credit on a card: of an issue, a recharge or a correction upwards.

    ``credit_id`` is its transfer; None for money that has come back to a card of another credit.
    """

    credit_id: str | None
    source: str
    left_minor: int


_Credit = tuple[str, str, int]
"""The id of a credit, its source, and what of it is not cancelled."""


def remainders(card_id: str, parts: MinorBySource, *, before: int | None = None) -> list[Remainder]:
    """The credits of a card and what of the money on it is theirs, the oldest first.

    ``parts``: that money. ``before``: count only the transfers before this number.
    """
    return left_by_credit(credits_of(owners_of([card_id]), before=before)[card_id], parts)


def left_by_credit(credits: Iterable[_Credit], parts: MinorBySource) -> list[Remainder]:
    """``remainders`` of a card with these ``credits_of`` it."""
    left = dict(zip(FUNDING, parts, strict=True))
    found = []
    for credit_id, source, amount_minor in credits:
        minor = min(amount_minor, left[source])
        found.append(Remainder(credit_id, source, minor))
        left[source] -= minor
    found += [Remainder(None, source, minor) for source, minor in left.items() if minor]
    return found[::-1]


def left_of(credit_id: str, found: Sequence[Remainder]) -> int:
    """What is left of a credit, and of older money, which was to be spent before it.

    Raises: ValueError when it is none of the credits of ``found``.
    """
    ids = [remainder.credit_id for remainder in found]
    return sum(remainder.left_minor for remainder in found[: ids.index(credit_id) + 1])


def after_spending(found: Iterable[Remainder], amount_minor: int) -> list[Remainder]:
    """What is left of these once so much was taken of the first ones."""
    after = []
    for remainder in found:
        spent_minor = min(remainder.left_minor, amount_minor)
        amount_minor -= spent_minor
        after.append(remainder._replace(left_minor=remainder.left_minor - spent_minor))
    return after


def _sums(found: Iterable[Remainder]) -> MinorBySource:
    sums = dict.fromkeys(FUNDING, 0)
    for remainder in found:
        sums[remainder.source] += remainder.left_minor
    return tuple(sums.values())


def credits_of(
    owners: Mapping[str, str], *, before: int | None = None
) -> defaultdict[str, list[_Credit]]:
    """Each credit of the cards in ``owners_of``, by the card that has its money, newest first."""
    back = Transfer.alias()
    cancelled = back.select(fn.COALESCE(fn.SUM(back.amount_minor), 0)).where(
        back.parent_id == Transfer.id, back.kind == "cancel"
    )
    left = (Transfer.amount_minor - cancelled).cast("BIGINT")
    found = Transfer.select(Transfer.card_id, Transfer.id, Transfer.from_account, left).where(
        Transfer.from_account.in_(FUNDING), Transfer.card_id.in_(list(owners))
    )
    if before is not None:
        found = found.where(Transfer.number < before)
    credits: defaultdict[str, list[_Credit]] = defaultdict(list)
    for card_id, *credit in found.order_by(Transfer.number.desc()).tuples():
        credits[owners[card_id]].append(tuple(credit))
    return credits


def chain_of(card_id: str) -> list[str]:
    """The ids of a card and of those whose money it has, as it replaces them or they were merged
    into it; newest first."""
    return list(owners_of([card_id]))


def owners_of(card_ids: Iterable[str]) -> dict[str, str]:
    """The chains of several cards, of which none has the money of another: each card in them, and
    which of ``card_ids`` has its money now."""
    owners = {card_id: card_id for card_id in card_ids}
    newer = list(owners)
    while newer:
        found = _predecessors(newer)
        owners |= {older: owners[card_id] for older, card_id in found}
        newer = [older for older, _ in found]
    return owners


def _predecessors(newer: list[str]) -> list[tuple[str, str]]:
    """Each card whose money went to one of these, with that one."""
    card = GiftCard
    is_replacement = card.replaces_id.is_null(False)
    replaced = card.select(card.replaces_id, card.id).where(card.id.in_(newer), is_replacement)
    merged = card.select(card.id, card.merged_into_id).where(card.merged_into_id.in_(newer))
    return [*replaced.tuples(), *merged.order_by(card.id).tuples()]
