"""What an order has left on the gift cards that paid it, for whoever has just placed it."""

from collections.abc import Sequence
from dataclasses import dataclass

from giftweb import money
from giftweb.domain.payments.payments import Payment
from giftweb.models import Transfer
from giftweb.money import Money

_LOW_UNITS = 5


@dataclass(frozen=True, slots=True)
class Rest:
    """A gift card by its last four, what the order used of it, and what was left then."""

    last4: str
    used: Money
    left: Money

    @property
    def is_low(self) -> bool:
        """Whether so little is left that it is easily forgotten: less than five units."""
        return 0 < self.left.minor < _LOW_UNITS * 10 ** money.exponent(self.left.currency)


def of(payments: Sequence[Payment]) -> list[Rest]:
    """One for each gift card's payment, in the order of the payments."""
    by_transfer = {each.transfer_id: each for each in payments if each.transfer_id}
    row = Transfer
    found = row.select(row.id, row.amount_minor, row.balance_after_minor, row.currency).where(
        row.id.in_(list(by_transfer))
    )
    after = {each[0]: each[1:] for each in found.tuples()}
    return [
        Rest(
            last4=payment.gift_card_last4 or "",
            used=Money(after[transfer_id][0], after[transfer_id][2]),
            left=Money(after[transfer_id][1], after[transfer_id][2]),
        )
        for transfer_id, payment in by_transfer.items()
        if transfer_id in after
    ]
