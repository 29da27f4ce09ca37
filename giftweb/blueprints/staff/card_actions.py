"""What can be done with a card, each at an address of its own: a panel, then the deed.

A money verb is called in exactly one place of these pages.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for

from giftweb import codes, ids
from giftweb.domain import cards, customers, desk, idempotency, refunds
from giftweb.domain.cards.values import Card, Line
from giftweb.domain.customers.customers import Customer
from giftweb.domain.desk.card_page import Record
from giftweb.domain.idempotency import Answer
from giftweb.errors import (
    ApprovalNeeded,
    DomainError,
    IdempotencyKeyReused,
    InsufficientBalance,
    Refused,
)
from giftweb.money import Money
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.access.confirmation import confirmed
from giftweb.web.forms.cards import (
    AdjustForm,
    FreezeForm,
    HolderForm,
    OnceForm,
    OptionalReasonForm,
    ReasonForm,
    RechargeForm,
)
from giftweb.web.forms.fields import Form
from giftweb.web.http import errors, htmx
from giftweb.web.text import order_effects
from giftweb.web.text.templating import money_text

blueprint = Blueprint("card_actions", __name__, url_prefix="/staff/gift-cards/<card_id>")

DONE_BEFORE = "This was done already, and not done twice."
SENT_BEFORE = (
    "This form was sent before with other figures. Look at the balance; if you still want this,"
    " press the button again."
)


# Money


@blueprint.route("/recharge", methods=["GET", "POST"])
def recharge(card_id: str) -> Response:
    """Put money on the card (S11, S12). Opened from a customer's page, it leads back there."""
    record = desk.card_page.read(card_id)
    form = RechargeForm(currency=record.card.currency)

    def verb() -> Line:
        note, by = form.reason.data or None, actors.current()
        return cards.top_up(card_id, amount=form.money, note=note, by=by)

    def work() -> str:
        _let_another_see(desk.approvals.TOP_UP, record.card, form.money, form.reason.data)
        return _once(record, form, verb, "Recharged with {}.")

    return _do("recharge", record, form, work)


@blueprint.route("/adjustment", methods=["GET", "POST"])
def adjust(card_id: str) -> Response:
    """Correct the balance: first in numbers, then in the ledger."""
    record = desk.card_page.read(card_id)
    form = AdjustForm(currency=record.card.currency)
    if not record.refusal("adjust") and form.validate_on_submit() and not form.is_checked.data:
        return _check_adjustment(record, form)

    def verb() -> Line:
        reason, by = form.reason.data, actors.current()
        return cards.adjust(card_id, change=form.change, reason=reason, by=by)

    def work() -> str:
        _let_another_see(desk.approvals.ADJUST, record.card, form.change, form.reason.data)
        return _once(record, form, verb, "Balance adjusted by {}.")

    return _do("adjust", record, form, work)


def _let_another_see(verb: str, card: Card, amount: Money, reason: str | None) -> None:
    """Above Root's limit the money waits for another person's approval."""
    by = actors.current()
    desk.approvals.require_none_for_card(
        verb, card=card, amount=amount, by=by, reason=reason or None
    )


def _check_adjustment(record: Record, form: AdjustForm) -> Response:
    available = record.card.available
    if -form.change.minor > available.minor:
        error = InsufficientBalance(available=available, asked=form.money, field="amount")
        form.refuse(error)
        return _panel("adjust", record, form, status=errors.status_of(error))
    return _panel("adjust", record, form, after=record.card.balance + form.change)


def _once(record: Record, form: OnceForm, verb: Callable[[], Line], said: str) -> str:
    """Do it, and say so; when the same form comes again, do nothing and say that.

    Raises: Refused (the form came before with other figures), and whatever the verb raises.
    """
    done: list[Line] = []

    def work() -> Answer:
        done[:] = [verb()]
        return Answer(201, done[0].to_object())

    filled = sorted((f.name, str(f.data)) for f in form if f.name != "csrf_token")
    try:
        idempotency.once(
            work,
            scope=f"desk:{actors.current().id}:{request.endpoint}",
            key=form.key.data,
            fingerprint=idempotency.fingerprint(request.path, repr(filled).encode()),
            is_test=record.card.is_test,
        )
    except IdempotencyKeyReused as error:
        form.key.data = ids.new("key")
        raise Refused(SENT_BEFORE) from error
    return said.format(money_text(done[0].amount)) if done else DONE_BEFORE


# State


@blueprint.route("/freeze", methods=["GET", "POST"])
def freeze(card_id: str) -> Response:
    """Stop the card, and say what becomes of money that orders hold."""
    record, form = desk.card_page.read(card_id), FreezeForm()

    def work() -> str:
        release = bool(record.reserved) and form.holds.data == "release"
        cards.freeze(
            card_id, by=actors.current(), reason=form.reason.data or None, release_holds=release
        )
        return "Frozen." if not release else "Frozen, and what orders held is free again."

    return _do("freeze", record, form, work)


@blueprint.route("/unfreeze", methods=["GET", "POST"])
def unfreeze(card_id: str) -> Response:
    """Let the card be used again."""
    record, form = desk.card_page.read(card_id), OptionalReasonForm()

    def work() -> str:
        cards.unfreeze(card_id, by=actors.current(), reason=form.reason.data or None)
        return "Unfrozen. It can be used again."

    return _do("unfreeze", record, form, work)


@blueprint.route("/cancellation", methods=["GET", "POST"])
def cancel(card_id: str) -> Response:
    """Withdraw a card that was never used (D5, D6). A used one is refused, and freezing offered."""
    record, form = desk.card_page.read(card_id), ReasonForm()

    def work() -> str:
        gone = desk.card_withdrawal.withdraw(card_id, by=actors.current(), reason=form.reason.data)
        refunds.carry_out(gone.claimed)
        return "Cancelled."

    return _do("cancel", record, form, work, effects=_effects_of_cancelling(record.card))


def _effects_of_cancelling(card: Card) -> list[str]:
    return [
        f"Card •••• {card.last4} ends for good: its code never works again.",
        f"{money_text(card.balance)} on it is withdrawn.",
        *order_effects.of_price(card),
    ]


@blueprint.route("/replacement", methods=["GET", "POST"])
def replace(card_id: str) -> Response:
    """A new code for the same money. It is mailed; at the desk only ``reveal`` shows it."""
    record, form = desk.card_page.read(card_id), ReasonForm()
    made: list[Card] = []

    def work() -> str:
        reason, by = form.reason.data, actors.current()
        made.append(cards.endings.replace_card(card_id, by=by, reason=reason).card)
        return f"Replaced. This is the new card, •••• {made[0].last4}."

    return _do(
        "replace", record, form, work, then=lambda said: htmx.back(_place(made[0].id), say=said)
    )


# The holder


@blueprint.route("/emails", methods=["GET", "POST"])
def resend(card_id: str) -> Response:
    """Mail the card to its holder again."""
    record, form = desk.card_page.read(card_id), Form()

    def work() -> str:
        to = cards.holder.resend(card_id, by=actors.current())
        return f"The card is on its way to {to} again."

    return _do("resend", record, form, work)


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
        )
        if form.send.data:
            cards.holder.resend(card_id, by=actors.current())
        return "Corrected, and on its way." if form.send.data else "Corrected. Nothing was mailed."

    return _do("correct", record, form, work)


@blueprint.route("/code", methods=["GET", "POST"])
@confirmed
def reveal(card_id: str) -> Response:
    """The code itself, after the password again and for a reason that is kept (DESIGN 5)."""
    record, form = desk.card_page.read(card_id), ReasonForm()
    code = ""
    if form.validate_on_submit():
        code = cards.holder.reveal(card_id, by=actors.current(), reason=form.reason.data)
    status = 422 if form.errors else 200
    answer = _panel("reveal", record, form, status=status, code=codes.grouped(code))
    answer.headers["Cache-Control"] = "no-store"
    return answer


# The way of every deed


def _do(
    action: str,
    record: Record,
    form: Form,
    work: Callable[[], str],
    then: Callable[[str], Response] | None = None,
    **values: Any,
) -> Response:
    """The panel; after the deed, which says what was done, the page in its new state."""
    customer, refusal = _led_from(), record.refusal(action)
    if refusal:
        status = errors.status_of(refusal)
        return _panel("refused", record, form, status=status, action=action, why=refusal.sentence)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            said = work()
        except ApprovalNeeded as waits:
            return _changed(record.card.id, waits.sentence, customer)
        except DomainError as error:
            form.refuse(error)
            status = errors.status_of(error)
        else:
            return then(said) if then else _changed(record.card.id, said, customer)
    return _panel(action, record, form, status=status, **values)


def _panel(name: str, record: Record, form: Form, *, status: int = 200, **values: Any) -> Response:
    partial = f"gift_cards/_{name}.html"
    return htmx.render(
        "gift_cards/panel.html",
        partial,
        status=status,
        partial=partial,
        record=record,
        card=record.card,
        form=form,
        address=request.full_path.rstrip("?"),
        away=_away(record.card.id),
        **values,
    )


def _led_from() -> Customer | None:
    """The customer on whose page the panel was opened; None for the card's own page.

    Raises: NotFound, before anything is done.
    """
    customer_id = request.args.get("customer")
    return customers.find(customer_id) if customer_id else None


def _changed(card_id: str, said: str, customer: Customer | None) -> Response:
    """The card's page in its new state, or the row of the customer's page that led here."""
    if customer is None:
        target, values = f"card-{card_id}", pages.card.values(card_id)
        partial, back_to = "gift_cards/_card.html", _place(card_id)
    else:
        target, values = f"card-row-{card_id}", _row(card_id, customer)
        partial, back_to = "customers/_changed_card.html", _away(card_id)
    return htmx.changed(partial, target, back_to=back_to, say=said, **values)


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
