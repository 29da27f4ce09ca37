"""A code is applied in the widget: two processes, eight connections, a fresh cart each time.

Against a bare Flask view that answers as many bytes under the same server. Beside it stands what is
left to win: a bare view that sends the same statements by the bare driver, and does nothing else.
"""

import pickle
import time
from pathlib import Path
from tempfile import NamedTemporaryFile

from bench import databases, recording, shops
from bench.balance import bare_view, post
from bench.databases import Engine
from bench.figures import Figure, interleave, ratio
from bench.pressing import Forms, press
from giftweb import database, keys
from giftweb.domain import carts
from tests.served import serving

CARTS = 9000
SECONDS = 2
UNDER_WAY = 0.5
"""Seconds until the requests that were on their way when the last round ended are answered."""
AT_LEAST = {"sqlite": 0.18, "postgresql": 0.14}


def run() -> list[Figure]:
    """The ratios on each engine."""
    return databases.on_each(measure)


def measure(engine: Engine) -> list[Figure]:
    """Press the servers in turn; the cards are taken off all carts before each round."""
    url = engine.make()
    with databases.used(url), database.transaction():
        shop = shops.open_shop()
        bodies = [form(shop) for _ in range(CARTS)]
    fragment = {"HX-Request": "true"}
    forms = Forms(bodies, f"/widget/{shop.campaign_id}/apply", fragment)
    same = Forms(bodies, headers=fragment)

    def pressed(address: str, sent: Forms) -> float:
        time.sleep(UNDER_WAY)
        with databases.used(url):
            database.execute("UPDATE checkout SET cards = '[]', version = 0")
        return press(address, sent, seconds=SECONDS).rate

    with NamedTemporaryFile() as file:
        Path(file.name).write_bytes(pickle.dumps(statements(engine, engine.copy(url), bodies)))
        driver = {"RAW_URL": url, "RAW_STATEMENTS": file.name}
        with (
            serving(url, engine.keys_path) as widget,
            bare_view(size := len(post(widget, forms))) as bare,
            bare_view(size, "bench.raw:app", **driver) as raw,
        ):
            samples = interleave(
                {
                    "widget": lambda: pressed(widget, forms),
                    "same SQL alone": lambda: pressed(raw, same),
                    "bare view": lambda: press(bare, same, seconds=SECONDS).rate,
                }
            )
    title, to, least = f"apply a code, {engine.name}", "bare view", AT_LEAST[engine.name]
    return [
        ratio(f"{title}: widget / bare view", samples, of="widget", to=to, at_least=least),
        ratio(f"{title}: same SQL / bare view", samples, of="same SQL alone", to=to),
    ]


def form(shop: shops.Shop) -> str:
    """What the shopper sends: the token of a new cart, and the code of a new card."""
    token = carts.client_token(shops.open_cart(shop))
    return f"token={token}&code={shops.give_card(shop).code}"


def statements(engine: Engine, url: str, bodies: list[str]) -> dict[bytes, list]:
    """What the program sends for each form."""

    def apply(number: int) -> None:
        token, _, code = bodies[number].removeprefix("token=").partition("&code=")
        carts.apply(carts.Token(*token.split(".", 1)), code=code)

    with databases.used(url):
        keys.follow(engine.keys_path)
        lists = recording.record(apply, len(bodies))
    return {body.encode(): sent for body, sent in zip(bodies, lists, strict=True)}
