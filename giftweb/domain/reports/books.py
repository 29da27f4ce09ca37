"""The sums of the ledger by day, whether the worker has stored them yet or not."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from giftweb import database, days
from giftweb.domain import audit
from giftweb.domain.audit.check_days import AgeGroup, Counted, Group, LifeGroup
from giftweb.domain.audit.check_histories import Life

_ALWAYS = "", "9999-12-31"

Sums = dict[tuple[str, ...], list[int]]
"""By the values of the columns asked for: the effect on what is owed, and on the cards."""


@dataclass(frozen=True, slots=True)
class _Span:
    """Whole months, or days, from the first to the last: ``column`` of a table such as
    ``monthly_sum``."""

    column: str
    first: str
    last: str

    def table(self, kind: str) -> str:
        """Where the sums of this kind are kept."""
        return f"{'monthly' if self.column == 'month' else 'daily'}_{kind}"

    def named(self, column: str) -> str:
        """The column as this table has it."""
        return "substr(day, 1, 7)" if (column, self.column) == ("month", "day") else column


def _spans(first: date | None, last: date | None, columns: Sequence[str] = ()) -> list[_Span]:
    """The whole months of a period, and the days of those that it begins or ends within."""
    start, end = (
        first.isoformat() if first else _ALWAYS[0],
        (last.isoformat() if last else _ALWAYS[1]),
    )
    if "day" in columns:
        return [_days(start, end)]
    begin = first if first is None or first.day == 1 else _next_month(first)
    months_end = last if last is None or days.later(last, 1).day == 1 else _month_before(last)
    from_month = begin.isoformat()[:7] if begin else _ALWAYS[0]
    to_month = months_end.isoformat()[:7] if months_end else _ALWAYS[1]
    if from_month > to_month:
        return [_days(start, end)]
    spans = [_Span("month", from_month, to_month)]
    if begin != first and begin is not None:
        spans.append(_days(start, days.later(begin, -1).isoformat()))
    if months_end != last and last is not None:
        spans.append(_days(last.replace(day=1).isoformat(), end))
    return spans


def _days(first: str, last: str) -> _Span:
    return _Span("day", first, last)


def _next_month(day: date) -> date:
    return days.later(day.replace(day=1), 31).replace(day=1)


def _month_before(day: date) -> date:
    return days.later(day.replace(day=1), -1)


def _value(group: Group, column: str) -> str:
    return group.day[:7] if column == "month" else str(getattr(group, column))


def _add(found: list[int], more: Sequence[int]) -> None:
    for place, value in enumerate(more):
        found[place] += int(value)


class Books:
    """Sums of one time zone's days, read in one snapshot.

    Source: giftweb.domain.audit.checkpoints_by_day.
    """

    def __init__(self, zone: str, *, campaign_id: str | None = None) -> None:
        self._zone, self._campaign = zone, campaign_id
        self._fresh: Counted | None = None

    def sums(
        self,
        *columns: str,
        first: date | None = None,
        last: date | None = None,
        kinds: Sequence[str] = (),
    ) -> Sums:
        """What the days from the first to the last come to, by these columns of DailySum, or by
        ``month``.

        Without ``source`` among them, a card that holds money of several is one card.
        """
        between = (
            first.isoformat() if first else _ALWAYS[0],
            (last.isoformat() if last else _ALWAYS[1]),
        )
        fresh = self._uncounted()
        found: Sums = defaultdict(lambda: [0, 0])
        for *key, amount, cards in self._stored(columns, _spans(first, last, columns), kinds):
            found[tuple(key)][0] += int(amount)
            found[tuple(key)][1] += int(cards)
        for group, (amount, cards) in fresh.sums.items():
            if self._is_wanted(group, columns, between, kinds):
                sums = found[tuple(_value(group, column) for column in columns)]
                sums[0] += amount
                sums[1] += cards if bool(group.source) == ("source" in columns) else 0
        return dict(found)

    def ages(self, last: date) -> Sums:
        """What is left at the end of a day, by currency, campaign, source, the day on which it came
        and the next day on which some came to the same cards: amount and cards.
        """
        return self._until(last, "age", AgeGroup._fields[1:], ("amount_minor", "cards"))

    def lives(self, last: date) -> Sums:
        """The values of Life at the end of a day, by currency, campaign and cohort."""
        return self._until(last, "life", LifeGroup._fields[1:], Life._fields)

    def _until(self, last: date, kind: str, key: Sequence[str], values: Sequence[str]) -> Sums:
        names, sums = ", ".join(key), ", ".join(f"SUM({name})" for name in values)
        is_its = "" if self._campaign is None else " AND campaign_id = ?"
        found: Sums = defaultdict(lambda: [0] * len(values))
        for span in _spans(None, last):
            stored = (
                f"SELECT {names}, {sums} FROM {span.table(kind)} WHERE time_zone = ?"
                f" AND {span.column} BETWEEN ? AND ?{is_its} GROUP BY {names}"
            )
            params = [self._zone, span.first, span.last, *([self._campaign] if is_its else [])]
            for row in database.rows(stored, *params):
                _add(found[tuple(row[: len(key)])], row[len(key) :])
        fresh = self._uncounted()
        for group, new in (fresh.ages if kind == "age" else fresh.lives).items():
            if group.day <= last.isoformat() and self._campaign in (None, group.campaign_id):
                _add(found[tuple(group[1:])], new)
        return dict(found)

    def _uncounted(self) -> Counted:
        if self._fresh is None:
            after = audit.checkpoints_by_day.counted_to(self._zone)
            to = audit.check_days.last_number()
            self._fresh = audit.check_days.count(self._zone, after=after, to=to)
        return self._fresh

    def _is_wanted(
        self, group: Group, columns: Sequence[str], between: tuple[str, str], kinds: Sequence[str]
    ) -> bool:
        return (
            between[0] <= group.day <= between[1]
            and self._campaign in (None, group.campaign_id)
            and (not kinds or group.kind in kinds)
            and not ("source" in columns and not group.source)
        )

    def _stored(
        self, columns: Sequence[str], spans: Sequence[_Span], kinds: Sequence[str]
    ) -> Iterator[tuple]:
        terms, params = [], []
        if self._campaign is not None:
            terms.append("campaign_id = ?")
            params.append(self._campaign)
        if kinds:
            terms.append(f"kind IN ({database.placeholders(kinds)})")
            params += kinds
        cards = "cards"
        if "source" in columns:
            terms.append("source <> ''")
        else:
            cards = "CASE WHEN source = '' THEN cards ELSE 0 END"
        for span in spans:
            where = " AND ".join(("time_zone = ?", f"{span.column} BETWEEN ? AND ?", *terms))
            names = ", ".join(span.named(column) for column in columns)
            yield from database.rows(
                f"SELECT {names}, SUM(amount_minor), SUM({cards}) FROM {span.table('sum')}"
                f" WHERE {where} GROUP BY {names}",
                *(self._zone, span.first, span.last, *params),
            )
