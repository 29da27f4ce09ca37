"""What has become of an order's money, in a few words."""

from collections.abc import Sequence

from giftweb.domain import payments
from giftweb.domain.orders.values import OrderSheet
from giftweb.domain.payments.refund_values import REQUESTED, Refund
from giftweb.language import gettext
from giftweb.money import Money, money_text


def payment_summary(sheet: OrderSheet, returned: Sequence[Refund]) -> list[str]:
    """``["$100.00 paid", "$40.00 back", "$60.00 on its way back"]``; or what is awaited."""
    if sheet.awaited:
        return [gettext("waiting for {amount}", amount=money_text(sheet.awaited))]
    if sheet.payment_status == "cancelled" and not sheet.refunded:
        return [gettext("not paid")]
    currency = sheet.order.currency
    waiting = Money(sum(r.amount.minor for r in returned if r.status == REQUESTED), currency)
    went = sheet.refunded - waiting
    parts = [
        gettext("{amount} back", amount=money_text(went)) if went else "",
        gettext("{amount} on its way back", amount=money_text(waiting)) if waiting else "",
        gettext("{amount} charged back", amount=money_text(sheet.charged_back))
        if sheet.charged_back
        else "",
    ]
    followed = [part for part in parts if part]
    paid = gettext("{amount} paid", amount=money_text(_paid(sheet)))
    return [paid, *followed] if followed else [gettext("paid")]


def kept(sheet: OrderSheet) -> Money | None:
    """What the shop keeps of what was paid; None where all of it, or nothing was paid."""
    gone = sheet.refunded + sheet.charged_back
    return _paid(sheet) - gone if gone and not sheet.awaited else None


def _paid(sheet: OrderSheet) -> Money:
    """What has come, by cards and otherwise."""
    came = sum(
        each.amount_minor
        for each in sheet.payments
        if not each.is_awaited and each.status != payments.CANCELLED
    )
    return Money(came, sheet.order.currency)
