"""The order page with 50 payments, refunds and notes against a bare Flask view of the same size.

Both answer in this process, through WSGI alone, so that the page's own work is what is measured.
"""

from collections.abc import Callable
from functools import partial
from time import perf_counter

from flask import Flask
from flask.testing import FlaskClient

import app as application
from bench import databases
from bench.databases import Engine
from bench.figures import Figure, interleave, ratio
from giftweb import database, ids
from giftweb.config import from_environment
from giftweb.domain import notes, order_values, refunds, staff_sessions
from giftweb.domain.audit import Actor
from giftweb.money import Money
from tests.factories import make_staff
from tests.orders import place

PAYMENTS = 50
BATCH = 30
AT_LEAST = 0.3
SHOP = Actor("api", "key_bench", "Shop")


def run() -> list[Figure]:
    """The ratio on each engine."""
    return databases.on_each(measure)


def measure(engine: Engine) -> list[Figure]:
    """Ask both for their page in turn."""
    url = engine.make()
    with databases.used(url):
        number = order_with_payments()
        page, address = desk(engine, url), f"/staff/orders/{number}"
        length = len(page.get(address).data)
        samples = interleave(
            {
                "page": partial(rate, partial(page.get, address)),
                "bare view": partial(rate, partial(bare(length).get, "/")),
            }
        )
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
    for payment in order_values.sheet(order).payments:
        refunds.refund(payment.id, amount=Money(50, "USD"), by=SHOP)
        notes.write(order.id, text="Called again", by=SHOP)
    return order.number


def desk(engine: Engine, url: str) -> FlaskClient:
    """A browser with an agent signed in."""
    environ = {"DATABASE_URL": url, "GIFTWEB_KEYS": str(engine.keys_path)}
    made = application.create_app(from_environment(environ))
    made.config["TESTING"] = True
    client = made.test_client()
    key = staff_sessions.open_for(make_staff().id, agent="bench")
    with client.session_transaction() as session:
        session.update(_user_id=key, _fresh=True)
    return client


def bare(length: int) -> FlaskClient:
    """A Flask view that answers as many bytes and does nothing else."""
    made, text = Flask("bare"), "x" * length
    made.add_url_rule("/", "answer", lambda: text)
    return made.test_client()


def rate(ask: Callable) -> float:
    """How many answers a second."""
    start = perf_counter()
    for _ in range(BATCH):
        if ask().status_code != 200:
            raise RuntimeError("the page did not answer")
    return BATCH / (perf_counter() - start)
