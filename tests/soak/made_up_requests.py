"""Requests made from the OpenAPI document, thousands of them: none is answered otherwise."""

import collections
from pathlib import Path

import app as application
from giftweb.config import from_environment
from giftweb.domain import audit
from tests import engines, factories
from tests.api_client import ApiClient
from tests.soak import turns
from tests.web.api import cases
from tests.web.api.shop import Shop

EXAMPLES = 20
"""Requests of each kind to each address, between two looks of the audit."""


def run(seconds: int) -> dict[str, int]:
    """Send requests to each engine for half of the time; raises at the first breach."""
    counts: collections.Counter = collections.Counter()
    for engine, keys_path, _ in turns.on_each_engine(seconds):
        counts["requests"] += round_on(engine, keys_path, counts["rounds"])
        counts["rounds"] += 1
    return dict(counts)


def round_on(engine: engines.Engine, keys_path: Path, number: int, examples: int = EXAMPLES) -> int:
    """One round on an empty database: how many requests were sent."""
    engine.empty()
    settings = {"DATABASE_URL": engine.url, "GIFTWEB_KEYS": str(keys_path)}
    made = application.create_app(from_environment(settings))
    engine.use()
    campaign = factories.make_campaign()
    secret = factories.make_api_key(campaign.id)
    shop = Shop(ApiClient(made.test_client(), secret, campaign.id))
    sent = cases.run(made, shop, examples=examples, number=number)
    breaches = audit.checks.run()
    assert not breaches, breaches
    return sent
