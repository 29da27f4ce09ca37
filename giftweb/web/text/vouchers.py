"""The tax on a single-purpose voucher, in words (docs/vouchers.md)."""

from giftweb import money
from giftweb.domain.cards.voucher_tax import Moved
from giftweb.domain.orders.line import Line
from giftweb.domain.orders.values import OrderSheet
from giftweb.language import gettext
from giftweb.money import Money
from giftweb.percentages import Percentage


def tax_text(amount: Money, rate: int | None) -> str:
    """``Includes 19% VAT: $7.98``; nothing for a multi-purpose voucher, whose tax is due later.

    ``rate``: in hundredths of a percent.
    """
    if rate is None:
        return ""
    included = Money(money.included_tax(amount.minor, rate), amount.currency)
    return gettext("Includes {rate} VAT: {amount}", rate=Percentage(rate), amount=included)


def moved_tax_text(moved: Moved, *, is_sale: bool) -> str:
    """The tax in what was sold, or in what was spent of it, whose tax was due before."""
    if is_sale:
        return tax_text(moved.sold, moved.rate)
    return gettext(
        "{tax} ({rate} of {sold}) was due when the card was sold",
        tax=moved.tax,
        rate=Percentage(moved.rate),
        sold=moved.sold,
    )


def line_tax_text(line: Line, sheet: OrderSheet, setting: int | None) -> str:
    """The tax in what was paid for a line of gift cards, at the rate that they were sold with;
    ``setting``: the rate of their shop, for those that are not there yet."""
    if line.kind != "gift_card":
        return ""
    sold = (card for card in sheet.purchased if card.order_item_id == line.id)
    first = next(sold, None)
    rate = setting if first is None else first.voucher_tax_hundredths
    return tax_text(line.total - line.amount("discount"), rate)
