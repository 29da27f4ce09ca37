"""What a place's law is made of: rules, where each is written, and what follows from them."""

from dataclasses import dataclass
from datetime import date

from giftweb.language import LazyText
from giftweb.money import Money


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by name, in a sentence, and where it is written. ``since``: the day it holds from.

    ``seen_in``: where it was looked up on ``presets.LOOKED_UP``, or that its text was not there.
    """

    name: LazyText
    text: LazyText
    citation: str
    since: date
    seen_in: str


@dataclass(frozen=True, slots=True)
class Validity:
    """How long a sold card lasts at least: for ever, or so many years, until the year's end."""

    rule: Rule
    years: int | None = None
    to_years_end: bool = False


@dataclass(frozen=True, slots=True)
class CashOut:
    """The rest that a holder may have in cash: below an amount, or up to it."""

    rule: Rule
    limit: Money
    is_inclusive: bool


@dataclass(frozen=True, slots=True)
class Preset:
    """What holds in a place. ``cash_outs``: the newest first; ``others``: what shops see to."""

    key: str
    place: LazyText
    validity: Validity | None = None
    cash_outs: tuple[CashOut, ...] = ()
    others: tuple[Rule, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule of the place, in reading order."""
        first = (self.validity.rule,) if self.validity else ()
        return (*first, *(each.rule for each in self.cash_outs[:1]), *self.others)
