"""The terms of each role from the first run, before Root has set any; in every currency."""

from giftweb.domain.limits.values import API_KEY, BONUS, Terms
from giftweb.money import exponent

_MAIN_UNITS = {
    "customer_service": (100, 200, 500),
    "customer_service_admin": (1_000, 2_000, 5_000),
    "marketing": (100, 200, 500),
    "cashier": (200, 500, 2_000),
    "finance": (1_000, 2_000, 5_000),
    "root": (10_000, 10_000, 10_000),
    BONUS: (100, None, 2_000),
    API_KEY: (500, None, 5_000),
}
"""Role -> single, receiver and day, in dollars, euros and their like."""

_CODES = {
    "customer_service": 10,
    "customer_service_admin": 30,
    "marketing": 10,
    "cashier": 10,
    "finance": 10,
    "root": 100,
}

_POWERS = {
    10: "CNY CZK DKK EGP HKD MAD MXN NOK PHP SEK THB TRY TWD UAH ZAR",
    100: "BDT DZD HUF INR ISK JMD JPY KES KZT LKR NPR PKR RSD RUB XAF XOF XPF",
    1_000: "ARS CLP COP GNF IQD KHR KRW MGA MMK MNT NGN PYG TZS UGX",
    10_000: "IDR IRR LAK LBP SYP UZS VND",
}
"""How many of a currency's main units are about what one dollar is, to a power of ten."""

_SCALE = {currency: power for power, listed in _POWERS.items() for currency in listed.split()}


def of(role: str, currency: str) -> Terms:
    """The terms of a role in a currency. An unknown role has the narrowest.

    Raises: Invalid (no such currency).
    """
    scale = _SCALE.get(currency, 1) * 10 ** exponent(currency)
    figures = _MAIN_UNITS.get(role, _MAIN_UNITS["customer_service"])
    return Terms(*(None if figure is None else figure * scale for figure in figures))


def codes_of(role: str) -> int:
    """How many codes a role may show or send elsewhere in a day."""
    return _CODES.get(role, _CODES["customer_service"])
