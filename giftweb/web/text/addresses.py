"""A postal address in the lines of its country, as its post wants them."""

from collections.abc import Mapping

from babel import Locale

from giftweb import language

_CITY_REGION_CODE = frozenset({"AU", "CA", "PR", "US"})
_CODE_BELOW = frozenset({"GB", "GG", "IE", "IM", "JE"})
_CITY_CODE = frozenset({"HK", "IN", "NZ", "SG", "TW", "ZA"})


def address_lines(to: Mapping[str, str | None]) -> list[str]:
    """The lines of an address with the fields of an order's ``shipping_address``."""
    first = [to.get(part) for part in ("name", "line1", "line2")]
    lines = [*first, *_place(to), country_name(to.get("country")), to.get("phone")]
    return [line for line in lines if line and line.strip()]


def country_name(code: str | None) -> str:
    """The country's name for whoever reads; a code that is unknown stays as it is."""
    found = Locale.parse(language.locale()).territories.get(code or "")
    return str(found or code or "")


def _place(to: Mapping[str, str | None]) -> list[str]:
    city, region, code = to.get("city") or "", to.get("region") or "", to.get("postal_code") or ""
    if to.get("country") in _CITY_REGION_CODE:
        area = f"{region} {code}".strip()
        return [", ".join(part for part in (city, area) if part)]
    if to.get("country") in _CODE_BELOW:
        return [city, region, code]
    if to.get("country") in _CITY_CODE:
        return [f"{city} {code}", region]
    return [f"{code} {city}", region]
