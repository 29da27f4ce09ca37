"""What a place's law asks of a campaign, in words, before it is chosen (B27)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from giftweb.domain import law
from giftweb.domain.law import CashOut, Preset, Rule
from giftweb.language import gettext
from giftweb.money import money_text


@dataclass(frozen=True, slots=True)
class Effects:
    """What choosing a place changes. ``fault``: what of the settings it does not allow now."""

    place: str
    looked_up: date
    changes: tuple[str, ...]
    rules: tuple[Rule, ...]
    fault: str


def of_choice(key: str, card_valid_days: int | None) -> Effects | None:
    """The effects of a place on a campaign with these days; None without rules."""
    preset = law.PRESETS.get(key)
    if preset is None or not preset.rules:
        return None
    faults = [message for _, message in law.rules.faults(preset, card_valid_days)]
    changes = tuple(_changes(preset))
    return Effects(
        str(preset.place), law.presets.LOOKED_UP, changes, preset.rules, faults[0] if faults else ""
    )


def _changes(preset: Preset) -> Iterator[str]:
    if preset.validity is not None:
        fewest = law.rules.fewest_days(preset.validity)
        if fewest is None:
            yield gettext("Sold cards do not expire. Bonus cards may.")
        else:
            yield gettext(
                "Sold cards last {days} days or more, or for ever. Bonus cards may end sooner.",
                days=fewest,
            )
        if preset.validity.to_years_end:
            yield gettext("The last day of a sold card is the last one of its year.")
    if preset.cash_outs:
        yield _of_cash_out(preset.cash_outs[0])


def _of_cash_out(found: CashOut) -> str:
    limit = money_text(found.limit)
    if found.is_inclusive:
        return gettext("Rests up to {limit} are paid out with Cash out, on the card.", limit=limit)
    return gettext("Rests below {limit} are paid out with Cash out, on the card.", limit=limit)
