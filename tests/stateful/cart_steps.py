"""The steps from a cart to an order."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from giftweb import errors
from giftweb.domain import cards, carts, checkout, orders, payments
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.payments.payments import Tender
from giftweb.money import Money
from tests.factories import goods, make_checkout
from tests.orders import gift_card_item, recharge
from tests.stateful.card_steps import MODE, PICK, CardSteps
from tests.stateful.model import ModelCard, ModelCart, ModelOrder, ModelPayment

MAYBE = st.one_of(st.none(), PICK)
PRICE = st.one_of(st.integers(1, 200), st.integers(1_000, 20_000))


class CartSteps(CardSteps):
    """Carts, the cards on them, holds, and the order at the end."""

    @rule(
        price=PRICE,
        shipping=st.integers(0, 900),
        gift=st.booleans(),
        pick=MAYBE,
        picks=st.lists(PICK, max_size=3),
        is_held=st.booleans(),
    )
    def buy(
        self,
        price: int,
        shipping: int,
        gift: bool,
        pick: int | None,
        picks: list[int],
        is_held: bool,
    ) -> None:
        """All the way to an order, with cards that can pay."""
        self.open_cart(price, shipping, False, gift, pick)
        at = len(self.carts) - 1
        for pick in picks:
            able = [
                number
                for number, card in enumerate(self.cards.values())
                if card.status == "active" and not card.is_test and self.available(card)
            ]
            if able:
                self.apply(at, able[pick % len(able)])
        if is_held:
            self.authorise(at)
        self.capture(at)

    @rule(price=PRICE, shipping=st.integers(0, 900), is_test=MODE, gift=st.booleans(), pick=MAYBE)
    def open_cart(
        self, price: int, shipping: int, is_test: bool, gift: bool, pick: int | None
    ) -> None:
        """``pick``: a card that its holder recharges with 10.00, if it can be."""
        bought = [gift_card_item("7.00 USD")] if gift else []
        named = None if pick is None or not self.cards else self.card(pick)
        if named and not (self._can_be_recharged(named) and named.is_test == is_test):
            named = None
        if named:
            card = cards.find(named.id)
            bought.append(recharge(card, "10.00 USD", is_test=is_test, of=self.product))
        opened = make_checkout(
            goods(unit_minor=price),
            *bought,
            campaign_id=self.campaign,
            is_test=is_test,
            shipping=str(Money(shipping, "USD")),
        )
        total = price + shipping + (700 if gift else 0) + (1000 if named else 0)
        assert opened.total.minor == total
        made = ModelCart(opened.id, is_test, total, price, price + shipping, opened.expires_at)
        made.recharges = named and named.id
        self.carts.append(made)

    def _can_be_recharged(self, card: ModelCard) -> bool:
        return card.status in ("active", "used_up")

    @precondition(lambda self: self.cards and self.carts)
    @rule(at=PICK, pick=PICK)
    def apply(self, at: int, pick: int) -> None:
        cart, card = self.carts[at % len(self.carts)], self.card(pick)
        refusal = self._closed(cart)
        if refusal is None:
            if card.is_test != cart.is_test:
                refusal = errors.ModeMismatch
            elif card.id in cart.shares:
                refusal = errors.AlreadyApplied
            elif card.status != "active":
                refusal = errors.CardNotUsable
            elif self.available(card) == 0:
                refusal = errors.InsufficientBalance
        shown = self.attempt(refusal, carts.apply, cart.id, code=card.code)
        if shown:
            cart.shares[card.id] = 0
            self._allocate(cart)
            assert {each.card_id: each.amount.minor for each in shown.cards} == cart.shares

    def _closed(self, cart: ModelCart) -> Any:
        if cart.is_late and cart.state == "open":
            return errors.CheckoutExpired
        return None if cart.state == "open" else (errors.CheckoutClosed, errors.CheckoutExpired)

    def _allocate(self, cart: ModelCart) -> None:
        """Smallest first, in turn; each used up (S61 to S63)."""
        worth = {
            card_id: self.available(card) if (card := self.cards[card_id]).status == "active" else 0
            for card_id in cart.shares
        }
        left = cart.coverable
        for card_id in sorted(worth, key=lambda each: worth[each]):
            cart.shares[card_id] = min(worth[card_id], left)
            left -= cart.shares[card_id]

    def _unable(self, cart: ModelCart) -> bool:
        paying = {card_id: part for card_id, part in cart.shares.items() if part}
        return any(
            self.cards[card_id].status not in ("active", "used_up")
            or self.available(self.cards[card_id]) < part
            for card_id, part in paying.items()
        )

    def _refusal(self, cart: ModelCart) -> Any:
        """Why this cart can be neither authorised nor captured now."""
        refusal = self._refusal_of_payment(cart)
        if cart.recharges and not self._can_be_recharged(self.successor_of(cart.recharges)):
            others = refusal if isinstance(refusal, tuple) else (refusal,) if refusal else ()
            return (errors.CardNotRechargeable, *others)
        return refusal

    def _refusal_of_payment(self, cart: ModelCart) -> Any:
        if cart.state == "authorised":
            is_whole = sum(cart.held.values()) == sum(cart.shares.values())
            if cart.is_late:
                return errors.HoldExpired
            return None if is_whole else errors.CardNotUsable
        if refusal := self._closed(cart):
            return (refusal, errors.HoldExpired) if isinstance(refusal, type) else refusal
        cannot_pay = (errors.CardNotUsable, errors.InsufficientBalance)
        return cannot_pay if self._unable(cart) else None

    @precondition(lambda self: self.carts)
    @rule(at=PICK)
    def authorise(self, at: int) -> None:
        cart = self.carts[at % len(self.carts)]
        if cart.state == "authorised":
            refusal = errors.HoldExpired if cart.is_late else None
            self.attempt(refusal, checkout.authorise, cart.id, by=SYSTEM)
            return
        shown = self.attempt(self._refusal(cart), checkout.authorise, cart.id, by=SYSTEM)
        if shown:
            cart.state, cart.until = "authorised", shown.expires_at
            cart.held = {card_id: part for card_id, part in cart.shares.items() if part}
        elif not self._closed(cart):
            self._reallocate(cart)

    def _reallocate(self, cart: ModelCart) -> None:
        carts.reallocate(cart.id)
        self._allocate(cart)

    @precondition(lambda self: self.carts)
    @rule(at=PICK)
    def void(self, at: int) -> None:
        cart = self.carts[at % len(self.carts)]
        refusal = errors.CheckoutClosed if cart.state == "captured" else None
        if self.attempt(refusal, checkout.void, cart.id, by=SYSTEM) and not cart.is_late:
            cart.state = "voided"
            cart.held.clear()

    @precondition(lambda self: self.carts)
    @rule(at=PICK)
    def capture(self, at: int) -> None:
        cart = self.carts[at % len(self.carts)]
        due = cart.total - sum(cart.shares.values())
        tenders = (
            [Tender(method="credit_card", amount=Money(due, "USD"), state="captured")]
            if due
            else []
        )
        more = {"tenders": tenders, "by": SYSTEM, "gateway": "offline"}
        order = self.attempt(self._refusal(cart), checkout.capture, cart.id, **more)
        if order is None:
            return
        for card_id, part in cart.shares.items():
            self.cards[card_id].balance -= part
            self.cards[card_id].is_used |= part > 0
        if cart.recharges:
            self.successor_of(cart.recharges).balance += 1000
        cart.state, cart.held = "captured", {}
        paid = [
            ModelPayment(each.id, each.gift_card_id, each.amount.minor)
            for each in payments.of_order(order.id)
        ]
        self.orders.append(ModelOrder(order.id, cart.is_test, cart.total, paid))
        made = {each.origin: each for each in orders.cards_of(order.id)}
        assert ("campaign" in made) == (cart.earning >= 10)
        for each in made.values():
            wanted = 700 if each.origin == "purchase" else cart.earning // 10
            assert self.adopt(each.id).balance == wanted
