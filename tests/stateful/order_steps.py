"""The steps after an order: refunds, cards that staff give, chargebacks."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from giftweb import errors
from giftweb.domain import cards, desk, orders, refunds
from giftweb.money import Money
from tests.stateful.card_steps import PICK
from tests.stateful.cart_steps import CartSteps
from tests.stateful.model import ModelOrder, ModelPayment

SHARE = st.integers(1, 110)
"""Of what is left, in hundredths; above 100 is more than is left."""


class Shop(CartSteps):
    """The whole shop."""

    def _order(self, at: int) -> ModelOrder:
        return self.orders[at % len(self.orders)]

    @precondition(lambda self: self.orders)
    @rule(at=PICK, which=PICK, share=SHARE)
    def refund(self, at: int, which: int, share: int) -> None:
        order = self._order(at)
        paid = order.payments[which % len(order.payments)]
        amount = max(1, paid.left * share // 100)
        refusal = errors.RefundExceedsPayment if amount > paid.left else None
        self._tell_apart(order)
        given = self.attempt(
            refusal, refunds.refund, paid.id, amount=Money(amount, "USD"), by=self.agent
        )
        if given:
            self._went_back(order, paid, given)
            self._follow(order)

    @precondition(lambda self: self.orders)
    @rule(at=PICK)
    def refund_all(self, at: int) -> None:
        order = self._order(at)
        left = sum(paid.left for paid in order.payments)
        refusal = None if left else errors.RefundExceedsPayment
        self._tell_apart(order)
        given = self.attempt(refusal, refunds.refund_all, order.id, by=self.agent)
        by_payment = {paid.id: paid for paid in order.payments}
        for each in given or ():
            self._went_back(order, by_payment[each.payment_id], each)
        if given:
            assert not any(paid.left for paid in order.payments)
            self._follow(order)

    def _went_back(self, order: ModelOrder, paid: ModelPayment, given: Any) -> None:
        paid.left -= given.amount.minor
        order.refunded += given.amount.minor
        if paid.card is None:
            return
        target = self.successor_of(paid.card)
        if target.is_alive:
            assert given.gift_card_id == target.id
            target.balance += given.amount.minor
        else:
            assert self.adopt(given.gift_card_id).balance == given.amount.minor

    def _tell_apart(self, order: ModelOrder) -> None:
        """Remember the cards that may be taken back with the order, and those it recharged."""
        whole = orders.sheet(orders.find(order.id))
        given = ("campaign", "purchase")
        made = [each.id for each in orders.cards_of(order.id) if each.origin in given]
        made += [each.card_id for each in whole.recharges]
        self.at_stake = {self.successor_of(card_id).id for card_id in made}

    def _follow(self, order: ModelOrder) -> None:
        """Of these cards only as much as is free may be gone; then the model knows it."""
        for card_id in self.at_stake:
            model, now = self.cards[card_id], cards.find(card_id)
            assert self.held(model) <= now.balance_minor <= model.balance
            assert now.state in (model.state, "cancelled", "frozen")
            model.balance, model.state = now.balance_minor, now.state

    @precondition(lambda self: self.orders)
    @rule(at=PICK, amount=st.integers(1, 6_000), is_admin=st.booleans())
    def give(self, at: int, amount: int, is_admin: bool) -> None:
        """A card that staff issue on the order (S8)."""
        order = self._order(at)
        live = sum(
            given
            for card_id, given in order.given.items()
            if self.successor_of(card_id).state != "cancelled"
        )
        exceeds = order.refunded + live + amount > order.total
        refusal = errors.OrderTotalExceeded if exceeds and not is_admin else None
        who = self.admin if is_admin else self.agent
        made = self.attempt(
            refusal,
            desk.order_cards.issue,
            order.id,
            amount=Money(amount, "USD"),
            by=who,
            reason="late",
            may_exceed=is_admin,
        )
        if made:
            order.given[made.id] = amount
            assert self.adopt(made.id).balance == amount

    @precondition(lambda self: self.orders)
    @rule(at=PICK, which=PICK, share=SHARE)
    def charge_back(self, at: int, which: int, share: int) -> None:
        order = self._order(at)
        paid = order.payments[which % len(order.payments)]
        amount = max(1, paid.left * share // 100)
        refusal = errors.Invalid if amount > paid.left else None
        if paid.card:
            refusal = errors.GiftCardNotAllowed
        self._tell_apart(order)
        if self.attempt(
            refusal,
            desk.orders.charge_back,
            order.id,
            payment_id=paid.id,
            amount=Money(amount, "USD"),
            by=self.agent,
        ):
            paid.left -= amount
            self._follow(order)
