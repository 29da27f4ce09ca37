"""The order page with 50 payments, refunds and notes against a bare Flask view of the same size.

Both over HTTP under the same server, two processes, eight connections.
"""

import asyncio
import http.client
from functools import partial
from itertools import repeat
from time import perf_counter

import app as application
from bench import databases
from bench.balance import PROCESSES, bare_view
from bench.databases import Engine
from bench.figures import Figure, interleave, ratio
from bench.pressing import CONNECTIONS, visitor
from giftweb import database, ids
from giftweb.config import from_environment
from giftweb.domain import notes, orders, refunds, staff
from giftweb.domain.audit.log import Actor
from giftweb.money import Money
from tests.factories import make_staff
from tests.orders import place
from tests.served import serving

PAYMENTS = 50
SECONDS = 3
AT_LEAST = 0.3
SHOP = Actor("api", "key_bench", "Shop")


def run() -> list[Figure]:
    """The ratio on each engine."""
    return databases.on_each(measure)


def measure(engine: Engine) -> list[Figure]:
    """Press both servers in turn."""
    url = engine.make()
    with databases.used(url):
        path = f"/staff/orders/{order_with_payments()}"
        cookie = signed_in(engine, url)
    with serving(url, engine.keys_path, processes=PROCESSES) as page:
        length = len(get(page, path, cookie))
        with bare_view(length) as bare:
            ask_page = partial(rate, page, path, cookie)
            ask_bare = partial(rate, bare, "/", cookie)
            samples = interleave({"page": ask_page, "bare view": ask_bare})
    name = f"order page with {PAYMENTS} payments, {engine.name}: page / bare view"
    return [ratio(name, samples, of="page", to="bare view", at_least=AT_LEAST)]


def order_with_payments() -> int:
    """The number of an order with 50 payments, each partly refunded, and as many notes."""
    order = place()
    for _ in range(PAYMENTS - 1):
        database.execute(
            "INSERT INTO payment (id, order_id, method, gateway, currency, is_test, state,"
            " amount_minor, refunded_minor, reference, card_refunded_minor, is_upsell,"
            " charged_back_minor, created_at) SELECT ?, order_id, method, gateway, currency,"
            " is_test, state, 100, 0, reference, 0, is_upsell, 0, created_at FROM payment LIMIT 1",
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


def get(address: str, path: str, cookie: str) -> bytes:
    """What the page answers."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"{path} answered {answer.status}")
    return text


def rate(address: str, path: str, cookie: str) -> float:
    """How many pages a second eight visitors get together."""
    return asyncio.run(_rate(address, path, cookie))


async def _rate(address: str, path: str, cookie: str) -> float:
    host, _, port = address.removeprefix("http://").partition(":")
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookie}\r\n\r\n".encode()
    ends_at = perf_counter() + SECONDS
    visits = (visitor(host, int(port), repeat(request), ends_at, 0) for _ in range(CONNECTIONS))
    return sum(len(times) for times in await asyncio.gather(*visits)) / SECONDS
