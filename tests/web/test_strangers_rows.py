"""What strangers make us store and send has limits, and what they leave is swept up (X14)."""

from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import carts, checkout, operations
from giftweb.domain.audit.log import SYSTEM
from giftweb.web.pages import baskets
from tests.factories import make_card, make_checkout
from tests.web.test_store import DETAILS, fill_cart, place, shop  # noqa: F401 - a fixture

pytestmark = pytest.mark.proves("X14")

ELSEWHERE = {"REMOTE_ADDR": "198.51.100.1"}


def count_of(table: str) -> int:
    return database.scalar(f"SELECT COUNT(*) FROM {table}")


@pytest.fixture
def a_still_clock(monkeypatch):
    now = clock.micros()
    monkeypatch.setattr(clock, "micros", lambda: now + clock._offset_micros)


def open_carts(app, shop: str, times: int, **options) -> list[int]:  # noqa: F811
    """Shoppers without a cart put a lamp in one; the statuses of the answers."""
    lamp = f"{shop}/products/LAMP"
    return [
        app.test_client().post(lamp, data={"quantity": "1"}, **options).status_code
        for _ in range(times)
    ]


@pytest.mark.usefixtures("a_still_clock")
def test_one_address_opens_so_many_carts_and_then_one_in_half_a_minute(app, shop):  # noqa: F811
    free = baskets.CARTS.free
    assert open_carts(app, shop, free + 3) == [303] * (free + 1) + [429] * 2
    assert count_of("checkout") == free + 1
    assert open_carts(app, shop, 1, environ_base=ELSEWHERE) == [303]
    with clock.moved(timedelta(seconds=30)):
        assert open_carts(app, shop, 1) == [303]


@pytest.mark.usefixtures("a_still_clock")
def test_a_shopper_who_has_a_cart_may_fill_it_meanwhile(app, client, shop):  # noqa: F811
    fill_cart(client, shop)
    open_carts(app, shop, baskets.CARTS.free + 2)
    answer = client.post(f"{shop}/products/LAMP", data={"quantity": "1"})
    assert answer.status_code == 303


@pytest.mark.usefixtures("a_still_clock")
def test_one_email_address_gets_so_many_orders_whoever_types_it(app, shop):  # noqa: F811
    statuses = []
    for number in range(13):
        visitor = app.test_client()
        visitor.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
        fill_cart(visitor, shop)
        statuses.append(place(visitor, shop, method="bank_transfer").status_code)
    assert statuses == [303] * 11 + [429] * 2
    assert count_of("orders") == 11


@pytest.mark.usefixtures("a_still_clock")
def test_one_address_places_so_many_orders(app, shop):  # noqa: F811
    statuses = []
    for number in range(23):
        visitor = app.test_client()
        visitor.post(f"{shop}/products/LAMP", data={"quantity": "1"})
        visitor.post(f"{shop}/checkout", data=DETAILS | {"email": f"ann{number}@example.com"})
        statuses.append(place(visitor, shop, method="bank_transfer").status_code)
    assert statuses == [303] * 21 + [429] * 2


def test_carts_that_nobody_came_back_to_are_swept_up():
    opened, paid, held = make_checkout(), make_checkout(shipping="0.00 USD"), make_checkout()
    carts.apply(paid.id, code=make_card("500.00 USD").code)
    checkout.capture(paid.id, tenders=(), by=SYSTEM)
    carts.apply(held.id, code=make_card("500.00 USD").code)
    checkout.authorise(held.id, by=SYSTEM)
    with clock.moved(timedelta(days=30)):
        operations.housekeeping.prune()
        assert count_of("checkout") == 3
    with clock.moved(timedelta(days=32)):
        assert operations.housekeeping.prune() == 1
        assert operations.housekeeping.prune() == 0
    left = {row[0] for row in database.rows("SELECT id FROM checkout")}
    assert left == {paid.id, held.id}
    assert opened.id not in left
