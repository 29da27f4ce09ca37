"""The steps of a card's life, and of time."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from giftweb import clock, errors
from giftweb.domain import audit, cards, checkout, payments
from giftweb.gateways import by_hand
from giftweb.money import Money
from tests import engines
from tests.factories import make_campaign, make_card, no_limits
from tests.orders import gift_card_product, signed_in
from tests.stateful.model import ModelCard, ModelCart, ModelOrder

PICK = st.integers(0, 10_000)
AMOUNT = st.one_of(st.integers(1, 200), st.sampled_from([1_000, 5_000]))
MODE = st.integers(0, 5).map(lambda number: number == 5)
"""Now and then the test book."""


class CardSteps(RuleBasedStateMachine):
    """One shop and its staff, on an empty database; after every step all is as the model says."""

    engine: engines.Engine
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.engine.empty()
        if not payments.providers._gateways:
            payments.providers.use_gateways(
                {each.name: each for each in (by_hand.Shop(), by_hand.Offline())}
            )
        self.time = contextlib.ExitStack()
        self.cards: dict[str, ModelCard] = {}
        self.carts: list[ModelCart] = []
        self.orders: list[ModelOrder] = []
        self.campaign = make_campaign(issue_after_sales=True, relative_hundredths=1000).id
        self.product = gift_card_product(self.campaign)
        no_limits()
        self.agent, self.admin = signed_in("customer_service"), signed_in("customer_service_admin")

    def teardown(self) -> None:
        self.time.close()

    # Reading the model

    def card(self, pick: int) -> ModelCard:
        return list(self.cards.values())[pick % len(self.cards)]

    def held(self, card: ModelCard) -> int:
        return sum(cart.held.get(card.id, 0) for cart in self.carts if not cart.is_late)

    def available(self, card: ModelCard) -> int:
        return card.balance - self.held(card)

    def successor_of(self, card_id: str) -> ModelCard:
        card = self.cards[card_id]
        return self.successor_of(card.successor) if card.successor else card

    def attempt(self, refusal: Any, verb: Callable, *args: Any, **more: Any) -> Any:
        """Do it; or, when the model says so, be refused for that reason."""
        type(self).steps += 1
        if refusal is None:
            return verb(*args, **more)
        with pytest.raises(refusal):
            verb(*args, **more)
        return None

    def adopt(self, card_id: str, **known: Any) -> ModelCard:
        """Take a card into the model that a verb has made."""
        made = cards.find(card_id)
        self.cards[card_id] = ModelCard(
            card_id,
            cards.holder.open_code(card_id),
            made.is_test,
            made.balance_minor,
            expires_on=made.expires_on,
            state=made.state,
            **known,
        )
        return self.cards[card_id]

    # A card's life

    @initialize(amounts=st.lists(AMOUNT, min_size=2, max_size=4))
    def start(self, amounts: list[int]) -> None:
        for amount in amounts:
            self.issue(amount, is_test=False, days=None)

    @rule(amount=AMOUNT, is_test=MODE, days=st.sampled_from([None, None, 1, 30]))
    def issue(self, amount: int, is_test: bool, days: int | None) -> None:
        until = None if days is None else clock.today() + timedelta(days=days)
        made = make_card(
            f"{amount}.00 USD", is_test=is_test, expires_on=until, campaign_id=self.campaign
        )
        assert self.adopt(made.card.id).balance == amount * 100

    @precondition(lambda self: self.cards)
    @rule(pick=PICK, amount=AMOUNT)
    def recharge(self, pick: int, amount: int) -> None:
        card = self.card(pick)
        refusal = None if card.is_alive else errors.CardNotUsable
        if self.attempt(refusal, cards.top_up, card.id, amount=Money(amount, "USD"), by=self.agent):
            card.balance += amount

    @precondition(lambda self: self.cards)
    @rule(pick=PICK, change=st.integers(-6_000, 6_000).filter(bool))
    def adjust(self, pick: int, change: int) -> None:
        card, refusal = self.card(pick), None
        if not card.is_alive:
            refusal = errors.CardNotUsable
        elif -change > self.available(card):
            refusal = errors.InsufficientBalance
        amount = Money(change, "USD")
        if self.attempt(refusal, cards.adjust, card.id, change=amount, reason="x", by=self.admin):
            card.balance += change

    @precondition(lambda self: self.cards)
    @rule(pick=PICK, release=st.booleans())
    def freeze(self, pick: int, release: bool) -> None:
        card = self.card(pick)
        refusal = None if card.is_alive else errors.CardNotUsable
        if self.attempt(refusal, cards.freeze, card.id, by=self.agent, release_holds=release):
            card.state = "frozen"
            for cart in self.carts if release else ():
                cart.held.pop(card.id, None)

    @precondition(lambda self: self.cards)
    @rule(pick=PICK)
    def unfreeze(self, pick: int) -> None:
        card = self.card(pick)
        refusal = None if card.is_alive else errors.CardNotUsable
        if self.attempt(refusal, cards.unfreeze, card.id, by=self.agent):
            card.state = "open"

    @precondition(lambda self: self.cards)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        card, refusal = self.card(pick), None
        if card.status in ("cancelled", "replaced"):
            refusal = errors.CardNotUsable
        elif card.is_used:
            refusal = errors.CardAlreadyUsed
        elif self.held(card):
            refusal = errors.CardInUse
        if self.attempt(refusal, cards.endings.cancel, card.id, by=self.agent):
            card.balance, card.state = 0, "cancelled"

    @precondition(lambda self: self.cards)
    @rule(pick=PICK)
    def replace(self, pick: int) -> None:
        card, refusal = self.card(pick), None
        if not card.is_alive:
            refusal = errors.CardNotUsable
        elif self.held(card):
            refusal = errors.CardInUse
        if made := self.attempt(refusal, cards.endings.replace_card, card.id, by=self.agent):
            new = self.adopt(made.card.id, is_used=card.is_used)
            assert (new.balance, new.state) == (card.balance, card.state)
            card.balance, card.state, card.successor = 0, "replaced", new.id

    # Time

    @rule(step=st.sampled_from([timedelta(minutes=20), timedelta(days=2)]))
    def wait(self, step: timedelta) -> None:
        self.time.enter_context(clock.moved(step))
        for cart in self.carts:
            if cart.is_late:
                cart.held.clear()

    @rule()
    def work(self) -> None:
        """What the worker does."""
        for cart_id in checkout.due_to_lapse():
            assert checkout.lapse(cart_id).status == "expired"
        due = cards.endings.due_to_expire()
        wanted = {
            card.id
            for card in self.cards.values()
            if card.status == "expired" and card.state != "expired" and not self.held(card)
        }
        assert set(due) == wanted
        for card_id in due:
            cards.endings.expire(card_id)
            self.cards[card_id].balance, self.cards[card_id].state = 0, "expired"

    # After every step

    @invariant()
    def every_card_is_as_the_model_says(self) -> None:
        shown = {
            card.id: (card.balance_minor, card.held_minor, card.status, card.is_test)
            for card in cards.select()
        }
        assert shown == {
            card.id: (card.balance, self.held(card), card.status, card.is_test)
            for card in self.cards.values()
        }

    @invariant()
    def the_audit_is_clean(self) -> None:
        assert not (found := audit.checks.run()), found
