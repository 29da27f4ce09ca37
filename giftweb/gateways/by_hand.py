"""Tenders whose money we never touch: the shop took it, or a person did."""

from giftweb.domain.payments.providers import Answer
from giftweb.money import Money


class Shop:
    """The shop took the money and returns it when the event ``refund.requested`` asks it to."""

    name = "shop"
    asks_shop = True
    is_remote = False

    def refund(self, *, reference: str, amount: Money, key: str) -> Answer:
        """Nothing to call: the shop answers by POST /refunds/{id}/confirmation."""
        return Answer("unknown")


class Offline:
    """Money that a person of the house takes, sends back and records, such as bank transfers."""

    name = "offline"
    asks_shop = False
    is_remote = False

    def refund(self, *, reference: str, amount: Money, key: str) -> Answer:
        """Nothing to call: whoever pressed Refund has returned the money."""
        return Answer("succeeded", reference)
