"""A shop's program that never gives up: every POST is sent again, with its key, until answered."""

import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

import urllib3

from giftweb.database import close
from giftweb.domain.audit.log import SYSTEM
from tests import engines, factories

RETRIED = frozenset({502, 503, 504})
REFUSALS = frozenset({402, 404, 409})


@dataclass
class Shop:
    """Calls the API of one campaign over as many connections as it has threads.

    ``orders`` are those that were acknowledged, ``refused`` counts the 503s.
    """

    address: str
    secret: str
    connections: int = 16

    def __post_init__(self) -> None:
        self.last = "nothing"
        self.orders: list[str] = []
        self.refused = 0
        self.pool = urllib3.PoolManager(maxsize=self.connections, block=True, retries=False)

    def post(self, path: str, body: Any = None) -> tuple[int, dict]:
        """Send until there is an answer: (status, object). The key makes it at most one effect.

        Raises: AssertionError for an answer that the contract does not know.
        """
        key = uuid.uuid4().hex
        until = time.monotonic() + 60
        while time.monotonic() < until:
            answer = self._send(path, {} if body is None else body, key)
            if answer is not None:
                return answer
            time.sleep(0.05)
        raise AssertionError(f"POST {path} was not answered within a minute; last: {self.last}")

    def _send(self, path: str, body: Any, key: str) -> tuple[int, dict] | None:
        headers = {"Authorization": f"Bearer {self.secret}", "Idempotency-Key": key}
        try:
            answer = self.pool.request(
                "POST", f"{self.address}/api/v1{path}", json=body, headers=headers, timeout=10
            )
        except urllib3.exceptions.HTTPError as problem:
            self.last = repr(problem)
            return None
        self.last = f"{answer.status} {answer.data!r}"
        found = json.loads(answer.data)
        self.refused += answer.status == 503
        if answer.status in RETRIED or found.get("code") == "idempotency_in_progress":
            return None
        assert answer.status < 300 or answer.status in REFUSALS, (path, answer.status, found)
        return answer.status, found


def cart(amount: int) -> dict[str, Any]:
    """The body of a checkout for something that is not shipped."""
    item = {"sku": "E-BOOK", "name": "A book", "quantity": 1, "unit_amount": amount}
    return {
        "order_reference": uuid.uuid4().hex,
        "currency": "USD",
        "items": [item | {"requires_shipping": False}],
        "customer": {"email": "ann@example.com", "name": "Ann"},
    }


def buy(shop: Shop, code: str, amount: int) -> int:
    """Pay ``amount`` with a card over the API; how much the card paid: all of it or nothing."""
    status, checkout = shop.post("/checkouts", cart(amount))
    assert status == 201, checkout
    place = f"/checkouts/{checkout['id']}"
    status, checkout = shop.post(f"{place}/gift-cards", {"code": code})
    if status != 200 or checkout["coverage"] != "full":
        return 0
    status, _ = shop.post(f"{place}/authorisation")
    if status != 200:
        return 0
    status, order = shop.post(f"{place}/capture", {"payments": []})
    if status != 201:
        return 0
    shop.orders.append(order["id"])
    return amount


@dataclass(frozen=True)
class Ground:
    """A campaign with a key, and cards with money, on an empty database."""

    secret: str
    cards: dict[str, str]
    start_minor: int


def prepare(engine: engines.Engine, cards: int, amount: str) -> Ground:
    """Issue the cards that are fought over; code -> card id."""
    engine.empty()
    campaign = factories.make_campaign(by=SYSTEM)
    secret = factories.make_api_key(campaign.id, by=SYSTEM)
    issued = [factories.make_card(amount, campaign_id=campaign.id) for _ in range(cards)]
    close()
    start = issued[0].card.balance_minor
    return Ground(secret, {made.code: made.card.id for made in issued}, start)
