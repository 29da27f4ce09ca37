"""A shop for the tests of the API."""

import pytest

from tests.web.api.shop import Shop


@pytest.fixture
def shop(api) -> Shop:
    """A shop with a live key."""
    return Shop(api())
