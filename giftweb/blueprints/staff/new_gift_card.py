"""The page New Gift Card: three toggles, a card or a batch, Create or first a look (S13 to S28)."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from giftweb import ids
from giftweb.domain import desk
from giftweb.domain.desk.batches import Checked, Draft, Row
from giftweb.domain.limits import LimitExceeded
from giftweb.errors import DomainError, IdempotencyKeyReused, Invalid, Refused
from giftweb.language import gettext, lazy_gettext, ngettext
from giftweb.money import money_text
from giftweb.web import forms, mail, pages
from giftweb.web.access import actors
from giftweb.web.forms.new_card import NewCardForm
from giftweb.web.http import errors, htmx, requests

SENT_BEFORE = lazy_gettext(
    "This form was sent before with other answers. Look at the list of "
    "gift cards; if you still want these, press Create again."
)

blueprint = Blueprint("new_gift_card", __name__, url_prefix="/staff/gift-cards")


@blueprint.get("/new/cards")
def again() -> Response:
    """The address of a refused form, opened again."""
    return htmx.redirect_to(url_for("new_gift_card.new"))


@blueprint.get("/new")
def new() -> Response:
    """The empty form."""
    return _page(forms.new_card.fresh(request.args), [])


@blueprint.post("/new")
def fill() -> Response:
    """Add an address, take one off, look at the summary, or come back from it.

    The Enter key sends no action: in a batch with an address typed it is **Add**.
    """
    form, rows = forms.new_card.sent()
    action = requests.posted("action")
    place = requests.posted_number("take_off")
    if place is not None:
        return _page(
            form, [row for at, row in enumerate(rows) if at != place], message=gettext("Taken off.")
        )
    if action == "change":
        return _page(form, rows)
    if form.is_batch.data and (action == "add" or (not action and form.holder_email.data)):
        return _add(form, rows)
    return _summary(form, form.take_addresses(rows) if form.is_batch.data else rows)


@blueprint.post("/new/total")
def total() -> str:
    """What a batch comes to, while it is being filled in."""
    form, rows = forms.new_card.sent()
    return render_template("gift_cards/_total.html", total=form.total(rows))


@blueprint.post("/new/cards")
def create() -> Response:
    """**Create**, on the form or on its summary: the cards and their mails, or nothing."""
    form, rows = forms.new_card.sent()
    rows = form.take_addresses(rows) if form.is_batch.data else rows
    draft = form.draft(rows)
    if not form.validate():
        pages.action.find_faults(form, lambda: desk.batches.check(draft, by=actors.current()))
        return _page(form, rows, status=422)
    try:
        issued = desk.batches.create(
            draft, key=form.key.data or ids.new("key"), by=actors.current()
        )
    except LimitExceeded as exceeded:
        return _ask_for_approval(form, rows, exceeded)
    except DomainError as error:
        return _refused(form, rows, error)
    return htmx.redirect_to(url_for("gift_cards.index"), **_message_of(draft, issued))


def _ask_for_approval(form: NewCardForm, rows: Sequence[Row], exceeded: LimitExceeded) -> Response:
    """Another person is asked, if it is said why."""
    try:
        waits = desk.asking.ask(exceeded, by=actors.current())
    except Invalid as error:
        return _refused(form, rows, error)
    link = (gettext("Approvals"), url_for("approvals.index"))
    return htmx.redirect_to(url_for("gift_cards.index"), message=waits, link=link)


def _message_of(draft: Draft, issued: Sequence[str]) -> dict[str, Any]:
    """What was issued, and a way to it: to its code, where no mail brings it."""
    amount = money_text(draft.amount)
    issued_text = ngettext(
        "Gift card of {amount} issued.",
        "{count} gift cards of {amount} issued.",
        len(issued),
        amount=amount,
    )
    message = f"{issued_text} {mail.smtp.on_its_way(gettext('The mail'))}"
    if len(issued) > 1:
        return {"message": message}
    if not mail.smtp.has_server():
        message += f" {gettext('Give the code by hand.')}"
    return {"message": message, "link": pages.card.link_to(issued[0])}


def _add(form: NewCardForm, rows: list[Row]) -> Response:
    """Put to the batch what was pasted, and what was typed if it can have a card."""
    if form.holder_email.data:
        typed = [Row(form.holder_email.data)]
        _, faults = desk.batches.check_rows(
            typed, is_customer=form.is_customer.data, by=actors.current()
        )
        if faults:
            form.refuse(Invalid(faults[1], field="holder_email"))
            return _page(form, rows, status=422)
    rows = form.take_addresses(rows)
    message = ngettext("{count} address on the list.", "{count} addresses on the list.", len(rows))
    return _page(form, rows, message=message, is_adding=True)


def _summary(form: NewCardForm, rows: Sequence[Row]) -> Response:
    """Check the answers: everything that will happen, before it does."""
    is_valid, checked = form.validate(), None
    try:
        checked = desk.batches.foresee(form.draft(rows), by=actors.current())
    except Invalid as error:
        form.refuse(error)
    if not is_valid or checked is None:
        return _page(form, rows, status=422)
    form.key.data = ids.new("key")
    return _show_summary(form, rows, checked)


def _show_summary(
    form: NewCardForm, rows: Sequence[Row], checked: Checked, *, status: int = 200
) -> Response:
    page = render_template("gift_cards/summary.html", form=form, rows=rows, checked=checked)
    return htmx.kept_for_back(make_response(page, status))


def _refused(form: NewCardForm, rows: Sequence[Row], error: DomainError) -> Response:
    """Show a refusal of the domain where it can be put right."""
    if isinstance(error, IdempotencyKeyReused):
        form.key.data = ids.new("key")
        error = Refused(SENT_BEFORE)
    form.refuse(error)
    if form.repeats.errors:
        checked = desk.batches.foresee(form.draft(rows), by=actors.current())
        return _show_summary(form, rows, checked, status=422)
    return _page(form, rows, status=errors.status_of(error))


def _page(
    form: NewCardForm,
    rows: Sequence[Row],
    *,
    status: int = 200,
    message: str = "",
    is_adding: bool = False,
) -> Response:
    form.key.data = form.key.data or ids.new("key")
    _, faults = desk.batches.check_rows(
        rows, is_customer=form.is_customer.data, by=actors.current()
    )
    answer = htmx.render(
        "gift_cards/new.html",
        "gift_cards/_new_gift_card.html",
        status=status,
        form=form,
        rows=rows,
        faults=faults,
        total=form.total(rows),
        is_adding=is_adding,
    )
    htmx.kept_for_back(answer)
    return htmx.toast(answer, message) if message and htmx.is_fragment() else answer
