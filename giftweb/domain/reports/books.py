"""The sums of the ledger by day, whether the worker has stored them yet or not."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from giftweb import database
from giftweb.domain import audit
from giftweb.domain.audit.check_days import Counts, Group

_ALWAYS = "", "9999-12-31"

Sums = dict[tuple[str, ...], list[int]]
"""By the values of the columns asked for: the effect on what is owed, and on the cards."""


class Books:
    """Sums of one time zone's days, read in one snapshot.

    Source: giftweb.domain.audit.checkpoints_by_day.
    """

    def __init__(self, zone: str, *, campaign_id: str | None = None) -> None:
        self._zone, self._campaign = zone, campaign_id
        self._fresh: Counts | None = None

    def sums(
        self,
        *columns: str,
        first: date | None = None,
        last: date | None = None,
        kinds: Sequence[str] = (),
    ) -> Sums:
        """What the days from the first to the last come to, by these columns of DailySum.

        Without ``source`` among them, a card that holds money of several is one card.
        """
        between = (
            first.isoformat() if first else _ALWAYS[0],
            (last.isoformat() if last else _ALWAYS[1]),
        )
        fresh = self._uncounted()
        found: Sums = defaultdict(lambda: [0, 0])
        for *key, amount, cards in self._stored(columns, between, kinds):
            found[tuple(key)] = [int(amount), int(cards)]
        for group, (amount, cards) in fresh.items():
            if self._is_wanted(group, columns, between, kinds):
                sums = found[tuple(getattr(group, column) for column in columns)]
                sums[0] += amount
                sums[1] += cards if bool(group.source) == ("source" in columns) else 0
        return dict(found)

    def _uncounted(self) -> Counts:
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
        self, columns: Sequence[str], between: tuple[str, str], kinds: Sequence[str]
    ) -> list[tuple]:
        terms, params = ["time_zone = ? AND day BETWEEN ? AND ?"], [self._zone, *between]
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
        names = ", ".join(columns)
        return list(
            database.rows(
                f"SELECT {names}, SUM(amount_minor), SUM({cards}) FROM daily_sum"
                f" WHERE {' AND '.join(terms)} GROUP BY {names}",
                *params,
            )
        )
