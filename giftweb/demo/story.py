"""What happens in the demo shop, chapter by chapter: every status a card or an order can have."""

from collections.abc import Callable
from datetime import timedelta

from giftweb import clock
from giftweb.demo import counter
from giftweb.demo.content import (
    CUSTOMERS,
    DOMAIN,
    GIFT_CARDS,
    GOODS,
    MESSAGES,
    PEOPLE,
    REASONS,
    UPSELL,
)
from giftweb.demo.world import SignIn, Story, address_of, gift, goods, item
from giftweb.domain import (
    campaigns,
    cards,
    catalogue,
    checkout,
    customers,
    desk,
    notes,
    orders,
    payments,
    refunds,
    staff,
)
from giftweb.domain.audit.log import SYSTEM, Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.campaigns.settings import Settings
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import Issued
from giftweb.domain.catalogue.products import NewProduct
from giftweb.domain.payments.payments import Tender
from giftweb.money import Money

SHOP_SETTINGS = Settings(
    name="Harbour Books",
    currency="USD",
    brand_name="Harbour Books",
    brand_colour="teal",
    shipping_minor=900,
    bank_details="Harbour Books Ltd\nFirst Coast Bank\nAccount 0004 7711 2093",
    issue_after_sales=True,
    relative_hundredths=1000,
    bonus_minimum_minor=10_000,
    bonus_cap_minor=5000,
    bonus_waiting_days=14,
    bonus_valid_days=180,
)
SECOND_SETTINGS = Settings(
    name="Nordlicht Home",
    currency="EUR",
    brand_name="Nordlicht Home",
    brand_colour="plum",
    covers="goods_and_shipping",
    shipping_minor=590,
    issue_after_sales=True,
    absolute_on=True,
    absolute_minor=500,
    card_valid_days=3 * 365,
)


# Chapters


def open_the_house(story: Story) -> None:
    """Staff, two campaigns, registered customers."""
    for role, name in PEOPLE:
        password = staff.passwords.generate()
        person = staff.create(
            email=f"{role.replace('_', '-')}@{DOMAIN}",
            name=name,
            role=role,
            password=password,
            by=SYSTEM,
            reason="Demo",
        )
        story.sign_ins.append(SignIn(role, name, person.email, password))
        story.actors[role] = Actor("staff", person.id, name, role, person.email)
    root = story.actors["root"]
    for settings in (SHOP_SETTINGS, SECOND_SETTINGS):
        story.campaigns.append(campaigns.opening.open_campaign(settings, by=root).campaign)
    for campaign in story.campaigns:
        fill_the_shelves(campaign, by=root)
    for name in CUSTOMERS:
        story.customers[name] = customers.register(email=address_of(name), name=name, by=root)


def fill_the_shelves(campaign: Campaign, *, by: Actor) -> None:
    """Goods, gift cards of every type, and an upsell."""
    offered = [NewProduct(sku=sku, name=name, unit_minor=price) for sku, name, price in GOODS]
    offered += [
        NewProduct(**{"kind": "gift_card", "requires_shipping": False} | card)
        for card in GIFT_CARDS
    ]
    sku, name, price = UPSELL
    offered.append(
        NewProduct(sku=sku, name=name, unit_minor=price, requires_shipping=False, is_upsell=True)
    )
    for product in offered:
        catalogue.create(campaign.id, new=product, by=by)


def give_the_first_cards(story: Story) -> None:
    """Goodwill cards; some of them will have ended by today."""
    soon = clock.today() + timedelta(days=40)
    story.issue("half", 10_000, "Ann Smith")
    story.issue("used up", 3500, "Bruno Keller")
    story.issue("frozen", 7500, "Chiara Rossi", message=MESSAGES[1])
    story.issue("expired", 2000, "David Osei", expires_on=soon)
    story.issue("lost", 6000, "Elena Petrova")
    story.issue(
        "mistaken", 50_000, "Femi Adeyemi", by=story.admin, reason="Typed a nought too many"
    )
    story.issue("euro", 4000, "Jonas Berg", currency="EUR")
    story.issue("later", 2500, "Grace Liu", expires_on=clock.today() + timedelta(days=365))


def sell_the_first_orders(story: Story) -> None:
    """Paid by card, shipped, and one card used up."""
    first = story.buy("Ann Smith", *goods("LAMP-READ"))
    desk.orders.ship(first.id, by=story.agent, tracking="1Z-4471-22")
    second = story.buy("Bruno Keller", *goods("BOOK-MAPS"), use=("used up",))
    desk.orders.ship(second.id, by=story.agent, tracking="1Z-4471-39")
    story.orders["gifts"] = story.buy(
        "Hugo Martin",
        gift(5000, "Ines Almeida", sender="Hugo Martin", message=MESSAGES[0]),
        gift(2500, "Keiko Tanaka", sender="Hugo Martin", message=MESSAGES[2]),
    )
    story.orders["suspicious"] = story.buy(
        "Olga Novak", gift(20_000, "Noah Jensen", sender="Olga Novak")
    )


def put_things_right(story: Story) -> None:
    """What customer service does all day."""
    cards.freeze(story.cards["frozen"].card.id, by=story.agent, reason="Reported as stolen")
    cards.endings.cancel(story.cards["mistaken"].card.id, by=story.agent, reason="Wrong amount")
    story.cards["found"] = cards.endings.replace_card(
        story.cards["lost"].card.id, by=story.agent, reason="The mail was lost"
    )
    cards.adjust(
        story.cards["later"].card.id,
        change=Money(500, "USD"),
        reason="Promised by telephone",
        by=story.admin,
    )
    cards.top_up(
        story.cards["euro"].card.id, amount=Money(1500, "EUR"), by=story.agent, note="Recharge"
    )


def refund_and_apologise(story: Story) -> None:
    """A mixed order refunded in full, a part refund, a card on an order, one over the total."""
    story.issue("small", 4000, "Grace Liu")
    denied = story.buy("Grace Liu", *goods("BLANKET"), use=("small",), gateway="offline")
    refunds.refund_all(denied.id, by=story.agent, reason="Out of stock")
    part = story.buy("Liam Byrne", *goods("PEN-BRASS", "MUG-BLUE"), gateway="offline")
    paid = payments.of_order(part.id)[0]
    refunds.refund(paid.id, amount=Money(1800, "USD"), by=story.agent, reason="The mug was chipped")
    desk.order_cards.issue(part.id, amount=Money(1000, "USD"), by=story.agent, reason=REASONS[1])
    notes.write(part.id, text="Called the customer; she keeps the mug.", by=story.agent)
    over = story.buy("Mona Haddad", *goods("TEA-BOX"), gateway="offline")
    desk.order_cards.issue(
        over.id, amount=Money(4000, "USD"), by=story.admin, reason=REASONS[2], may_exceed=True
    )


def spend_half(story: Story) -> None:
    """The half-spent card, a purchase with two cards, an upsell, a cancelled gift."""
    story.buy("Ann Smith", *goods("BOOK-TIDE", "POSTER-LH"), use=("half",))
    story.issue("ten", 1000, "Priya Raman")
    story.issue("twenty", 2500, "Priya Raman")
    several = story.buy("Priya Raman", *goods("TOTE-SAIL", "TEA-BOX"), use=("ten", "twenty"))
    desk.orders.ship(several.id, by=story.agent, tracking="1Z-4488-03")
    upsold = story.buy("Noah Jensen", *goods("GLOBE-SM"), gateway="offline")
    sku, name, price = UPSELL
    orders.upsell(
        upsold.id,
        items=[item(sku, name, price, requires_shipping=False)],
        tenders=[
            Tender(
                method="credit_card",
                amount=Money(price, "USD"),
                reference="ch_4301",
                state=payments.CAPTURED,
            )
        ],
        by=story.till,
        gateway="offline",
    )
    unwanted = story.buy(
        "Keiko Tanaka", gift(3000, "Liam Byrne", sender="Keiko Tanaka"), gateway="offline"
    )
    refunds.refund_all(unwanted.id, by=story.agent, reason="Bought twice")


def make_trouble(story: Story) -> None:
    """A chargeback, a refund of gift cards that were used, and one that waits for the shop."""
    suspicious = story.orders["suspicious"]
    paid = payments.of_order(suspicious.id)[0]
    desk.orders.charge_back(suspicious.id, payment_id=paid.id, amount=paid.amount, by=story.admin)
    gifts = story.orders["gifts"]
    used = orders.cards_of(gifts.id)[0]
    story.cards["gift"] = Issued(used, cards.holder.open_code(used.id))
    story.buy("Ines Almeida", *goods("POSTER-LH"), use=("gift",), gateway="offline")
    refunds.refund_all(gifts.id, by=story.agent, reason="Bought with the wrong card")
    waiting = story.buy("Elena Petrova", *goods("TOTE-SAIL"), use=("found",))
    story.orders["waiting"] = waiting
    story.buy("Jonas Berg", *goods("MUG-BLUE"), campaign=story.campaigns[1], use=("euro",))


def busy_weeks(story: Story) -> None:
    """A few ordinary orders."""
    for who in story.dice.sample(sorted(story.customers), 4):
        bought = goods(*story.dice.sample([sku for sku, _, _ in GOODS], story.dice.randint(1, 3)))
        placed = story.buy(who, *bought, gateway="offline")
        if story.dice.random() < 0.7:
            tracking = f"1Z-{story.dice.randint(4500, 4999)}-{story.dice.randint(10, 99)}"
            desk.orders.ship(placed.id, by=story.agent, tracking=tracking)


def try_things_out(story: Story) -> None:
    """The test book: a batch of test cards and a test order."""
    batch = [
        NewCard(
            amount=Money(5000, "USD"),
            holder_email=address_of(name),
            holder_name=name,
            is_test=True,
        )
        for name in CUSTOMERS[:3]
    ]
    issued = cards.issue_many(batch, by=story.agent, reason="Trying the new checkout")
    story.cards["test"] = issued[0]
    story.buy("Ann Smith", *goods("MUG-BLUE"), use=("test",), is_test=True)


def today(story: Story) -> None:
    """What is going on right now, a bought gift and a transfer that has not come among it."""
    cards.endings.expire(story.cards["expired"].card.id)
    story.issue("fresh", 5000, "Bruno Keller")
    story.issue("held", 8000, "Hugo Martin")
    refunds.refund_all(
        story.orders["waiting"].id, by=story.agent, reason="Changed her mind before shipping"
    )
    story.buy("Hugo Martin", *goods("BOOK-TIDE"))
    story.buy("Chiara Rossi", *goods("POSTER-LH", "PEN-BRASS"), method="paypal")
    story.buy("Keiko Tanaka", gift(3000, "Priya Raman", sender="Keiko Tanaka"), gateway="offline")
    story.buy(
        "Femi Adeyemi",
        *goods("TOTE-SAIL"),
        method="bank_transfer",
        state=payments.PENDING,
        gateway="offline",
    )
    held = story.check_out("Hugo Martin", *goods("LAMP-READ"), use=("held",))
    checkout.authorise(held.id, by=story.till)
    story.check_out("Grace Liu", *goods("TEA-BOX"), use=("later",))


CHAPTERS: tuple[tuple[int, Callable[[Story], None]], ...] = (
    (60, open_the_house),
    (58, give_the_first_cards),
    (52, sell_the_first_orders),
    (47, busy_weeks),
    (44, put_things_right),
    (38, refund_and_apologise),
    (33, busy_weeks),
    (26, spend_half),
    (19, busy_weeks),
    (12, make_trouble),
    (6, busy_weeks),
    (5, counter.print_cards),
    (4, counter.bring_cards),
    (2, try_things_out),
    (0, today),
    (0, counter.serve),
)
"""(days ago, what happened), in the order of time: ids and transactions rise with it."""

SHOWN = (("fresh", "fresh"), ("half spent", "half"), ("frozen", "frozen"))
"""(what it is, its name in the story): the codes that are printed."""
