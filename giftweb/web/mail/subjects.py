"""The subjects of mails: one line each, whole sentences, and no code."""

from collections.abc import Callable

from giftweb import days
from giftweb.domain.mail.letters import Letter
from giftweb.domain.orders.values import Order
from giftweb.language import gettext, lazy_gettext, ngettext
from giftweb.money import money_text
from giftweb.web.mail import account_words
from giftweb.web.mail.headers import SUBJECT_LIMIT, shortened


def subject(letter: Letter) -> str:
    """The subject of a mail, in the language now."""
    found = _SUBJECTS[letter.mail.kind](letter)
    marked = f"[{gettext('TEST')}] {found}" if letter.mail.is_test else found
    return shortened(marked, SUBJECT_LIMIT)


def _name(text: str) -> str:
    """A name beside which the rest of the subject can still be read."""
    return shortened(text, 60)


def _from_shop(letter: Letter, with_shop: str, without: str, **values: object) -> str:
    """One of two translated messages: with the shop's name, where there is a shop."""
    message = with_shop if letter.shop else without
    return message.format(shop=_name(letter.shop), **values)


def _of_gift(letter: Letter) -> str:
    card, count = letter.cards[0].card, len(letter.cards)
    amount = money_text(card.initial)
    if letter.giver and letter.giver != letter.recipient:
        giver = _name(letter.giver)
        if count > 1:
            return ngettext(
                "{giver} sent you {count} gift card",
                "{giver} sent you {count} gift cards",
                count,
                giver=giver,
            )
        return gettext("{giver} sent you a {amount} gift card", giver=giver, amount=amount)
    if count > 1:
        return ngettext("Your {count} gift card", "Your {count} gift cards", count)
    return _from_shop(
        letter,
        gettext("Your {amount} gift card from {shop}"),
        gettext("Your {amount} gift card"),
        amount=amount,
    )


def _of_bonus(letter: Letter) -> str:
    return _from_shop(
        letter,
        gettext("Thank you: a {amount} gift card from {shop}"),
        gettext("Thank you: a {amount} gift card"),
        amount=money_text(letter.cards[0].card.balance),
    )


def _of_unused(letter: Letter) -> str:
    return _from_shop(
        letter,
        gettext("{amount} is waiting on your gift card from {shop}"),
        gettext("{amount} is waiting on your gift card"),
        amount=money_text(letter.cards[0].card.balance),
    )


def _of_sent_gift(letter: Letter) -> str:
    name = letter.recipient or letter.cards[0].card.holder_email or ""
    return gettext("Your gift to {name} is sent", name=_name(name))


def _of_expiry(letter: Letter) -> str:
    card = letter.cards[0].card
    return _from_shop(
        letter,
        gettext("{amount} on your gift card from {shop}: spend it by {day}"),
        gettext("{amount} on your gift card: spend it by {day}"),
        amount=money_text(card.balance),
        day=days.day_text(card.expires_on) if card.expires_on else "",
    )


def _of_resent(letter: Letter) -> str:
    return _from_shop(
        letter,
        gettext("Your gift card from {shop}, sent again"),
        gettext("Your gift card, sent again"),
    )


def _of_replaced(letter: Letter) -> str:
    return _from_shop(
        letter,
        gettext("Your gift card from {shop} has a new code"),
        gettext("Your gift card has a new code"),
    )


def _of_recharged(letter: Letter) -> str:
    return _from_shop(
        letter,
        gettext("{amount} was added to your gift card from {shop}"),
        gettext("{amount} was added to your gift card"),
        amount=_amount(letter),
    )


def _of_new_holder(letter: Letter) -> str:
    return _from_shop(
        letter,
        gettext("Your gift card from {shop} has gone to another address"),
        gettext("Your gift card has gone to another address"),
    )


def _order(letter: Letter) -> Order:
    assert letter.sheet is not None  # noqa: S101 - every such mail names its order
    return letter.sheet.order


def _of_order(letter: Letter) -> str:
    return _from_shop(
        letter,
        gettext("Order {number} at {shop}: thank you"),
        gettext("Order {number}: thank you"),
        number=_order(letter).number,
    )


def _of_moved_order(letter: Letter) -> str:
    return _from_shop(
        letter,
        gettext("Order {number} from {shop} has gone to another address"),
        gettext("Order {number} has gone to another address"),
        number=_order(letter).number,
    )


def _of_refund(letter: Letter) -> str:
    return _from_shop(
        letter,
        gettext("Refund of {amount} for order {number} from {shop}"),
        gettext("Refund of {amount} for order {number}"),
        amount=_amount(letter),
        number=_order(letter).number,
    )


def _of_received(letter: Letter) -> str:
    return _from_shop(
        letter,
        gettext("{amount} for order {number} from {shop} has come"),
        gettext("{amount} for order {number} has come"),
        amount=_amount(letter),
        number=_order(letter).number,
    )


def _of_awaited(letter: Letter) -> str:
    return _from_shop(
        letter,
        gettext("{amount} for order {number} from {shop} is still awaited"),
        gettext("{amount} for order {number} is still awaited"),
        amount=_amount(letter),
        number=_order(letter).number,
    )


def _of_cancellation(letter: Letter) -> str:
    number = _order(letter).number
    if letter.payment and letter.payment.is_upsell:
        return _from_shop(
            letter,
            gettext("Order {number} from {shop}: what was added is taken off"),
            gettext("Order {number}: what was added is taken off"),
            number=number,
        )
    return _from_shop(
        letter,
        gettext("Order {number} from {shop} is cancelled"),
        gettext("Order {number} is cancelled"),
        number=number,
    )


NEWS = {
    "bonus.left_out": lazy_gettext("A bonus was above a limit and not issued"),
    "limit.set": lazy_gettext("A limit was changed"),
    "approval.asked": lazy_gettext("Something above a limit waits for approval"),
    "api_key.asked": lazy_gettext("Somebody has asked for a live API key"),
    "campaign.asked": lazy_gettext("A change of where a campaign's money goes waits for approval"),
    "campaign.changed": lazy_gettext("Where a campaign's money goes has changed"),
    "webhook.asked": lazy_gettext("A webhook endpoint waits for approval"),
    "rates.asked": lazy_gettext("Currency rates wait for approval"),
    "rates.set": lazy_gettext("Currency rates were stored at the desk"),
    "staff.reset_asked": lazy_gettext("A reset of an account waits for approval"),
    "audit.anchor": lazy_gettext("The anchor of the books, to keep"),
}
"""What has become of the house's money, in the subject of a mail to every Root."""


def _amount(letter: Letter) -> str:
    return money_text(letter.amount) if letter.amount else ""


_SUBJECTS: dict[str, Callable[[Letter], str]] = {
    "card_issued": _of_gift,
    "cards_purchased": _of_gift,
    "bonus_issued": _of_bonus,
    "card_resent": _of_resent,
    "card_replaced": _of_replaced,
    "card_recharged": _of_recharged,
    "card_expiring": _of_expiry,
    "card_unused": _of_unused,
    "gift_sent": _of_sent_gift,
    "holder_changed": _of_new_holder,
    "order_confirmation": _of_order,
    "order_upsell": _of_order,
    "order_moved": _of_moved_order,
    "refund": _of_refund,
    "payment_received": _of_received,
    "payment_reminder": _of_awaited,
    "order_cancelled": _of_cancellation,
    "staff_invitation": lambda letter: gettext("Choose your password for the giftweb desk"),
    "staff_reset": lambda letter: gettext("Choose another password for the giftweb desk"),
    "staff_changed": account_words.subject,
    "account_notice": account_words.subject,
    "house_notice": lambda letter: str(NEWS[letter.mail.data["what"]]),
    "sign_in_link": lambda letter: gettext("Sign in to see your gift cards"),
}
