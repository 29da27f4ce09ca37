"""What the transfers of a card leave on it, one after the other: how old its money is, since when
it is empty, when it was used last.

Source: docs/decisions/0026-where-money-came-from.md. Of each source the newest credits of a card,
and of those whose money it has, are what is left of it. Money that no credit explains has come back
from another card: it came with the card's first transfer.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from giftweb import database
from giftweb.models import FUNDED, FUNDING

_WITHDRAWN = ("cancel", "claw_back")
_AT_ONCE = 500


class Move(NamedTuple):
    """A transfer as a card's history reads it; ``effects`` by source, signed."""

    card_id: str
    number: int
    id: str
    kind: str
    parent_id: str | None
    origin: str
    at: int
    effects: tuple[int, ...]


COLUMNS = "t.card_id, t.number, t.id, t.kind, t.parent_id, t.from_account, t.created_at, " + (
    ", ".join(
        f"CASE WHEN t.to_account = t.card_id THEN t.{part} ELSE -t.{part} END" for part in FUNDED
    )
)


def move_of(row: Sequence[Any]) -> Move:
    """The move of a row that begins with COLUMNS."""
    card_id, number, transfer_id, kind, parent_id, origin, at, *rest = row
    effects = tuple(rest[: len(FUNDED)])
    return Move(card_id, number, transfer_id, kind, parent_id, origin, at, effects)


class Lot(NamedTuple):
    """Money of one source that came on a day; ``next_on``: the day of the next newer lot."""

    source: str
    came_on: str
    next_on: str


Lots = dict[Lot, int]


class Life(NamedTuple):
    """What a card counts for in the report on lives; days are since it, or its first, was made."""

    issued: int = 0
    ended: int = 0
    days_to_end: int = 0
    used: int = 0
    days_to_use: int = 0

    def minus(self, other: "Life") -> list[int]:
        """What has changed since."""
        return [now - before for now, before in zip(self, other, strict=True)]


@dataclass(slots=True)
class _Credit:
    day: str
    amount: int


@dataclass(slots=True)
class History:
    """A card after some of its transfers. ``older``: the cards whose money it has.

    ``replaced``: the one of them whose place it has taken: the two are one card that lives on.
    """

    older: Sequence["History"] = ()
    replaced: "History | None" = None
    is_merged: bool = False
    held: list[int] = field(default_factory=lambda: [0] * len(FUNDING))
    lots: Lots = field(default_factory=dict)
    life: Life = field(default_factory=Life)
    last_use: int | None = None
    _whole: Life = field(default_factory=Life)
    _before: Life = field(default_factory=Life)
    _began_on: str = ""
    _credits: dict[str, list[_Credit]] = field(default_factory=lambda: defaultdict(list))
    _by_id: dict[str, _Credit] = field(default_factory=dict)

    def add(self, move: Move, day: str, days_old: int) -> None:
        """The next transfer, which was on this day; the card, or its first, was so old then."""
        if not self._began_on:
            self._begin(move, day)
        self._count_credit(move, day)
        before = sum(self.held)
        self.held = [held + effect for held, effect in zip(self.held, move.effects, strict=True)]
        self.lots = self._left()
        self._live(self._lived(move, days_old, before))

    def _begin(self, move: Move, day: str) -> None:
        self._began_on = day
        for older in self.older:
            for source, credits in older._credits.items():
                self._credits[source].extend(credits)
        if len(self.older) > 1:
            for credits in self._credits.values():
                credits.sort(key=lambda credit: credit.day)
        self._live(Life(issued=1))
        before = self.replaced
        while before is not None and not before._began_on:
            before = before.replaced
        if before is not None:
            self.last_use, self._before = before.last_use, before._whole
            used = Life(issued=1, used=1, days_to_use=self.last_use or 0)
            self._live(Life(issued=1) if self.last_use is None else used)

    def _live(self, whole: Life) -> None:
        """Count for what the card has lived, with those before it, and they do not count for."""
        self._whole, self.life = whole, Life(*whole.minus(self._before))

    def _count_credit(self, move: Move, day: str) -> None:
        if move.origin in FUNDING:
            credit = _Credit(day, sum(move.effects))
            self._credits[move.origin].append(credit)
            self._by_id[move.id] = credit
        elif move.kind == "cancel" and move.parent_id in self._by_id:
            self._by_id[move.parent_id].amount += sum(move.effects)

    def _left(self) -> Lots:
        found: Lots = {}
        for source, held in zip(FUNDING, self.held, strict=True):
            if not held:
                continue
            next_on = ""
            for day, amount in sorted(self._by_day(source, held).items(), reverse=True):
                found[Lot(source, day, next_on)] = amount
                next_on = day
        return found

    def _by_day(self, source: str, held: int) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for credit in reversed(self._credits.get(source, ())):
            part = min(held, credit.amount)
            if part:
                found[credit.day] += part
                held -= part
            if not held:
                return found
        found[self._began_on] += held
        return found

    def _lived(self, move: Move, days_old: int, before: int) -> Life:
        life, left = self._whole, sum(self.held)
        if move.kind == "capture":
            self.last_use = days_old
            life = life._replace(used=1, days_to_use=days_old)
        if left:
            return life._replace(ended=0, days_to_end=0) if not before else life
        if move.kind == "replace" and not self.is_merged:
            return life._replace(used=0, days_to_use=0)
        if move.kind == "replace" or (move.kind in _WITHDRAWN and not life.used):
            return Life()
        return life._replace(ended=1, days_to_end=days_old)


def older_cards(card_ids: Iterable[str]) -> dict[str, list[str]]:
    """Of each card that has another's money, the cards that it has it of."""
    found: dict[str, list[str]] = {}
    wanted = sorted(set(card_ids))
    while wanted:
        links: dict[str, list[str]] = defaultdict(list)
        for start in range(0, len(wanted), _AT_ONCE):
            for newer, older in _links(wanted[start : start + _AT_ONCE]):
                links[newer].append(older)
        found.update({newer: sorted(older) for newer, older in links.items()})
        wanted = sorted({card for older in links.values() for card in older} - found.keys())
    return found


def _links(card_ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    marks = database.placeholders(card_ids)
    yield from database.rows(
        f"SELECT id, replaces_id FROM gift_card WHERE replaces_id IS NOT NULL AND id IN ({marks})"
        f" UNION ALL SELECT merged_into_id, id FROM gift_card WHERE merged_into_id IN ({marks})",
        *card_ids,
        *card_ids,
    )
