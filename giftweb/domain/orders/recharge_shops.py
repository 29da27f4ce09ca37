"""Where the holder of a card buys its recharge: a hosted shop that sells gift cards (B7, B20)."""

from collections.abc import Iterable

from giftweb.domain import catalogue
from giftweb.domain.cards.values import Card
from giftweb.domain.catalogue.products import Product
from giftweb.domain.orders import recharges


def offers(cards: Iterable[Card], *, is_test: bool) -> dict[str, Product]:
    """By card, the product whose amounts recharge it; cards that none can recharge are left out.

    ``is_test``: whether the shops are being tried with test money.
    """
    open_to = [card for card in cards if not recharges.refusal_reason(card, is_test=is_test)]
    sold = catalogue.gift_cards() if open_to else []
    found = {card.id: _best(card, sold) for card in open_to}
    return {card_id: product for card_id, product in found.items() if product}


def _best(card: Card, sold: list[Product]) -> Product | None:
    """In the shop that the card is from, else in its currency, else where a rate is known."""
    in_turn = sorted(
        sold,
        key=lambda each: (
            each.campaign_id != card.campaign_id,
            each.currency != card.currency,
            not each.is_mailed,
        ),
    )
    return next((each for each in in_turn if _is_payable(card, each)), None)


def _is_payable(card: Card, product: Product) -> bool:
    return product.currency == card.currency or bool(
        catalogue.rates.rate(product.currency, card.currency)
    )
