"""Sixteen clients on one card against sixteen on their own; a card with a long past."""

from itertools import count
from time import perf_counter

from bench import databases, load, shops
from bench.databases import Engine
from bench.figures import ROUNDS, Figure, interleave, ratio
from giftweb import clock, database
from giftweb.domain import audit, checkout
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards.values import Issued
from giftweb.domain.payments.payments import Tender
from giftweb.money import Money
from tests.served import serving

CLIENTS = 16
EACH = 3
HOT_AT_LEAST = 0.4
LONG, SHORT = 100_000, 20
CAPTURES = 20
LONG_AT_MOST = 1.1


def run() -> list[Figure]:
    """Hot against random on PostgreSQL; a long history against a short one on both engines."""
    with databases.engines() as both:
        found = [figure for engine in both for figure in measure_long(engine)]
        return found + [measure_hot(engine) for engine in both if engine.name == "postgresql"]


def measure_hot(engine: Engine) -> Figure:
    """Purchases a second, all by one card, and each by another. No error, no deadlock."""
    url, each = engine.make(), CLIENTS * EACH
    with databases.used(url):
        shop = shops.open_shop()
        hot = shops.give_card(shop, 10**9)
        carts = {
            "one card": [shops.fill_cart(shop, hot) for _ in range(each * (ROUNDS + 1))],
            "random cards": [
                shops.fill_cart(shop, shops.give_card(shop)) for _ in range(each * (ROUNDS + 1))
            ],
        }
    with serving(url, engine.keys_path) as address:

        def pay(name: str) -> float:
            batch, carts[name] = carts[name][:each], carts[name][each:]
            lists = [
                [request for made in batch[start::CLIENTS] for request in shops.purchase(made)]
                for start in range(CLIENTS)
            ]
            return each / load.send(address, shop.secret, lists).seconds

        samples = interleave({name: lambda name=name: pay(name) for name in carts})
    title = f"{CLIENTS} clients, {engine.name}: one hot card / random cards"
    return ratio(title, samples, of="one card", to="random cards", at_least=HOT_AT_LEAST)


def measure_long(engine: Engine) -> list[Figure]:
    """The time of a capture by a card with 100,000 transactions against one with 20."""
    with databases.used(engine.make()):
        shop = shops.open_shop()
        cards = {name: shops.give_card(shop, 10**9) for name in ("long", "short")}
        for name, length in (("long", LONG), ("short", SHORT)):
            give_past(cards[name], length)
        database.execute("ANALYZE")
        samples = interleave(
            {name: lambda card=card: capture(shop, card) for name, card in cards.items()}
        )
    title = f"capture, {engine.name}: {LONG:,} transactions / {SHORT}"
    return [ratio(title, samples, of="long", to="short", at_most=LONG_AT_MOST, unit="ms")]


def capture(shop: shops.Shop, card: Issued) -> float:
    """Milliseconds of a capture, by the domain's verb."""
    made = [shops.fill_cart(shop, card) for _ in range(CAPTURES)]
    rest = [Tender(method="cash", amount=Money(900, "USD"), state="captured")]
    start = perf_counter()
    for checkout_id in made:
        checkout.capture(checkout_id, tenders=rest, by=SYSTEM)
    return (perf_counter() - start) * 1000 / CAPTURES


@database.transactional
def give_past(card: Issued, length: int) -> None:
    """Recharge the card by a cent, again and again, past the verbs."""
    audit_id = audit.record(by=SYSTEM, action="bench", subject=card.card.id)
    balance, versions = card.card.balance_minor, count(2)
    database.flush()
    for number in range(1, length):
        version = next(versions)
        database.execute(
            "INSERT INTO transfer (id, kind, card_id, from_account, to_account, amount_minor,"
            " goodwill_minor, currency, is_test, version, balance_after_minor, created_at,"
            " audit_id, seal)"
            " VALUES (?, 'top_up', ?, 'goodwill', ?, 1, 1, 'USD', ?, ?, ?, ?, ?, ?)",
            *(f"txn_{card.card.id}_{version}", card.card.id, card.card.id, False, version),
            *(balance + number, clock.micros() + number, audit_id, bytes(32)),
        )
    database.execute(
        "UPDATE account SET balance_minor = ?, goodwill_minor = ?, version = ?, moved_at = ?,"
        " seal = ? WHERE id = ?",
        *(
            balance + length - 1,
            balance + length - 1,
            length,
            clock.micros() + length,
            bytes(32),
            card.card.id,
        ),
    )
