"""GET /orders: whole orders, a page at a time, in as few questions as one order takes."""

from giftweb import database
from tests.web.api.shop import done
from tests.web.api.test_orders import CARD_ITEM, again


def test_a_list_holds_each_order_as_its_own_address_shows_it(shop):
    orders = [shop.order(shop.issue()), shop.order(items=[CARD_ITEM]), shop.order()]
    listed = done(shop.api.get("/orders"))["data"]
    assert listed == [again(shop, order) for order in reversed(orders)]
    assert len(listed[1]["purchased_gift_cards"]) == 2


def test_a_longer_list_asks_the_database_no_more_often(shop, monkeypatch):
    for _ in range(3):
        shop.order(shop.issue())
    asked = []
    rows = database.rows
    monkeypatch.setattr(database, "rows", lambda *args: asked.append(args) or rows(*args))
    counts = []
    for limit in (1, 3):
        asked.clear()
        assert len(done(shop.api.get("/orders", limit=limit))["data"]) == limit
        counts.append(len(asked))
    assert counts[0] == counts[1]
