"""A parcel's address stands in the lines of its country."""

import pytest

from giftweb import language
from giftweb.web.text.addresses import address_lines

pytestmark = [pytest.mark.no_database, pytest.mark.proves("S52")]
HOME = {"name": "Ann Smith", "line1": "4 Mill Road", "city": "Austin", "postal_code": "73301"}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"country": "US", "region": "TX"}, ["Austin, TX 73301", "United States"]),
        ({"country": "US"}, ["Austin, 73301", "United States"]),
        ({"country": "DE"}, ["73301 Austin", "Germany"]),
        ({"country": "FR", "region": "Var"}, ["73301 Austin", "Var", "France"]),
        ({"country": "GB", "region": "Kent"}, ["Austin", "Kent", "73301", "United Kingdom"]),
        ({"country": "NZ"}, ["Austin 73301", "New Zealand"]),
        ({"country": "ZZZ"}, ["73301 Austin", "ZZZ"]),
        ({"country": None, "city": None, "postal_code": None}, []),
    ],
)
def test_city_region_and_code_stand_as_the_countrys_post_wants_them(changes, place):
    assert address_lines(HOME | changes) == ["Ann Smith", "4 Mill Road", *place]


def test_the_country_is_named_in_the_readers_language():
    with language.use("de"):
        assert address_lines(HOME | {"country": "DE"})[-1] == "Deutschland"
