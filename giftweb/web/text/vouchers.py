"""The tax on a single-purpose voucher, in words (docs/vouchers.md)."""

from giftweb import money
from giftweb.language import gettext
from giftweb.money import Money


def tax_text(amount: Money, rate: int | None) -> str:
    """``Includes 19% VAT: $7.98``; nothing for a multi-purpose voucher, whose tax is due later.

    ``rate``: in hundredths of a percent.
    """
    if rate is None:
        return ""
    included = Money(money.included_tax(amount.minor, rate), amount.currency)
    return gettext("Includes {rate}% VAT: {amount}", rate=rate_text(rate), amount=included)


def rate_text(rate: int) -> str:
    """A rate in plain digits: ``19``, ``5.5``."""
    whole, part = divmod(rate, 100)
    return f"{whole}.{part:02}".rstrip("0") if part else str(whole)
