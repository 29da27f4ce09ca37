"""What happens at the counter of the demo shop: receipts, a sale, a printed card, money back."""

from collections.abc import Callable

from giftweb.demo.world import Story
from giftweb.domain import cards, desk
from giftweb.domain.audit.log import Actor
from giftweb.money import Money

PRINTED = 5
"""How many cards lie in the drawer, not activated; the first is sold."""


def print_cards(story: Story) -> None:
    """Cards for the drawer of the shop."""
    batch = cards.stock.Batch(currency=story.shop.currency, campaign_id=story.shop.id)
    cards.stock.make(
        PRINTED,
        batch=batch,
        has_pins=False,
        write=lambda made: story.printed.extend(each.code for each in made),
        by=story.actors["root"],
    )


def serve(story: Story) -> None:
    """A morning: cards pay receipts, one in part; one is sold, one activated, one recharged."""
    for name, minor in (("counter", 2450), ("counter", 1200), ("small rest", 1875)):
        _redeem(story, name, minor)
    (bought, *_) = desk.counter.purchases(_receipt(story), campaign_id=story.shop.id)
    desk.counter.give_back(
        bought.payment.id, amount=Money(500, "USD"), campaign_id=story.shop.id, by=_cashier(story)
    )
    desk.counter.sell(
        Money(5000, "USD"),
        receipt=_next_receipt(story),
        campaign_id=story.shop.id,
        email=story.customers["Liam Byrne"].email,
        by=_cashier(story),
    )
    _pay_in(story, desk.counter.activate, story.printed[0], 3000)
    _pay_in(story, desk.counter.recharge, story.cards["counter"].code, 2000)


def _pay_in(story: Story, put: Callable[..., str], code: str, minor: int) -> None:
    put(
        code,
        amount=Money(minor, "USD"),
        receipt=_next_receipt(story),
        campaign_id=story.shop.id,
        by=_cashier(story),
    )


def bring_cards(story: Story) -> None:
    """Two cards that come to the counter."""
    story.issue("counter", 6000, "Noah Jensen")
    story.issue("small rest", 1500, "Olga Novak")


def _redeem(story: Story, name: str, minor: int) -> None:
    desk.counter.redeem(
        story.cards[name].code,
        amount=Money(minor, "USD"),
        receipt=_next_receipt(story),
        campaign_id=story.shop.id,
        by=_cashier(story),
    )


def _cashier(story: Story) -> Actor:
    return story.actors["cashier"]


def _next_receipt(story: Story) -> str:
    story.receipts += 1
    return _receipt(story)


def _receipt(story: Story) -> str:
    return f"T1-{story.receipts:05}"
