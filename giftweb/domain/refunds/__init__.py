"""The one refund engine: every tender, in full or in part, back to where it came from (B3).

Cancelling a card is cards and desk. Door: ``refund``, ``refund_all``.
"""

from giftweb.domain.refunds import follow_up, lines, records, refunds, to_cards
from giftweb.domain.refunds.follow_up import preview, preview_chargeback
from giftweb.domain.refunds.refunds import (
    confirm,
    record_outside,
    refund,
    refund_all,
    refund_part,
    require_refundable,
    send,
    undo_unpaid,
)
