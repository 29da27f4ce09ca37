"""What a web process keeps after many mixed requests: pages, the desk, the API, and refused ones.

Half of what is sent is made up: names, codes, addresses, currencies and carts that no request had
before. Whatever is kept by something a stranger chooses shows as growth. ``MEMORY_REQUESTS`` is how
many are sent, 200,000 by default; the memory is read ten or twenty times on the way.
"""

import json
import os
import random
import re
import secrets
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlencode

from bench import databases, shops
from bench.databases import Engine
from bench.figures import Figure, single
from bench.processes import worker_megabytes
from giftweb import database
from giftweb.domain import carts, staff
from giftweb.domain.audit.log import SYSTEM
from tests.served import serving

REQUESTS = int(os.environ.get("MEMORY_REQUESTS", "200000"))
READ_EVERY = min(10_000, max(REQUESTS // 10, 1))
CONNECTIONS = 4
AT_MOST_MB = 100
EMAIL, PASSWORD = "root@example.com", "correct horse battery staple"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Sent:
    """A request."""

    method: str
    path: str
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """What the requests are about."""

    shop: shops.Shop
    codes: list[str]
    card_ids: list[str]
    tokens: list[str]
    cookie: str
    """Of somebody who is signed in at the desk."""
    visitor: dict[str, str]
    """The cookie and the form's token of somebody who is not."""


def run() -> list[Figure]:
    """The largest web process on each engine, after all requests."""
    return databases.on_each(measure)


def measure(engine: Engine) -> list[Figure]:
    """Send the requests, and read the memory now and then."""
    url = engine.make()
    with databases.used(url), database.transaction():
        shop = shops.open_shop()
        issued = [shops.give_card(shop) for _ in range(200)]
        tokens = [carts.client_token(shops.open_cart(shop)) for _ in range(200)]
        staff.create(
            email=EMAIL, name="Root", role="root", password=PASSWORD, by=SYSTEM, reason="bench"
        )
    with serving(url, engine.keys_path, TRUSTED_PROXIES="1") as address:
        host = address.removeprefix("http://")
        codes, ids = [card.code for card in issued], [card.card.id for card in issued]
        requests = mixed(Target(shop, codes, ids, tokens, sign_in(host), visit(host)))
        readings = [max(worker_megabytes())]
        for _ in range(0, REQUESTS, READ_EVERY):
            send(host, [next(requests) for _ in range(READ_EVERY)])
            readings.append(max(worker_megabytes()))
            print(f"{engine.name}: {readings[-1]:.1f} MB", file=sys.stderr, flush=True)
    title = f"memory (PSS) of a worker after {REQUESTS:,} mixed requests, {engine.name}"
    course = {"course": " ".join(f"{reading:.0f}" for reading in readings)}
    late = readings[-max(len(readings) // 4, 1) :]
    return [single(title, late, at_most=AT_MOST_MB, unit="MB", absolute=course)]


def visit(host: str) -> dict[str, str]:
    """The cookie and the token of a fresh sign-in form."""
    connection = HTTPConnection(host, timeout=30)
    connection.request("GET", "/login")
    response = connection.getresponse()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', response.read().decode())[1]
    return {"cookie": _cookies(response.headers.get_all("Set-Cookie")), "token": token}


def sign_in(host: str) -> str:
    """The cookie of Root at the desk."""
    connection, visitor = HTTPConnection(host, timeout=30), visit(host)
    sent = credentials(visitor, EMAIL, PASSWORD)
    connection.request(sent.method, sent.path, sent.body, sent.headers)
    response = connection.getresponse()
    response.read()
    if response.status != 303:
        raise RuntimeError(f"signing in was answered with {response.status}")
    return _cookies(response.headers.get_all("Set-Cookie"))


def credentials(visitor: dict[str, str], email: str, password: str) -> Sent:
    """The sign-in form, filled in."""
    form = {"csrf_token": visitor["token"], "email": email, "password": password}
    return Sent("POST", "/login", urlencode(form), FORM | {"Cookie": visitor["cookie"]})


def _cookies(lines: list[str] | None) -> str:
    return "; ".join(line.partition(";")[0] for line in lines or ())


def send(host: str, requests: list[Sent]) -> None:
    """Send them on several connections."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(_send, [host] * CONNECTIONS, [requests[n::CONNECTIONS] for n in range(4)]))


def _send(host: str, requests: list[Sent]) -> None:
    connection = HTTPConnection(host, timeout=30)
    for sent in requests:
        try:
            connection.request(sent.method, sent.path, sent.body or None, sent.headers)
            connection.getresponse().read()
        except OSError:  # A body that is too large is not read to its end.
            connection.close()
    connection.close()


def mixed(target: Target) -> Iterator[Sent]:
    """Requests without an end, the same in each run."""
    chance = random.Random(38)
    kinds = [page, balance, widget, desk, api, api_cart, refused]
    while True:
        yield chance.choice(kinds)(target, chance)


def page(target: Target, chance: random.Random) -> Sent:
    """A public page."""
    campaign = target.shop.campaign_id
    theme = urlencode({"accent": f"#{chance.randrange(16**6):06x}", "font": odd(chance)})
    paths = ["/", "/login", f"/shop/{campaign}/", f"/widget/{campaign}/?{theme}"]
    paths += ["/account/", f"/balance?shop={odd(chance)}", f"/shop/{odd(chance)}/"]
    return Sent("GET", chance.choice(paths), headers=address(chance))


def balance(target: Target, chance: random.Random) -> Sent:
    """A code on the balance page, right or made up."""
    code = chance.choice([*target.codes, *[odd(chance)] * 100])
    return Sent("POST", "/balance", urlencode({"code": code}), FORM | address(chance))


def widget(target: Target, chance: random.Random) -> Sent:
    """A code in the widget."""
    form = {"token": chance.choice(target.tokens), "code": chance.choice(target.codes)}
    if chance.random() < 0.5:
        form[chance.choice(["token", "code"])] = odd(chance)
    path = f"/widget/{target.shop.campaign_id}/{chance.choice(['', 'apply', 'remove', 'limit'])}"
    return Sent("POST", path, urlencode(form), FORM | address(chance))


def desk(target: Target, chance: random.Random) -> Sent:
    """A page of the desk, and what somebody searches there."""
    query = urlencode({"q": odd(chance), "from": "2026-01-01", "sort": odd(chance)})
    noun = chance.choice(["gift-cards", "orders", "customers", "people"])
    paths = [f"/staff/{noun}/?{query}", f"/staff/gift-cards/{chance.choice(target.card_ids)}"]
    paths += ["/staff/", f"/staff/audit?{query}", f"/staff/gift-cards/{odd(chance)}"]
    return Sent("GET", chance.choice(paths), headers={"Cookie": target.cookie})


def api(target: Target, chance: random.Random) -> Sent:
    """A call of a shop's program, right or with something that is not there."""
    headers = {"Authorization": f"Bearer {target.shop.secret}"}
    if chance.random() < 0.2:
        headers["Authorization"] = f"Bearer {odd(chance)}"
    card_id = chance.choice([*target.card_ids, *[odd(chance)] * 100])
    paths = ["gift-cards?limit=5", f"gift-cards/{card_id}", f"gift-cards/{card_id}/transactions"]
    paths += [f"orders/{odd(chance)}", f"checkouts/{odd(chance)}", odd(chance)]
    return Sent("GET", f"/api/v1/{chance.choice(paths)}", headers=headers)


def api_cart(target: Target, chance: random.Random) -> Sent:
    """A cart with up to 50 made-up lines, or with a currency or a field that there is not."""
    lines = [
        {
            "sku": odd(chance),
            "name": odd(chance),
            "quantity": 1,
            "unit_amount": 100 + number,
            "kind": "goods",
            "requires_shipping": False,
        }
        for number in range(chance.randrange(1, 50))
    ]
    customer = {"email": f"{secrets.token_hex(4)}@example.com", "name": odd(chance)[:50]}
    cart = {"order_reference": odd(chance)[:50], "items": lines, "customer": customer}
    cart["currency"] = chance.choice(["USD", "USD", "EUR", odd(chance)[:3]])
    if chance.random() < 0.3:
        cart[odd(chance)] = odd(chance)
    headers = {"Authorization": f"Bearer {target.shop.secret}", "Content-Type": "application/json"}
    headers["Idempotency-Key"] = secrets.token_hex(8)
    return Sent("POST", "/api/v1/checkouts", json.dumps(cart), headers)


def refused(target: Target, chance: random.Random) -> Sent:
    """What leads nowhere: unknown addresses and methods, forged forms, bodies that are no JSON."""
    if chance.random() < 0.1:
        return credentials(target.visitor, f"{odd(chance)}@example.com", odd(chance))
    method = chance.choice(["GET", "POST", "DELETE", "BREW"])
    path = chance.choice([f"/{odd(chance)}", "/staff/orders/", "/login", "/api/v1/gift-cards"])
    headers = {"Content-Type": odd(chance), "Cookie": f"giftweb={odd(chance)}"} | address(chance)
    return Sent(method, path, odd(chance) * chance.choice([1, 1, 1, 100]), headers)


def odd(chance: random.Random) -> str:
    """A word that no request had before."""
    return f"{chance.getrandbits(64):016x}" * chance.choice([1, 1, 1, 3, 9])


def address(chance: random.Random) -> dict[str, str]:
    """A client's address as a proxy passes it on."""
    return {"X-Forwarded-For": ".".join(str(chance.randrange(1, 255)) for _ in range(4))}
