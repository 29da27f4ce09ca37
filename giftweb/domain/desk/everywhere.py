"""One search over orders, gift cards and customers, from every page of the desk."""

from dataclasses import dataclass

from giftweb.database.listings import Page
from giftweb.domain import cards, customers, orders, search_terms
from giftweb.domain.cards.values import Card
from giftweb.domain.customers import Customer
from giftweb.domain.orders.values import Order

SHOWN = 8
"""How many of each kind are found; the lists find the rest."""

_CARDS_OF_FOUR = 200
"""How many cards with the same last four are looked through for a holder's name."""


@dataclass(frozen=True, slots=True)
class Found:
    """The newest orders, gift cards and customers that fit, and how many there are of each."""

    orders: Page[Order]
    cards: Page[Card]
    customers: Page[Customer]
    whole: Order | Customer | None = None
    """The order whose whole number, or the customer whose whole address was typed: their page shows
    the cards as well."""

    @property
    def is_partial(self) -> bool:
        """Whether a search could not look at all orders, gift cards or customers."""
        return any(page.is_partial for page in (self.orders, self.cards, self.customers))

    @property
    def only(self) -> Order | Card | Customer | None:
        """What was found, where that is one thing alone or was typed whole."""
        if self.whole:
            return self.whole
        hits: list[Order | Card | Customer] = [
            *self.orders.items,
            *self.cards.items,
            *self.customers.items,
        ]
        return hits[0] if len(hits) == 1 else None


def find(text: str) -> Found:
    """What fits a number, a reference, the last four, an address, a name or an id.

    Several words of which one is the last four of a card find the cards of that holder: "7K2Q
    smith". Nothing typed finds nothing.
    """
    text = search_terms.cleaned(text)
    if not text:
        nothing: Page = Page((), count=0)
        return Found(nothing, nothing, nothing)
    bought = orders.search.search(orders.search.Query(text=text), limit=SHOWN)
    people = customers.search(text, limit=SHOWN)
    whole: list[Order | Customer] = [
        *(order for order in bought.items if str(order.number) == text),
        *(customer for customer in people.items if customer.email == text.lower()),
    ]
    return Found(bought, _cards(text), people, whole[0] if whole else None)


def _cards(text: str) -> Page[Card]:
    found = cards.search.search(cards.search.Query(text=text), limit=SHOWN)
    words = text.lower().split()
    if found.items or len(words) < 2:
        return found
    hits = [card for word in words for card in _with_last_four(word, words)]
    return Page(tuple(hits[:SHOWN]), count=len(hits), is_partial=found.is_partial)


def _with_last_four(word: str, words: list[str]) -> list[Card]:
    """The cards that end so, whose holder has all the other words in name or address."""
    others = [other for other in words if other != word]
    return [
        card
        for card in cards.search.ending_in(word, limit=_CARDS_OF_FOUR)
        if all(other in f"{card.holder_name} {card.holder_email}".lower() for other in others)
    ]
