"""What a preset means for a campaign's settings, for a card's last day, for a small rest."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from giftweb import days, models
from giftweb.domain.law.presets import NONE, PRESETS
from giftweb.domain.law.values import CashOut, Preset, Rule, Validity
from giftweb.errors import Invalid
from giftweb.language import count_text, gettext
from giftweb.money import Money

SOLD = "sales"
"""The source of money whose validity the law guards; what is given may end sooner."""


_SUCCESSOR = "replacements"


class BrokenRule(Invalid):
    """This is against a rule of the law that the campaign keeps."""

    code = "invalid"

    def __init__(self, preset: Preset, rule: Rule, advice: str, *, field: str):
        super().__init__(sentence_of(preset, rule, advice), field=field)
        self.rule = rule


def sentence_of(preset: Preset, rule: Rule, advice: str) -> str:
    """The rule by its name and place, what it says, and what to do."""
    return f"{preset.place}, {rule.name} ({rule.citation}): {rule.text} {advice}".strip()


def of_campaign(campaign_id: str | None) -> Preset:
    """What a campaign keeps; of what belongs to none, what all campaigns keep alike."""
    rules = models.Campaign.rules
    found = models.Campaign.select(rules).distinct()
    if campaign_id is not None:
        found = found.where(models.Campaign.id == campaign_id)
    words = [word for (word,) in found.limit(2).tuples()]
    return PRESETS[words[0] if len(words) == 1 else NONE]


# How long a card lasts


def earliest_end(validity: Validity, first: date) -> date | None:
    """The first last day that the rule allows a card of a day; None: it may have none at all."""
    if validity.years is None:
        return None
    if validity.to_years_end:
        return days.years_end(first.year + validity.years)
    if (first.month, first.day) == (2, 29):
        return date(first.year + validity.years, 3, 1)
    return first.replace(year=first.year + validity.years)


@cache
def fewest_days(validity: Validity) -> int | None:
    """So many days satisfy the rule whenever the card is sold; None: no number does.

    Where the rule counts from a year's end, a card that ends in a year ends with it.
    """
    start = date(2024, 1, 1)
    each_day = [start + timedelta(days=count) for count in range(1461)]
    ends = [(earliest_end(validity, day), day) for day in each_day]
    if validity.to_years_end:
        ends = [(end and end.replace(month=1, day=1), day) for end, day in ends]
    return max((end - day).days for end, day in ends if end) if validity.years else None


def ends_with_year(campaign_id: str | None, *, source: str) -> bool:
    """Whether the days that a card of this source is valid go on to the end of their year."""
    if source not in (SOLD, _SUCCESSOR):
        return False
    validity = of_campaign(campaign_id).validity
    return validity is not None and validity.to_years_end


def faults(preset: Preset, card_valid_days: int | None) -> Iterator[tuple[str, str]]:
    """What of a campaign's settings is against the law: the field, and a sentence."""
    if preset.validity is None or card_valid_days is None:
        return
    fewest = fewest_days(preset.validity)
    if fewest is None:
        advice = gettext("Leave the days empty.")
    elif card_valid_days < fewest:
        advice = gettext("Enter {days} days or more, or leave them empty.", days=count_text(fewest))
    else:
        return
    yield "card_valid_days", sentence_of(preset, preset.validity.rule, advice)


def require_lasting(
    preset: Preset, *, expires_on: date | None, first: date, source: str, field: str = "expires_on"
) -> None:
    """Refuse a last day of sold money that comes too soon.

    Raises: BrokenRule.
    """
    validity = preset.validity
    if validity is None or expires_on is None or source != SOLD:
        return
    end = earliest_end(validity, first)
    if end is None or expires_on < end:
        advice = gettext("The first day allowed is {day}.", day=end.isoformat()) if end else ""
        raise BrokenRule(preset, validity.rule, advice, field=field)


# Small rests


def cash_out_of(preset: Preset, rest: Money, *, on: date) -> CashOut | None:
    """The rule by which this rest is paid out on a day; None when there is none."""
    for each in preset.cash_outs:
        if each.rule.since > on:
            continue
        is_small = rest.minor < each.limit.minor or (each.is_inclusive and rest == each.limit)
        return each if rest.currency == each.limit.currency and rest.minor and is_small else None
    return None
