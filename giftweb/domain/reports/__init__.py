"""What finance reads across the books: sums over transfers, as of any day or of any period.

It changes nothing; the words and files are giftweb.blueprints. Door: ``find``, and its modules, one
a report.
"""

from collections.abc import Callable

from giftweb import database
from giftweb.domain.reports import (
    ageing,
    bonuses,
    books,
    breakage,
    campaigns,
    dashboard,
    journal,
    liability,
    life,
    movements,
    settlement,
    statements,
    transfers,
    values,
)
from giftweb.domain.reports.values import Report, Wanted, wanted

_REPORTS: dict[str, Callable[[Wanted], Report]] = {
    "liability": liability.liability,
    "ageing": ageing.ageing,
    "movements": movements.movements,
    "breakage": breakage.breakage,
    "bonuses": bonuses.bonuses,
    "campaigns": campaigns.campaigns,
    "life": life.life,
    "settlement": settlement.settlement,
    "journal": journal.journal,
}
NAMES = tuple(_REPORTS)
"""The reports by name."""


def find(name: str, parameters: Wanted) -> Report:
    """The report of this name, in one snapshot of the books."""
    with database.snapshot():
        if database.is_postgres():
            # Compiling the query of the ages takes seconds, and running it a tenth of that.
            database.execute("SET LOCAL jit = off")
        return _REPORTS[name](parameters)
