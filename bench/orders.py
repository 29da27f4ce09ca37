"""The order page with 50 payments, refunds and notes, as one member of staff waits for it."""

import http.client
from time import perf_counter

import app as application
from bench import databases
from bench.databases import Engine
from bench.figures import ROUNDS, Figure, single
from giftweb import database, ids
from giftweb.config import from_environment
from giftweb.domain import notes, orders, refunds, staff
from giftweb.domain.audit.log import Actor
from giftweb.money import Money
from tests.factories import make_staff
from tests.orders import place
from tests.served import serving

PAYMENTS = 50
PAGES = 30
AT_MOST_MS = 25
SHOP = Actor("api", "key_bench", "Shop")


def run() -> list[Figure]:
    """The milliseconds on each engine."""
    return databases.on_each(measure)


def measure(engine: Engine) -> list[Figure]:
    """Open the page again and again."""
    url = engine.make()
    with databases.used(url):
        path = f"/staff/orders/{order_with_payments()}"
        cookie = signed_in(engine, url)
    with serving(url, engine.keys_path) as address:
        samples = [milliseconds(address, path, cookie) for _ in range(ROUNDS + 1)][1:]
    name = f"order page with {PAYMENTS} payments, {engine.name}"
    return [single(name, samples, at_most=AT_MOST_MS, unit="ms")]


def order_with_payments() -> int:
    """The number of an order with 50 payments, each partly refunded, and as many notes."""
    order = place()
    for _ in range(PAYMENTS - 1):
        database.execute(
            "INSERT INTO payment (id, order_id, method, gateway, currency, is_test, state,"
            " amount_minor, refunded_minor, reference, card_refunded_minor, part,"
            " charged_back_minor, created_at) SELECT ?, order_id, method, gateway, currency,"
            " is_test, state, 100, 0, reference, 0, part, 0, created_at FROM payment LIMIT 1",
            ids.new("pay"),
        )
    for payment in orders.sheet(order).payments:
        refunds.refund(payment.id, amount=Money(50, "USD"), by=SHOP)
        notes.write(order.id, text="Called again", by=SHOP)
    return order.number


def signed_in(engine: Engine, url: str) -> str:
    """The cookie of an agent who is signed in."""
    environ = {"DATABASE_URL": url, "GIFTWEB_KEYS": str(engine.keys_path)}
    made = application.create_app(from_environment(environ))
    client, name = made.test_client(), made.config["SESSION_COOKIE_NAME"]
    key = staff.sessions.open_for(make_staff().id, agent="bench")
    with client.session_transaction() as session:
        session.update(_user_id=key, _fresh=True)
    client.get("/staff/orders/")
    return f"{name}={client.get_cookie(name).value}"


def milliseconds(address: str, path: str, cookie: str) -> float:
    """How long a page takes, from the request to its last byte."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    start = perf_counter()
    for _ in range(PAGES):
        connection.request("GET", path, headers={"Cookie": cookie})
        response = connection.getresponse()
        response.read()
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path} was answered with {response.status}")
    connection.close()
    return 1000 * (perf_counter() - start) / PAGES
