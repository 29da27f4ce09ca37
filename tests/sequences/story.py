"""A plan carried out on a real order, by the domain's own verbs; and how it ended."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from giftweb import models
from giftweb.domain import audit, awaited, cards, carts, checkout, desk, orders, payments, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards import holder
from giftweb.domain.cards.values import Card
from giftweb.domain.catalogue.items import Item
from giftweb.domain.payments.payments import Tender
from giftweb.errors import DomainError, NotFound
from giftweb.money import Money
from tests.factories import AGENT, goods, make_campaign, make_card, make_checkout
from tests.orders import gift_card_item, place, recharge
from tests.sequences.plans import CARDS, DOWNLOAD, GOODS, RECHARGE, Event, Plan


class Story:
    """One order of a plan. Payments, lines and cards have names that no sequence changes."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.recharged = make_card("10.00 USD").card
        items = [self._item(f"L{at}", *line) for at, line in enumerate(plan.lines)]
        whole = sum(item.total_minor for item in items)
        discount = whole * plan.discount_share // 100
        payable = sum(item.total_minor for item in items if not item.is_gift_card) - discount
        pays = plan.card_minor and payable > 0
        paying = [make_card(f"{plan.card_minor / 100:.2f} USD")] if pays else []
        self.order_id = place(
            *items,
            cards=paying,
            method="bank_transfer" if plan.is_awaited else "credit_card",
            state="pending" if plan.is_awaited else "captured",
            campaign_id=make_campaign(**plan.terms).id,
            shipping=f"{plan.shipping_minor / 100:.2f} USD",
            discount_minor=discount,
            tax_minor=plan.tax_minor,
        ).id
        self.payments = {
            "card" if payment.is_gift_card else "main": payment.id
            for payment in payments.of_order(self.order_id)
        }
        self.paying = paying[0].card.id if paying else None

    def _item(self, name: str, kind: str, minor: int, quantity: int) -> Item:
        amount = f"{minor / 100:.2f} USD"
        if kind == RECHARGE:
            item = recharge(self.recharged, "25.00 USD")
        elif kind == CARDS:
            item = gift_card_item(amount, quantity=quantity)
        else:
            item = goods(amount, quantity=quantity, requires_shipping=kind == GOODS)
        return item._replace(sku=name)

    # Events

    def apply(self, event: Event) -> Any:
        """What the event came to: the error that refused it, or what it refunded."""
        before = self._refunded()
        try:
            getattr(self, f"_{event.kind}")(event)
        except DomainError as problem:
            return type(problem).__name__
        after = {name: minor - before.get(name, 0) for name, minor in self._refunded().items()}
        return {name: minor for name, minor in after.items() if minor}

    def _refunded(self) -> dict[str, int]:
        found = {payment.id: payment for payment in payments.of_order(self.order_id)}
        return {name: found[key].refunded_minor for name, key in self.payments.items()}

    def _payment(self, event: Event) -> payments.Payment:
        return payments.find(self._known(self.payments, event.on))

    def _known(self, found: dict[str, str], name: str) -> str:
        if name not in found:
            raise NotFound
        return found[name]

    def _part_of(self, event: Event) -> tuple[str, Money]:
        payment = self._payment(event)
        minor = max(1, payment.amount_minor * event.share // 100)
        return payment.id, Money(minor, "USD")

    def _receive(self, event: Event) -> None:
        awaited.receive(self._payment(event).id, by=SYSTEM)

    def _give_up(self, event: Event) -> None:
        awaited.cancel(self._payment(event).id, by=SYSTEM)

    def _refund(self, event: Event) -> None:
        payment_id, amount = self._part_of(event)
        refunds.refund(payment_id, amount=amount, by=AGENT)

    def _refund_rest(self, event: Event) -> None:
        refunds.refund(self._payment(event).id, by=AGENT)

    def _charge_back(self, event: Event) -> None:
        payment_id, amount = self._part_of(event)
        desk.orders.charge_back(self.order_id, payment_id=payment_id, amount=amount, by=AGENT)

    def _fail(self, event: Event) -> None:
        asked = payments.refund_values.of_order(self.order_id)
        waiting = [each for each in asked if each.stored_status == "requested"]
        if not waiting:
            raise NotFound
        refunds.confirm(waiting[0].id, succeeded=False, by=AGENT)

    def _take_off(self, event: Event) -> None:
        lines = {line.sku: line.id for line in orders.values.lines(self.order_id)}
        refunds.lines.take_off(self.order_id, line_id=self._known(lines, event.on), by=AGENT)

    def _delete(self, event: Event) -> None:
        desk.card_withdrawal.withdraw(self._card(event).id, by=AGENT)

    def _spend(self, event: Event) -> None:
        card = self._card(event)
        opened = make_checkout(goods(f"{event.share / 100:.2f} USD"), shipping="0.00 USD")
        opened = carts.apply(opened.id, code=holder.open_code(card.id))
        checkout.capture(opened.id, tenders=[], by=SYSTEM)

    def _replace(self, event: Event) -> None:
        cards.endings.replace_card(self._card(event).id, by=AGENT)

    def _card(self, event: Event) -> Card:
        """One of the cards that the order has put money on."""
        return cards.current_replacement(cards.find(self._known(self.cards(), event.on)))

    def cards(self) -> dict[str, str]:
        """The first card of each chain, by name."""
        found = {"recharged": self.recharged.id}
        lines = {line.id: line.sku for line in orders.values.lines(self.order_id)}
        bought: dict[str, int] = {}
        for card in sorted(orders.cards_of(self.order_id), key=lambda card: card.id):
            if card.origin == "campaign":
                found["bonus"] = card.id
            elif card.order_item_id:
                at = bought.setdefault(card.order_item_id, 0)
                bought[card.order_item_id] = at + 1
                found[f"{lines[card.order_item_id]}#{at}"] = card.id
        return found

    def _refund_all(self, event: Event) -> None:
        refunds.refund_all(self.order_id, by=AGENT)

    def _cancel(self, event: Event) -> None:
        desk.orders.cancel(self.order_id, by=AGENT)

    def _ship(self, event: Event) -> None:
        desk.orders.ship(self.order_id, by=AGENT)

    def _unship(self, event: Event) -> None:
        desk.orders.unship(self.order_id, by=AGENT)

    def _upsell(self, event: Event) -> None:
        """``share`` holds every choice: no two of the 144 events are alike."""
        known = set(self.payments.values())
        kind = (GOODS, DOWNLOAD, CARDS)[event.share % 3]
        item = self._item(event.on, kind, 1000 + event.share, 1 + event.share // 3 % 2)
        amounts = {
            "discount_minor": item.total_minor // 4 if event.share // 6 % 2 else 0,
            "tax_minor": event.share if event.share // 12 % 2 else 0,
            "shipping_minor": 400 if event.share // 24 % 2 else 0,
        }
        signs = (item.total_minor, *amounts.values())
        total = signs[0] - signs[1] + signs[2] + signs[3]
        tender = Tender(
            method="bank_transfer",
            amount=Money(total, "USD"),
            reference=event.on,
            state="captured" if event.share // 48 else "pending",
        )
        orders.upsell(
            self.order_id, items=[item], tenders=[tender], by=SYSTEM, gateway="offline", **amounts
        )
        (new,) = {each.id for each in payments.of_order(self.order_id)} - known
        self.payments[event.on] = new

    # The end

    def end(self) -> dict[str, Any]:
        """All that must be the same at the end, whichever event came first."""
        order = orders.find(self.order_id)
        whole, paid = orders.sheet(order), {p.id: p for p in payments.of_order(order.id)}
        names = ("items", "discount", "tax", "shipping")
        return {
            "order": (order.status, order.fulfilment, whole.payment_status),
            "amounts": [order.amount(name).minor for name in names],
            "payments": {name: _payment_end(paid[key]) for name, key in self.payments.items()},
            "lines": {line.sku: line.taken_off_at is not None for line in whole.lines},
            "cards": {name: self._card_end(key) for name, key in self.cards().items()},
            "paying": self.paying and cards.find(self.paying).balance_minor,
        }

    def _card_end(self, card_id: str) -> tuple[Any, ...]:
        card = cards.current_replacement(cards.find(card_id))
        chain = orders.card_credits.chain_of(card)
        mail, missing = models.Mail, orders.card_credits.known_shortfalls
        waits = mail.card_id.in_(chain) & (mail.kind == "bonus_issued") & (mail.state == "waiting")
        has_mail = mail.select().where(waits).exists()
        order = orders.find(self.order_id)
        minor = missing(order, dict.fromkeys(chain, card.id))[card.id]
        return (card.status, card.balance_minor, minor, has_mail)


def _payment_end(payment: payments.Payment) -> tuple[Any, ...]:
    return (payment.state, payment.refunded_minor, payment.charged_back_minor, payment.part > 0)


# Both orders of the events


def tell(
    plan: Plan, events: Iterable[Event], after_each: Callable[[], None] = lambda: None
) -> tuple[Counter[Any], dict[str, Any]]:
    """What each event came to, and the end."""
    story, outcomes = Story(plan), Counter[Any]()
    for event in events:
        outcomes[outcome_of(event, story.apply(event))] += 1
        after_each()
    return outcomes, story.end()


def outcome_of(event: Event, outcome: Any) -> tuple[Event, str]:
    """An event with what it came to, the same in whatever order it was done."""
    return event, str(outcome)


def require_clean() -> None:
    """``flask audit`` finds nothing."""
    found = audit.checks.run()
    assert not found, found[:5]


def require_same_end(plan: Plan, *, audits_each: bool = False) -> bool:
    """Carry a plan out in both orders of its events; whether there was anything to compare."""
    outcomes, end = tell(plan, plan.events, require_clean if audits_each else lambda: None)
    is_compared = compare(plan, outcomes, end)
    require_clean()
    return is_compared


def compare(plan: Plan, outcomes: Counter[Any], end: dict[str, Any]) -> bool:
    """Require the same end of the events in their other order, if each came to the same there."""
    if plan.reordered() == plan.events:
        return False
    others, other = tell(plan, plan.reordered())
    if outcomes != others:
        return False
    assert end == other, (plan, end, other)
    return True
