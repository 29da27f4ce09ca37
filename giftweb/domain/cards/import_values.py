"""What a file of cards holds: its rows as they can be issued, and the sums of all of them (B8)."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from giftweb.domain.ledger.funding import MinorBySource
from giftweb.models import FUNDING
from giftweb.money import Money

_OTHERS_MONEY = "imports"
"""What money is here that another house had corrected upwards."""


class Row(NamedTuple):
    """A row that can be issued; ``code`` is the card's own, without one it gets one of ours.

    ``parts``: what of the amount came from where, when the file says so. ``voucher_tax``: the rate
    that was due when it was sold, in hundredths of a percent (docs/vouchers.md).
    """

    amount: Money
    code: str | None
    holder_email: str | None
    holder_name: str | None
    expires_on: date | None
    note: str | None
    message: str | None
    is_test: bool
    send_email: bool
    source: str
    parts: MinorBySource | None
    campaign_id: str | None
    is_frozen: bool
    is_bound: bool
    pin: str | None
    tags: tuple[str, ...]
    old_id: str | None
    voucher_tax: int | None = None

    @property
    def sources(self) -> list[tuple[str, int]]:
        """What of its amount comes from which account of the house, the first one first."""
        if self.parts is None:
            return [(self.source, self.amount.minor)]
        parts = dict(zip(FUNDING, self.parts, strict=True))
        parts[_OTHERS_MONEY] += parts.pop("adjustments")
        return [(source, minor) for source, minor in parts.items() if minor]


@dataclass(slots=True)
class Portion:
    """Some rows of a file, ready to be issued; ``numbers`` are theirs in the file."""

    rows: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Imported:
    """What a file holds: cards, test cards among them, and the real money by currency.

    ``left_out``: rows that are no money any more, by why. ``new_codes``: cards that get a code of
    ours. ``masked``: those of which the file has the end of the old code alone. ``strangers``:
    cards of campaigns that are not known here.
    """

    cards: int = 0
    test_cards: int = 0
    totals: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    new_codes: int = 0
    frozen: int = 0
    masked: int = 0
    strangers: int = 0

    def add(self, rows: list[Row]) -> None:
        """Count some rows in."""
        self.cards += len(rows)
        for row in rows:
            self.test_cards += row.is_test
            self.new_codes += row.code is None
            self.frozen += row.is_frozen
            if not row.is_test:
                before = self.totals.get(row.amount.currency, 0)
                self.totals[row.amount.currency] = before + row.amount.minor
