"""What the law asks of gift cards in a place: presets that a campaign keeps (B27, D15).

It knows dates, amounts and citations, and no card. Not legal advice: docs/law.md. Door: ``rules``.
"""

from giftweb.domain.law import presets, rules
from giftweb.domain.law.presets import NONE, PRESETS
from giftweb.domain.law.rules import BrokenRule, of_campaign
from giftweb.domain.law.values import CashOut, Preset, Rule, Validity
