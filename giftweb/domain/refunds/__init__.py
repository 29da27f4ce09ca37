"""The one refund engine: every tender, in full or in part, back to where it came from (B3).

Cancelling a card is cards and desk. Door: ``refund``, ``refund_all``.
"""

from giftweb.domain.refunds import follow_up, lines, records, refunds, results, to_cards
from giftweb.domain.refunds.follow_up import preview, preview_chargeback
from giftweb.domain.refunds.refunds import (
    record_outside,
    refund,
    refund_all,
    refund_payments,
    require_refundable,
    undo_unpaid,
)
from giftweb.domain.refunds.results import confirm, send
