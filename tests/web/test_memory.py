"""A web process keeps nothing that grows with what strangers send (E38)."""

import gc
import json
import logging
import sys
from collections import deque
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from typing import Any

import pytest

from giftweb import codes, security_log
from giftweb.domain import carts, throttle
from giftweb.domain.catalogue import items
from giftweb.domain.throttle import sources
from giftweb.web.access import actors
from tests.factories import make_campaign, make_checkout
from tools import styleguide

pytestmark = pytest.mark.proves("E38")

WARM = 30
"""Rounds after which all that is kept for good is there."""
ROUNDS = 75
LARGEST_CACHE = 4096
KEPT_OBJECTS = 250


def sizes() -> dict[str, int]:
    """How much is in each container and each cache without a bound that our modules have."""
    found = {}
    for module in [name for name in sys.modules if name.partition(".")[0] == "giftweb"]:
        for name, value in vars(sys.modules[module]).items():
            if isinstance(value, dict | list | set | deque):
                found[f"{module}.{name}"] = len(value)
            elif isinstance(value, _lru_cache_wrapper) and value.cache_info().maxsize is None:
                found[f"{module}.{name}"] = value.cache_info().currsize
    return found


def bounded_caches() -> Iterator[tuple[str, Any]]:
    """Each cache with a bound that our modules have, by name."""
    for module in [name for name in sys.modules if name.partition(".")[0] == "giftweb"]:
        for name, value in vars(sys.modules[module]).items():
            if isinstance(value, _lru_cache_wrapper) and value.cache_info().maxsize is not None:
                yield f"{module}.{name}", value


@pytest.fixture
def strangers(app, api, staff_client, caplog):
    """``strangers(number)``: requests of which nothing was sent before, answered by a no or not."""
    # pytest itself keeps every line that is logged.
    caplog.set_level(logging.CRITICAL, logger=security_log.NAME)
    campaign = make_campaign()
    client, root, shop = app.test_client(), staff_client("root"), api(campaign.id)
    token = carts.client_token(make_checkout(campaign_id=campaign.id))

    def send(number: int) -> None:
        word, headers = f"odd{number}", {"Content-Type": f"text/odd{number}"}
        here = {"environ_base": {"REMOTE_ADDR": f"10.{number // 250}.{number % 250}.7"}}
        client.get(f"/{word}?{word}={word}", headers=headers, **here)
        client.open(f"/{word}", method="BREW", data=word, headers=headers, **here)
        client.post("/balance", data={"code": word, word: word}, **here)
        client.post("/balance", data={"code": codes.generate()}, **here)
        client.get(f"/balance?shop={word}", **here)
        client.get(f"/widget/{campaign.id}/?accent=%23{number:06x}&font={word}", **here)
        client.post(
            f"/widget/{campaign.id}/apply", data={"token": token, "code": codes.generate()}, **here
        )
        client.post(f"/widget/{word}/", data={"token": f"{word}.{word}"}, **here)
        root.get(f"/staff/gift-cards/?q={word}&sort={word}&status={word}")
        root.get(f"/staff/orders/?q={word}&from={word}")
        root.get(f"/staff/audit?q={word}&actor={word}")
        shop.get(f"/gift-cards/{word}")
        shop.get("/gift-cards", limit=number, **{word: word})
        shop.post("/checkouts", {word: word, "currency": word[:3].upper(), "items": [word]})

    return send


@pytest.mark.engines("sqlite")
def test_nothing_grows_with_what_strangers_send(strangers):
    for number in range(WARM):
        strangers(number)
    before, kept = sizes(), tracked()
    for number in range(WARM, WARM + ROUNDS):
        strangers(number)
    grown = {
        name: (before.get(name, 0), size)
        for name, size in sizes().items()
        if size > max(before.get(name, 0), 10)
    }
    assert grown == {}
    assert tracked() - kept < KEPT_OBJECTS


def tracked() -> int:
    """How many objects there are that the garbage collector knows, caches with a bound emptied."""
    for _, cache in bounded_caches():
        cache.cache_clear()
    gc.collect()
    return len(gc.get_objects())


@pytest.mark.no_database
def test_no_cache_with_a_bound_is_large():
    caches = list(bounded_caches())
    assert len(caches) > 8
    assert [name for name, each in caches if each.cache_info().maxsize > LARGEST_CACHE] == []


@pytest.mark.no_database
def test_an_address_that_is_none_is_not_kept():
    kept = actors._canonical.cache_info().currsize
    app = styleguide.create_app()
    for number in range(50):
        address = {"REMOTE_ADDR": f"{number}" + "x" * 5000}
        with app.test_request_context(environ_base=address):
            assert actors.client_address() == "unknown"
    assert actors._canonical.cache_info().currsize == kept


@pytest.mark.no_database
def test_a_long_source_is_not_kept():
    source, kept = "x" * 5000, sources._networks_of.cache_info().currsize
    assert throttle.source_of(source) == sources.NO_ADDRESS
    assert sources._networks_of.cache_info().currsize == kept


@pytest.mark.no_database
def test_a_long_cart_is_read_and_not_kept():
    items._read_cached.cache_clear()
    line = {"sku": "MUG", "name": "x" * 5000, "quantity": 1, "unit_minor": 1}
    assert items.read(json.dumps([line]))[0].name == line["name"]
    assert items._read_cached.cache_info().currsize == 0
