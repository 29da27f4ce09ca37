"""What can be done with a card, each at an address of its own: a panel, then the action.

A money verb is called in exactly one place of these pages.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for

from giftweb import codes, days
from giftweb.domain import cards, customers, desk, refunds
from giftweb.domain.cards.values import Card, Line
from giftweb.domain.customers.customers import Customer
from giftweb.domain.desk.card_page import CardPage
from giftweb.errors import InsufficientBalance
from giftweb.language import gettext, lazy_gettext
from giftweb.money import money_text
from giftweb.web import mail, pages
from giftweb.web.access import actors
from giftweb.web.access.confirmation import confirmed
from giftweb.web.forms.cards import (
    AdjustForm,
    CashOutForm,
    FreezeForm,
    HolderForm,
    RechargeForm,
)
from giftweb.web.forms.delivery import MoveForm
from giftweb.web.forms.fields import Form
from giftweb.web.forms.once import OnceForm, OptionalReasonForm, ReasonForm
from giftweb.web.http import errors, htmx
from giftweb.web.text import order_effects

blueprint = Blueprint("card_actions", __name__, url_prefix="/staff/gift-cards/<card_id>")

DONE_BEFORE = lazy_gettext("This was done already, and not done twice.")


@blueprint.route("/recharge", methods=["GET", "POST"])
def recharge(card_id: str) -> Response:
    """Put money on the card (S11, S12). Opened from a customer's page, it leads back there."""
    record = desk.card_page.read(card_id)
    form = RechargeForm(currency=record.card.currency)

    def top_up() -> Line:
        note, by = form.reason.data or None, actors.current()
        return cards.top_up(card_id, amount=form.money, note=note, source=form.source.data, by=by)

    def work() -> str:
        return _once(record, form, top_up, gettext("Recharged with {}."))

    return _run("recharge", record, form, work)


@blueprint.route("/adjustment", methods=["GET", "POST"])
def adjust(card_id: str) -> Response:
    """Correct the balance: first in numbers, then in the ledger."""
    record = desk.card_page.read(card_id)
    form = AdjustForm(currency=record.card.currency)
    if not record.refusal("adjust") and form.validate_on_submit() and not form.is_checked.data:
        return _preview_adjustment(record, form)

    def change_balance() -> Line:
        reason, by = form.reason.data, actors.current()
        return cards.adjust(card_id, change=form.change, reason=reason, by=by)

    def work() -> str:
        return _once(record, form, change_balance, gettext("Balance adjusted by {}."))

    return _run("adjust", record, form, work)


def _preview_adjustment(record: CardPage, form: AdjustForm) -> Response:
    available = record.card.available
    if -form.change.minor > available.minor:
        error = InsufficientBalance(available=available, asked=form.money, field="amount")
        form.refuse(error)
        return _panel("adjust", record, form, status=errors.status_of(error))
    return _panel("adjust", record, form, after=record.card.balance + form.change)


def _once(record: CardPage, form: OnceForm, verb: Callable[[], Line], message: str) -> str:
    """What was done, by a form that may come twice."""
    lines: list[Line] = []

    def work() -> dict[str, Any]:
        lines[:] = [verb()]
        return cards.payload.Transaction.of(lines[0])

    answer = pages.action.once(form, work, is_test=record.card.is_test)
    return str(DONE_BEFORE) if answer.is_replay else message.format(money_text(lines[0].amount))


@blueprint.route("/cash-out", methods=["GET", "POST"])
def cash_out(card_id: str) -> Response:
    """Pay a small rest out in cash, where the law gives its holder that right (B27)."""
    record, form = desk.card_page.read(card_id), CashOutForm()

    def pay_out() -> Line:
        reason, by = form.reason.data or None, actors.current()
        return cards.cash_out.cash_out(card_id, reason=reason, by=by)

    def work() -> str:
        return _once(
            record,
            form,
            pay_out,
            gettext("Paid out: {balance}.", balance=money_text(record.card.balance)),
        )

    return _run("cash_out", record, form, work)


# State


@blueprint.route("/freeze", methods=["GET", "POST"])
def freeze(card_id: str) -> Response:
    """Stop the card, and report the money that orders hold."""
    record, form = desk.card_page.read(card_id), FreezeForm()

    def work() -> str:
        release = bool(record.reserved) and form.holds.data == "release"
        cards.freeze(
            card_id, by=actors.current(), reason=form.reason.data or None, release_holds=release
        )
        if release:
            return gettext("Frozen, and what orders held is free again.")
        return gettext("Frozen.")

    return _run("freeze", record, form, work)


@blueprint.route("/unfreeze", methods=["GET", "POST"])
def unfreeze(card_id: str) -> Response:
    """Let the card be used again."""
    record, form = desk.card_page.read(card_id), OptionalReasonForm()

    def work() -> str:
        cards.unfreeze(card_id, by=actors.current(), reason=form.reason.data or None)
        return gettext("Unfrozen. It can be used again.")

    return _run("unfreeze", record, form, work)


@blueprint.route("/cancellation", methods=["GET", "POST"])
def cancel(card_id: str) -> Response:
    """Withdraw a card that was never used (D5, D6). A used one is refused, and freezing offered."""
    record, form = desk.card_page.read(card_id), ReasonForm()

    def work() -> str:
        gone = desk.card_withdrawal.withdraw(card_id, by=actors.current(), reason=form.reason.data)
        refunds.send(gone.claimed)
        return gettext("Cancelled.")

    return _run("cancel", record, form, work, effects=_effects_of_cancelling(record.card))


def _effects_of_cancelling(card: Card) -> list[str]:
    ends = gettext("Card •••• {last4} ends for good: its code never works again.", last4=card.last4)
    withdrawn = gettext("{balance} on it is withdrawn.", balance=card.balance)
    return [ends, withdrawn, *order_effects.of_price(card)]


@blueprint.route("/replacement", methods=["GET", "POST"])
def replace(card_id: str) -> Response:
    """A new code for the same money. It is mailed; at the desk only ``reveal`` shows it."""
    record, form = desk.card_page.read(card_id), ReasonForm()
    new: list[Card] = []

    def work() -> str:
        reason, by = form.reason.data, actors.current()
        new.append(cards.endings.replace_card(card_id, by=by, reason=reason).card)
        return _news_of(new[0])

    def then(message: str) -> Response:
        return htmx.redirect_to(_place(new[0].id if new else card_id), message=message)

    return _run("replace", record, form, work, then=then)


def _news_of(new: Card) -> str:
    frozen = gettext("It is frozen, as the old one was.") if new.status == cards.FROZEN else ""
    done = gettext("Replaced. This is the new card, •••• {last4}.", last4=new.last4)
    return f"{done} {frozen}".strip()


@blueprint.route("/emails", methods=["GET", "POST"])
def resend(card_id: str) -> Response:
    """Mail the card to its holder again."""
    record, form = desk.card_page.read(card_id), Form()

    def work() -> str:
        to = cards.holder.resend(card_id, by=actors.current())
        return mail.smtp.on_its_way(gettext("The card"), to)

    return _run("resend", record, form, work)


@blueprint.route("/holder", methods=["GET", "POST"])
def correct(card_id: str) -> Response:
    """Another address or name; by default the card is mailed there at once."""
    record = desk.card_page.read(card_id)
    form = HolderForm(email=record.card.holder_email, name=record.card.holder_name)

    def work() -> str:
        cards.holder.correct_holder(
            card_id,
            email=form.email.data or "",
            name=form.name.data or None,
            by=actors.current(),
            reason=form.reason.data or None,
            send=form.send.data,
        )
        if not form.send.data:
            return gettext("Corrected. Nothing was mailed now.")
        return gettext("Corrected. The card is mailed to {email}.", email=form.email.data)

    return _run("correct", record, form, work)


@blueprint.route("/delivery", methods=["GET", "POST"])
def move(card_id: str) -> Response:
    """Another day on which it is sent, while it waits for one."""
    record = desk.card_page.read(card_id)
    form = MoveForm.of(record.delivery, shop_zone=record.time_zone)

    def work() -> str:
        moved = cards.delivery.move_to_day(card_id, by=actors.current(), **form.chosen)
        return order_effects.of_move(moved)

    return _run("move", record, form, work, zones=days.places())


@blueprint.route("/code", methods=["GET", "POST"])
@confirmed
def reveal(card_id: str) -> Response:
    """The code itself, after the password again and for a reason that is kept."""
    record, form = desk.card_page.read(card_id), ReasonForm()

    def work() -> Response:
        return _panel(
            "reveal",
            record,
            form,
            code=codes.grouped(pages.card.code_of(card_id, form.reason.data)),
        )

    answer = pages.action.run(
        form, work, lambda status: _panel("reveal", record, form, status=status, code="")
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.route("/card.pdf", methods=["GET", "POST"])
@confirmed
def paper(card_id: str) -> Response:
    """The card on paper, with its code: the same right, password and reason."""
    record, form = desk.card_page.read(card_id), ReasonForm()

    def work() -> Response:
        return pages.paper.answer(record.card, pages.card.code_of(card_id, form.reason.data))

    return pages.action.run(form, work, lambda status: _panel("paper", record, form, status=status))


# How every action goes


def _run(
    action: str,
    record: CardPage,
    form: Form,
    verb: Callable[[], str],
    then: Callable[[str], Response] | None = None,
    **values: Any,
) -> Response:
    """The panel; after the verb, the page in its new state with the verb's message."""
    customer, refusal = _opened_from(), record.refusal(action)
    if refusal:
        status = errors.status_of(refusal)
        return _panel("refused", record, form, status=status, action=action, why=refusal.sentence)

    def work() -> Response:
        message = pages.action.done_or_waiting(verb)
        return then(message) if then else _replaced(record.card.id, message, customer)

    return pages.action.run(
        form, work, lambda status: _panel(action, record, form, status=status, **values)
    )


def _panel(
    name: str, record: CardPage, form: Form, *, status: int = 200, **values: Any
) -> Response:
    return htmx.panel(
        f"gift_cards/_{name}.html",
        status=status,
        record=record,
        card=record.card,
        form=form,
        address=request.full_path.rstrip("?"),
        away=_away(record.card.id),
        **values,
    )


def _opened_from() -> Customer | None:
    """The customer on whose page the panel was opened; None for the card's own page.

    Raises: NotFound, before anything is done.
    """
    customer_id = request.args.get("customer")
    return customers.find(customer_id) if customer_id else None


def _replaced(card_id: str, message: str, customer: Customer | None) -> Response:
    """The card's page in its new state, or the row of the customer's page that led here."""
    if customer is None:
        target, values = f"card-{card_id}", pages.card.values(card_id)
        partial, back_to = "gift_cards/_card.html", _place(card_id)
    else:
        target, values = f"card-row-{card_id}", _row(card_id, customer)
        partial, back_to = "customers/_changed_card.html", _away(card_id)
    return htmx.replaced(partial, target, back_to=back_to, message=message, **values)


def _row(card_id: str, customer: Customer) -> dict[str, Any]:
    card = cards.find(card_id)
    worth = customers.worth(customers.cards_of(customer))
    return {"customer": customer, "card": card, "worth": worth}


def _place(card_id: str) -> str:
    return url_for("gift_cards.show", card_id=card_id)


def _away(card_id: str) -> str:
    customer_id = request.args.get("customer")
    return (
        url_for("customers.show", customer_id=customer_id, _anchor="gift-cards")
        if customer_id
        else _place(card_id)
    )
