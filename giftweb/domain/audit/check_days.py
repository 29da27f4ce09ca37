"""The live transfers counted by the day on which they happened in a time zone (D25)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from giftweb import clock, database, days
from giftweb.domain.audit import check_histories
from giftweb.domain.audit.check_histories import History, Lots, Move
from giftweb.models import FUNDING


class Group(NamedTuple):
    """What is counted together; the columns of DailySum. Empty text stands for none."""

    day: str
    currency: str
    campaign_id: str
    acceptor_id: str
    source: str
    kind: str
    cohort: str


class AgeGroup(NamedTuple):
    """Money that came on a day, by the day on which it moved; the columns of DailyAge."""

    day: str
    currency: str
    campaign_id: str
    source: str
    came_on: str
    next_on: str


class LifeGroup(NamedTuple):
    """Cards of a month of issue, by the day on which they moved; the columns of DailyLife."""

    day: str
    currency: str
    campaign_id: str
    cohort: str


Counts = dict[Group, list[int]]
"""By group: the effect on what is owed, and how many more cards hold money of the source."""

Ages = dict[AgeGroup, list[int]]
"""By group: how much more of the money is left, and how many more cards hold any of it."""


class Counted(NamedTuple):
    """What a range of transfers comes to: by day, by the age of the money, by the cards' lives."""

    sums: Counts
    ages: Ages
    lives: dict[LifeGroup, list[int]]

    @classmethod
    def nothing(cls) -> "Counted":
        """No transfers."""
        return cls(
            defaultdict(lambda: [0, 0]),
            defaultdict(lambda: [0, 0]),
            defaultdict(lambda: [0] * len(check_histories.Life._fields)),
        )

    def add(self, other: "Counted") -> None:
        """Count those of another range, too."""
        pairs: Any = zip(self, other, strict=True)
        for own, others in pairs:
            for group, values in others.items():
                _add(own[group], values)


_QUARTER = 15 * 60 * 1_000_000
"""The days of every zone begin with a quarter of an hour in UTC, since 1972."""

_CARD = "g.created_at, g.replaces_id, g.merged_into_id"
_MOVED = (
    f"SELECT {check_histories.COLUMNS}, t.currency, COALESCE(g.campaign_id, ''),"
    f" COALESCE(o.campaign_id, ''), {_CARD}"
    " FROM (SELECT DISTINCT card_id FROM transfer WHERE number > ? AND number <= ?"
    " AND NOT is_test) m CROSS JOIN transfer t JOIN gift_card g ON g.id = t.card_id"
    " LEFT JOIN orders o ON o.id = t.order_id"
    " WHERE t.card_id = m.card_id AND t.number <= ? ORDER BY t.card_id, t.version"
)
"""CROSS JOIN: SQLite begins with the cards that have moved, however few or many they are."""

_AT_ONCE = 500


def last_number() -> int:
    """The number of the last transfer that is there."""
    return database.scalar("SELECT COALESCE(MAX(number), 0) FROM transfer")


def count(zone: str, *, after: int, to: int) -> Counted:
    """The transfers of live money after one number, up to another, by group.

    Whether a card begins or ceases to hold money of a source depends on what it held before, and
    how old the money is on what came: so the whole history of each card that has moved is read.
    """
    counted = Counted.nothing()
    if to <= after:
        return counted
    rows = database.rows(_MOVED, after, to, to)
    cards = [(card_id, list(found)) for card_id, found in groupby(rows, key=lambda row: row[0])]
    family = _Family(zone, to, [card_id for card_id, _ in cards])
    for card_id, found in cards:
        _count_card(counted, family, card_id, found, after)
    return counted


class _About(NamedTuple):
    """A card: when it was issued, in whose place, and into which one it was merged."""

    issued: int
    replaces: str | None
    merged_into: str | None


class _Family:
    """The cards whose money other cards have, each with its history."""

    def __init__(self, zone: str, to: int, card_ids: Sequence[str]):
        self.zone = zone
        self._older = check_histories.older_cards(card_ids)
        self._about: dict[str, _About] = {}
        self._rows: dict[str, list[Any]] = {}
        self._known: dict[str, History] = {}
        wanted = sorted({card for older in self._older.values() for card in older})
        for start in range(0, len(wanted), _AT_ONCE):
            self._read(wanted[start : start + _AT_ONCE], to)

    def _read(self, card_ids: Sequence[str], to: int) -> None:
        marks = database.placeholders(card_ids)
        cards = f"SELECT g.id, {_CARD} FROM gift_card g WHERE g.id IN ({marks})"
        self._about |= {row[0]: _About(*row[1:]) for row in database.rows(cards, *card_ids)}
        rows = database.rows(
            f"SELECT {check_histories.COLUMNS} FROM transfer t WHERE t.card_id IN ({marks})"
            " AND t.number <= ? ORDER BY t.card_id, t.version",
            *card_ids,
            to,
        )
        self._rows |= {card_id: list(of) for card_id, of in groupby(rows, key=lambda row: row[0])}

    def begin(self, card_id: str, about: _About) -> History:
        """A card before its first transfer."""
        return History(
            older=[self._history(older) for older in self._older.get(card_id, ())],
            replaced=None if about.replaces is None else self._history(about.replaces),
            is_merged=about.merged_into is not None,
        )

    def first_day(self, about: _About) -> str:
        """The day on which the card was made, or the first one that it follows."""
        while about.replaces is not None:
            about = self._about[about.replaces]
        return _day(about.issued, self.zone)

    def _history(self, card_id: str) -> History:
        if card_id not in self._known:
            about = self._about[card_id]
            history, first = self.begin(card_id, about), self.first_day(about)
            for row in self._rows.get(card_id, ()):
                move = check_histories.move_of(row)
                day = _day(move.at, self.zone)
                history.add(move, day, _days_between(first, day))
            self._known[card_id] = history
        return self._known[card_id]


def _count_card(
    counted: Counted, family: _Family, card_id: str, rows: Sequence[Any], after: int
) -> None:
    *_, currency, campaign, _, issued, replaces, merged = rows[0]
    about = _About(issued, replaces, merged)
    history, first = family.begin(card_id, about), family.first_day(about)
    for row in rows:
        move = check_histories.move_of(row)
        day = _day(move.at, family.zone)
        held, lots, life = history.held, history.lots, history.life
        history.add(move, day, _days_between(first, day))
        if move.number <= after:
            continue
        group = Group(day, currency, campaign, row[-4], "", move.kind, first[:7])
        _count_sums(counted.sums, group, held, move)
        _count_ages(counted.ages, AgeGroup(*group[:3], "", "", ""), lots, history.lots)
        if life != history.life:
            _add(counted.lives[LifeGroup(*group[:3], group.cohort)], history.life.minus(life))


def _count_ages(ages: Ages, group: AgeGroup, before: Lots, after: Lots) -> None:
    for lot in {**before, **after}:
        was, now = before.get(lot, 0), after.get(lot, 0)
        if was != now:
            _add(ages[AgeGroup(*group[:3], *lot)], [now - was, (now > 0) - (was > 0)])


def _count_sums(counts: Counts, group: Group, held: Sequence[int], move: Move) -> None:
    for source, before, effect in zip(FUNDING, held, move.effects, strict=True):
        if effect:
            change = (before + effect > 0) - (before > 0)
            _add(counts[group._replace(source=source)], [effect, change])
    total = sum(held)
    if change := (total + sum(move.effects) > 0) - (total > 0):
        counts[group][1] += change


def _add(found: list[int], values: Sequence[int]) -> None:
    for place, value in enumerate(values):
        found[place] += value


@lru_cache(maxsize=4096)
def _day_of_quarter(quarter: int, zone: str) -> str:
    return days.day_of(clock.from_micros(quarter * _QUARTER), zone).isoformat()


def _day(micros: int, zone: str) -> str:
    return _day_of_quarter(micros // _QUARTER, zone)


@lru_cache(maxsize=4096)
def _days_between(first: str, day: str) -> int:
    return max(0, (date.fromisoformat(day) - date.fromisoformat(first)).days)
