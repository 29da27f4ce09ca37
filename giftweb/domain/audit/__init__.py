"""What was done, by whom and why; the seals on rows, and the checks that `flask audit` runs.

It writes the log and proves the books; it moves nothing. Door: ``record``, and ``checks.run``.
"""

from giftweb.domain.audit import (
    anchors,
    chains,
    check_days,
    check_ledger,
    check_log,
    check_months,
    check_new,
    check_orders,
    check_seals,
    checkpoints,
    checkpoints_by_day,
    checkpoints_of_orders,
    checks,
    log,
    redactions,
    runs,
    seals,
    search,
)
from giftweb.domain.audit.log import SYSTEM, Actor, new_id, record, seal
