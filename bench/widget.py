"""A code is applied in the widget: two processes, eight connections, a fresh cart each time.

Against a bare Flask view that answers as many bytes under the same server.
"""

import time

from bench import databases, shops
from bench.balance import bare_view, post
from bench.databases import Engine
from bench.figures import Figure, interleave, ratio
from bench.pressing import Forms, press
from giftweb import database
from giftweb.domain import checkout_values as values
from tests.serving import serving

CARTS = 3000
SECONDS = 2
UNDER_WAY = 0.5
"""Seconds until the requests that were on their way when the last round ended are answered."""
AT_LEAST = 0.25


def run() -> list[Figure]:
    """The ratio on each engine."""
    return databases.on_each(measure)


def measure(engine: Engine) -> list[Figure]:
    """Press both servers in turn; the cards are taken off all carts before each round."""
    url = engine.make()
    with databases.used(url), database.transaction():
        shop = shops.open_shop()
        bodies = [form(shop) for _ in range(CARTS)]
    path = f"/widget/{shop.campaign_id}/apply"
    fragment = {"HX-Request": "true"}
    forms, same = Forms(bodies, path, fragment), Forms(bodies, headers=fragment)
    with serving(url, engine.keys_path) as widget, bare_view(len(post(widget, forms))) as bare:

        def apply() -> float:
            time.sleep(UNDER_WAY)
            with databases.used(url):
                database.execute("UPDATE checkout SET cards = '[]'")
            return press(widget, forms, seconds=SECONDS).rate

        samples = interleave(
            {"widget": apply, "bare view": lambda: press(bare, same, seconds=SECONDS).rate}
        )
    title = f"apply a code, {engine.name}: widget / bare view"
    return [ratio(title, samples, of="widget", to="bare view", at_least=AT_LEAST)]


def form(shop: shops.Shop) -> str:
    """What the shopper sends: the token of a new cart, and the code of a new card."""
    token = values.client_token(shops.open_cart(shop))
    return f"token={token}&code={shops.give_card(shop).code}"
