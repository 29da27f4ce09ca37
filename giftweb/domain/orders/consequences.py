"""What follows from a refund, a chargeback or a line taken off, from the facts of its order: pure
arithmetic.

``facts`` reads the facts; ``refunds`` and the desk carry out what follows from them; the desk's
pages put the same list into words before anything is done. Source: B14, S49 to S52, S73, D8, D22.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from giftweb.domain.campaigns.settings import Settings
from giftweb.domain.cards.values import ACTIVE, CANCELLED, EXPIRED, FROZEN, Card
from giftweb.domain.orders import values
from giftweb.domain.orders.values import NOT_NEEDED, PENDING, SHIPPED, SHIPPING_DENIED
from giftweb.money import Money

CLOSED = (CANCELLED, EXPIRED)
"""The statuses of a card from which nothing can be taken back."""

BONUS, PURCHASED, RECHARGE, CHARGEBACK = "bonus", "purchased", "recharge", "chargeback"
"""How money of the order came on a card; also the kinds of a shortfall."""


@dataclass(frozen=True, slots=True)
class Credit:
    """A transfer that put money on a card. ``left_minor`` is less what went back to its source."""

    id: str
    card_id: str
    source: str
    currency: str
    amount_minor: int
    left_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Funded:
    """A card that the order put money on, or its current replacement; minor units of the card.

    ``balance_minor`` is how much of the credit is still on it, ``available_minor`` how much of that
    is not held. ``known_minor`` is what earlier refunds and chargebacks of the order took from it
    or recorded as missing, and what was on a bonus card when it ended. ``is_shared``: another order
    has recharged it. ``is_used``: it has paid for something.
    """

    kind: str
    credit: Credit
    card: Card
    balance_minor: int = 0
    available_minor: int = 0
    known_minor: int = 0
    is_shared: bool = False
    is_used: bool = False
    part: int = 0
    line_id: str | None = None

    @property
    def spent_minor(self) -> int:
        """What is gone of the order's money. Held money is not: it stays with its order."""
        return self.credit.left_minor - self.balance_minor

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be taken from the card any more."""
        return self.card.status in CLOSED

    def money(self, minor: int) -> Money:
        """An amount in the card's currency."""
        return Money(minor, self.card.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earning:
    """What earns the bonus: what the order as placed cost, without what was added to it later.

    ``gone_minor`` of it was refunded or charged back. ``gift_cards_minor`` of it earns none (D30),
    and may be nothing though it ``has_gift_cards``: a discount has paid for them.
    ``taken_off_minor`` of what earned was taken off again.
    """

    terms: Settings
    total_minor: int
    shipping_minor: int
    gift_cards_minor: int
    has_gift_cards: bool = False
    gone_minor: int = 0
    taken_off_minor: int = 0

    @property
    def as_placed(self) -> "Earning":
        """The same before anything was refunded or taken off."""
        return replace(self, gone_minor=0, taken_off_minor=0)

    def bonus_minor(self, left_minor: int) -> int:
        """The bonus for an order of which ``left_minor`` is still paid.

        What is refunded is taken from what earns no bonus first, then from goods and shipping.
        """
        idle = self.gift_cards_minor + self.taken_off_minor
        goods = self.total_minor - idle
        if (idle or self.has_gift_cards) and goods <= self.shipping_minor:
            return 0
        left = min(goods, left_minor)
        shipping = left - min(goods - self.shipping_minor, left_minor)
        return self.terms.bonus_minor(grand_total_minor=left, shipping_minor=shipping)

    def target_minor(self, given_minor: int) -> int:
        """How much of a bonus of ``given_minor`` the customer keeps: what the campaign's rule gives
        for what is left, and never more than was given.

        A rule that would not give this bonus today has changed since: then the bonus shrinks in
        proportion to what is left.
        """
        left = self.total_minor - self.gone_minor
        if not self.total_minor:
            return given_minor
        if left <= 0:
            return 0
        if self.as_placed.bonus_minor(self.total_minor) == given_minor:
            return min(given_minor, self.bonus_minor(left))
        base = self.total_minor - self.gift_cards_minor or self.total_minor
        kept = base - self.taken_off_minor
        if self.taken_off_minor and kept <= self.shipping_minor:
            return 0
        if self.terms.absolute_on:
            return given_minor
        return given_minor * min(kept, left) // base


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """An order with its refunds and chargebacks, recorded or previewed; amounts in minor units.

    A *part* of an order was paid for together: 0 is the order as placed, n the nth addition.

    - ``left_minor``: what was paid and neither refunded nor charged back
    - ``unpaid``: the parts of which nothing is left
    - ``charged_back``, ``refunded``: the parts of which something was
    - ``taken_off``: the ids of the lines that were
    - ``ships``: whether a line that was not taken off is to be shipped
    - ``has_claimed_refund``: a provider has not answered yet, so the refund may still fail
    - ``is_awaited``: some payment has not come yet
    - ``is_unpaid``: a payment for part 0 never came (D21)
    - ``had_payments``: something was paid for it, or to be; an order that cost nothing goes on
      with nothing left, unless it is cancelled
    """

    left_minor: int
    unpaid: frozenset[int] = frozenset()
    charged_back: frozenset[int] = frozenset()
    refunded: frozenset[int] = frozenset()
    taken_off: frozenset[str] = frozenset()
    ships: bool = True
    has_claimed_refund: bool
    is_awaited: bool = False
    is_unpaid: bool = False
    had_payments: bool = True
    is_over: bool
    fulfilment: str
    takes_bonus_back: bool
    earning: Earning
    cards: tuple[Funded, ...]

    @property
    def is_to_be_ended(self) -> bool:
        """Whether nothing is left to refund and the order is still to be ended."""
        is_open = self.has_claimed_refund or self.is_awaited or self.is_over
        return self.left_minor == 0 and self.had_payments and not is_open

    @property
    def takes_cards(self) -> bool:
        """Whether bought cards and recharges of any part are to be taken back."""
        return self.is_to_be_ended or bool(
            self.unpaid and not self.has_claimed_refund and not self.is_over
        )

    def takes(self, funded: Funded) -> bool:
        """Whether this card is to be taken back, because its part is not paid any more."""
        is_unpaid = self.is_to_be_ended or funded.part in self.unpaid
        return self.takes_cards and is_unpaid and not funded.is_closed

    def has_taken_off(self, funded: Funded) -> bool:
        """Whether the line that bought or recharged this card was taken off."""
        return funded.line_id in self.taken_off and not funded.is_closed


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Money goes off a card that lives on; ``missing_minor`` is a shortfall."""

    funded: Funded
    taken_minor: int
    missing_minor: int


@dataclass(frozen=True, slots=True)
class TakeBonus:
    """A part of the bonus goes; ``ends_card``: nothing of it was ever used, and nothing is left."""

    funded: Funded
    taken_minor: int
    missing_minor: int
    ends_card: bool


@dataclass(frozen=True, slots=True)
class CancelCard:
    """A bought card that was never used is cancelled."""

    funded: Funded


@dataclass(frozen=True, slots=True)
class FreezeCard:
    """A card is frozen; ``missing_minor`` is a shortfall that is not recorded yet."""

    funded: Funded
    spent_minor: int
    missing_minor: int
    is_chargeback: bool = False


@dataclass(frozen=True, slots=True)
class EndOrder:
    """The order's status and fulfilment at the end; what was shipped stays as it is."""

    status: str
    fulfilment: str


@dataclass(frozen=True, slots=True)
class EndShipping:
    """What was to be shipped was taken off; the order stays."""


Consequence = TakeBack | TakeBonus | CancelCard | FreezeCard | EndOrder | EndShipping


def of_refund(facts: Facts) -> list[Consequence]:
    """What follows from the refunds and the lines taken off so far, in the order of doing it."""
    found: list[Consequence] = []
    for funded in facts.cards:
        if funded.kind == BONUS:
            found += _of_bonus(facts, funded)
        elif facts.has_taken_off(funded):
            found += _withdraw(funded)
        elif facts.takes(funded):
            found += _of_unpaid(facts, funded)
    if facts.is_to_be_ended:
        return [*found, _end_of(facts)]
    has_nothing_to_ship = facts.fulfilment == PENDING and not facts.ships and not facts.is_over
    return [*found, EndShipping()] if has_nothing_to_ship else found


def of_chargeback(cards: Sequence[Funded]) -> list[FreezeCard]:
    """The cards that are frozen when the payment that put money on them is charged back (D12)."""
    return [_freeze(funded, is_chargeback=True) for funded in cards if not funded.is_closed]


def _of_bonus(facts: Facts, funded: Funded) -> list[TakeBonus]:
    if not facts.takes_bonus_back:
        return []
    issued = funded.credit.amount_minor
    is_paid = facts.left_minor or not facts.had_payments
    target = facts.earning.target_minor(issued) if is_paid else 0
    due = issued - target - funded.known_minor
    if due < 1:
        return []
    taken = min(due, funded.available_minor)
    is_empty = funded.card.balance_minor == taken and funded.card.status in (ACTIVE, FROZEN)
    return [TakeBonus(funded, taken, due - taken, not target and is_empty and not funded.is_used)]


def _of_unpaid(facts: Facts, funded: Funded) -> list[Consequence]:
    """Frozen where money was charged back, and a recharge withdrawn where some was refunded too;
    else withdrawn (D12, D22)."""
    if funded.part in facts.charged_back:
        is_withdrawn = funded.kind == RECHARGE and funded.part in facts.refunded
        return [
            *_freeze_open(funded, is_chargeback=True),
            *(take_back(funded) if is_withdrawn else ()),
        ]
    return _withdraw(funded)


def _withdraw(funded: Funded) -> list[Consequence]:
    return _of_purchase(funded) if funded.kind == PURCHASED else [*take_back(funded)]


def _freeze_open(funded: Funded, *, is_chargeback: bool = False) -> list[FreezeCard]:
    """Nothing for a card that is frozen and of which nothing more is missing."""
    found = _freeze(funded, is_chargeback=is_chargeback)
    return [found] if found.missing_minor or funded.card.status != FROZEN else []


def _of_purchase(funded: Funded) -> list[Consequence]:
    if funded.is_shared:
        return [*take_back(funded)]
    if funded.is_used or funded.card.held_minor:
        return [*_freeze_open(funded)]
    return [CancelCard(funded)]


def take_back(funded: Funded) -> list[TakeBack]:
    """What is taken off a card that lives on; nothing when all was taken or found missing."""
    due = funded.credit.left_minor - funded.known_minor
    if due < 1:
        return []
    taken = min(due, funded.available_minor)
    return [TakeBack(funded, taken, due - taken)]


def _freeze(funded: Funded, *, is_chargeback: bool) -> FreezeCard:
    missing = max(0, funded.spent_minor - funded.known_minor)
    return FreezeCard(funded, funded.spent_minor, missing, is_chargeback)


def _end_of(facts: Facts) -> EndOrder:
    """Denied when it was still to be shipped, cancelled when there is nothing to ship (D8, I18)."""
    if facts.is_unpaid and facts.fulfilment == PENDING:
        return EndOrder(values.CANCELLED, values.FULFILMENT_CANCELLED)
    if facts.fulfilment == PENDING and facts.ships:
        return EndOrder(SHIPPING_DENIED, values.FULFILMENT_CANCELLED)
    if facts.fulfilment in (PENDING, NOT_NEEDED):
        return EndOrder(values.CANCELLED, NOT_NEEDED)
    return EndOrder(values.COMPLETED, SHIPPED)
