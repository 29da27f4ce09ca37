"""What one person, one receiver, one API key and one campaign's bonus may come to in a day.

The verbs that raise a balance or bring a code to a new place call ``gate.require``; whoever wants
an approval instead catches ``LimitExceeded``. Door: ``gate``; Root's terms are in ``terms``.
"""

from giftweb.domain.limits import bonuses, daily_use, defaults, gate, terms, verbs
from giftweb.domain.limits.gate import (
    CapExceeded,
    Gift,
    LimitExceeded,
    Request,
    foresee,
    requested,
    require,
    require_single,
)
from giftweb.domain.limits.values import API_KEY, BONUS, Terms
