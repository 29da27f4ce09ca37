"""One list of countries, for the page that offers them and the API that takes them."""

import pytest

from giftweb.domain import countries

pytestmark = pytest.mark.no_database


def test_every_country_has_a_code_and_a_name():
    assert len(countries.CODES) == 250, "ISO 3166-1, and Kosovo"
    assert set(countries.CODES) == set(countries.NAMES)
    assert countries.NAMES["DE"] == "Germany"
    assert countries.NAMES["XK"] == "Kosovo"
    assert list(countries.NAMES.values()) == sorted(countries.NAMES.values())


@pytest.mark.parametrize("code", ["EU", "UN", "ZZ", "XA", "IC", "AC"])
def test_what_is_no_country_of_its_own_is_not_offered(code):
    assert code not in countries.NAMES
