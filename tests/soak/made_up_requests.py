"""Requests made from the OpenAPI document, thousands of them: none is answered otherwise."""

import collections
import tempfile
import time
from pathlib import Path

import app as application
from giftweb import keys
from giftweb.config import from_environment
from giftweb.domain import audit_checks
from tests import engines, factories
from tests.api_client import ApiClient
from tests.web.api import cases
from tests.web.api.shop import Shop

EXAMPLES = 20
"""Requests of each kind to each address, between two looks of the audit."""


def run(seconds: int) -> dict[str, int]:
    """Send requests to each engine for half of the time; raises at the first breach."""
    counts: collections.Counter = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        keys_path = Path(folder) / "keys.json"
        keys.use(keys.create(keys_path))
        for name in engines.NAMES:
            engine = engines.make(name, Path(folder) / name)
            until = time.monotonic() + seconds / len(engines.NAMES)
            while time.monotonic() < until:
                counts["requests"] += round_on(engine, keys_path, counts["rounds"])
                counts["rounds"] += 1
            engine.remove()
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
    breaches = audit_checks.run()
    assert not breaches, breaches
    return sent
