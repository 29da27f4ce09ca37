"""create_app: the configuration comes from the environment, or from whoever calls it."""

import pytest

from app import create_app
from giftweb import database


@pytest.mark.engines("sqlite")
def test_a_mapping_goes_before_the_environment_and_flasks_settings(engine, keys_path, tmp_path):
    ledger = database.db.obj
    given = {"DATABASE_URL": f"sqlite:///{tmp_path}/x.db", "GIFTWEB_KEYS": str(keys_path)}
    try:
        app = create_app(given | {"TESTING": True, "BASE_URL": "https://cards.example"})
    finally:
        database.db.initialize(ledger)
    config = app.config["GIFTWEB"]
    assert config.database_url == given["DATABASE_URL"]
    assert config.is_https
    assert app.testing
