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
    """Bank transfer and cash: a person of the house hands the money back, and records it here."""

    name = "offline"
    asks_shop = False
    is_remote = False

    def refund(self, *, reference: str, amount: Money, key: str) -> Answer:
        """Recorded as done: the person who pressed Refund returns the money."""
        return Answer("succeeded", reference)
