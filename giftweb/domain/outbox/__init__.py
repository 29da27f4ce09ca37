"""What has to leave the house after a transaction: mails, events, webhook deliveries, as rows.

It queues and leases; giftweb.web.mail and giftweb.gateways send. Door: ``mail`` and ``event``.
"""

from giftweb.domain.outbox import (
    addressees,
    deliveries,
    endpoints,
    leases,
    mails,
    payload,
    queue,
    resending,
    scheduling,
    sending,
)
from giftweb.domain.outbox.queue import event, mail
