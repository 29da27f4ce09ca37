"""The counter of a shop on the street: scan, redeem, give back, sell, recharge, the day (B21).

Plain pages: over a bad network a person sees what the browser says, and sends the form again.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for

from giftweb import clock, codes, days
from giftweb.domain import cards, desk
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.values import Card
from giftweb.domain.idempotency import Answer
from giftweb.errors import DomainError, Invalid, NotFound
from giftweb.language import gettext
from giftweb.money import Money
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.forms.counter import (
    ActivateForm,
    GiveBackForm,
    PhotoForm,
    ReceiptForm,
    RechargeForm,
    RedeemForm,
    ScanForm,
    SellForm,
    ShopForm,
)
from giftweb.web.forms.fields import Form
from giftweb.web.http import errors, htmx, requests

blueprint = Blueprint("counter", __name__, url_prefix="/staff/counter")

CardForm = RedeemForm | RechargeForm | ActivateForm
CODE_SHOWN_FOR = timedelta(hours=24)
"""How long the form that sold a card answers with its code, when it is sent again."""


@blueprint.errorhandler(pages.counter.ShopNotChosen)
def choose_first(_: pages.counter.ShopNotChosen) -> Response:
    """Have the shop chosen, once for each sign-in."""
    return htmx.redirect_to(url_for("counter.shop"))


@blueprint.route("/shop", methods=["GET", "POST"])
def shop() -> Response:
    """Choose whose counter this is."""
    form, found = ShopForm(), pages.counter.shops()
    form.offer(found)

    def work() -> Response:
        pages.counter.choose(form.campaign.data)
        return htmx.redirect_to(url_for("counter.index"))

    return pages.action.run(
        form, work, lambda status: pages.counter.page("shop", status=status, form=form, found=found)
    )


# A card


@blueprint.get("/")
def index() -> Response:
    """Scan a code, type it, or take a photo of it."""
    known = {name: request.args.get(name, "") for name in ("rest", "receipt")}
    return _scan(ScanForm(formdata=None, **known), PhotoForm(formdata=None, **known))


def _scan(form: ScanForm, photo: PhotoForm, *, status: int = 200) -> Response:
    answer = pages.counter.page(
        "index", status=status, campaign=pages.counter.shop(), form=form, photo=photo
    )
    answer.headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"
    return answer


@blueprint.route("/card", methods=["GET", "POST"])
def card() -> Response:
    """The card of a code: what is on it, and what can be done with it."""
    form = ScanForm()

    def work() -> Response:
        return _show(pages.scanned.code_of(form.code.data), form.rest.data, form.receipt.data)

    return _after_scan(form, form, PhotoForm(formdata=None), work)


@blueprint.route("/photo", methods=["GET", "POST"])
def photo() -> Response:
    """The card of a code in a photo, which is kept nowhere."""
    request.max_content_length = pages.scanned.MAX_PHOTO_BYTES
    form = PhotoForm()

    def work() -> Response:
        sent = request.files.get("photo")
        if not sent:
            raise Invalid(gettext("Take a photo of the code first."), field="photo")
        code = pages.scanned.code_in(sent.read())
        return _show(code, form.rest.data, form.receipt.data)

    return _after_scan(form, ScanForm(formdata=None), form, work)


def _after_scan(sent: Any, form: ScanForm, photo: PhotoForm, work: Any) -> Response:
    if not sent.is_submitted():
        return htmx.redirect_to(url_for("counter.index"))
    return pages.action.run(sent, work, lambda status: _scan(form, photo, status=status))


def _show(code: str, rest: str | None, receipt: str | None) -> Response:
    """The page of a card, with its forms filled in as far as they are known."""
    campaign, found = pages.counter.shop(), desk.counter.look_up(code, by=actors.current())
    form = RedeemForm(formdata=None, currency=campaign.currency, code=code, receipt=receipt)
    form.amount.data = _amount(rest, campaign.currency)
    return _card(campaign, found, code=code, redeem=form)


def _amount(text: str | None, currency: str) -> Money | None:
    """An amount in minor units, as a form carries it on; None when it is none."""
    minor = int(text) if text and re.fullmatch("[0-9]{1,13}", text) else 0
    return Money(minor, currency) if minor else None


def _card(
    campaign: Campaign, found: Card, *, code: str, status: int = 200, **sent: CardForm
) -> Response:
    """The page of a card with its forms: as one was sent, the others as they begin."""
    begun = {
        "redeem": RedeemForm(formdata=None, currency=campaign.currency, code=code),
        "recharge": RechargeForm(formdata=None, currency=found.currency, code=code),
        "activate": ActivateForm(formdata=None, currency=found.currency, code=code),
    }
    drawn = begun | sent
    for form in drawn.values():
        form.suggest(campaign)
    drawn["recharge"].stand_apart("recharge")
    return pages.counter.page("card", status=status, campaign=campaign, card=found, **drawn)


@blueprint.route("/redemption", methods=["GET", "POST"])
def redeem() -> Response:
    """**Redeem**: what there is of the amount, for the receipt."""
    campaign, by = pages.counter.shop(), actors.current()
    form = RedeemForm(currency=campaign.currency)

    def work() -> Response:
        code, pin = form.code.data, form.pin.data or None

        def verb() -> dict[str, Any]:
            place = {"receipt": form.receipt.data, "campaign_id": campaign.id}
            email = form.email.data or None
            entry_id = desk.counter.redeem(
                code, amount=form.money, pin=pin, email=email, by=by, **place
            )
            return {"entry": entry_id}

        with desk.counter.heard(code, pin=pin, by=by):
            return _done(pages.action.once(form, verb).body, asked=form.money.minor)

    return _on_card(form, work, "redeem")


@blueprint.route("/recharge", methods=["GET", "POST"])
def recharge() -> Response:
    """**Recharge**: put money on the card that the till took."""
    return _pay_in(RechargeForm(currency=_currency()), desk.counter.recharge, "recharge")


@blueprint.route("/activation", methods=["GET", "POST"])
def activate() -> Response:
    """**Activate** a printed card from stock, for what the till took."""
    return _pay_in(ActivateForm(currency=_currency()), desk.counter.activate, "activate")


def _pay_in(form: RechargeForm | ActivateForm, put: Callable[..., str], name: str) -> Response:
    campaign, by = pages.counter.shop(), actors.current()

    def verb() -> dict[str, Any]:
        place = {"receipt": form.receipt.data, "campaign_id": campaign.id}
        return {"entry": put(form.code.data, amount=form.money, by=by, **place)}

    def work() -> Response:
        with desk.counter.heard(form.code.data, by=by):
            return _done(pages.counter.once_or_ask(form, verb).body)

    return _on_card(form, work, name)


def _currency() -> str:
    """The currency of the card whose code was sent; the campaign's for any other code."""
    try:
        return cards.find_by_code(request.form.get("code", "")).currency
    except DomainError:
        return pages.counter.shop().currency


def _on_card(form: CardForm, work: Callable[[], Response], name: str) -> Response:
    """Run a form of the card's page; a refusal is shown there."""
    if not form.is_submitted():
        return htmx.redirect_to(url_for("counter.index"))

    def show(status: int) -> Response:
        try:
            found = desk.counter.look_up(form.code.data or "", by=actors.current())
        except DomainError as error:
            scan = ScanForm(formdata=None, code=form.code.data)
            scan.refuse(error)
            return _scan(scan, PhotoForm(formdata=None), status=errors.status_of(error))
        return _card(
            pages.counter.shop(), found, code=form.code.data, status=status, **{name: form}
        )

    return pages.action.run(form, work, show)


def _done(body: dict[str, Any], *, asked: int | None = None) -> Response:
    if "waits" in body:
        return htmx.redirect_to(url_for("counter.day"), message=body["waits"])
    return htmx.redirect_to(url_for("counter.done", entry_id=body["entry"], asked=asked))


@blueprint.get("/done/<entry_id>")
def done(entry_id: str) -> Response:
    """What was done, what is left to pay, and on to the next card."""
    campaign, entry = pages.counter.shop(), desk.counter_entries.find(entry_id)
    if entry.campaign_id != campaign.id:
        raise NotFound
    asked = requests.number("asked") or 0
    due = Money(max(0, asked - entry.amount_minor), entry.currency)
    return pages.counter.page(
        "done", campaign=campaign, entry=entry, due=due, tax=pages.counter.tax_of(entry)
    )


# Back to the card


@blueprint.route("/return", methods=["GET", "POST"])
def give_back() -> Response:
    """**Give back**: by the number of the receipt, up to what cards paid of it."""
    campaign, by = pages.counter.shop(), actors.current()
    search = ReceiptForm(request.args, meta={"csrf": False})
    form = GiveBackForm(currency=campaign.currency)

    def work() -> Response:
        def verb() -> dict[str, Any]:
            payment_id, amount = form.payment.data, form.money
            entry_id = desk.counter.give_back(
                payment_id, amount=amount, campaign_id=campaign.id, by=by
            )
            return {"entry": entry_id}

        return _done(pages.counter.once_or_ask(form, verb).body)

    return pages.action.run(form, work, lambda status: _purchases(campaign, search, form, status))


def _purchases(
    campaign: Campaign, search: ReceiptForm, form: GiveBackForm, status: int
) -> Response:
    """The purchases of a receipt, each with a form of its own; one of them as it was sent."""
    wanted = search.receipt.data or ""
    found = desk.counter.purchases(wanted, campaign_id=campaign.id) if wanted else []
    forms = {}
    for each in found:
        new = GiveBackForm(formdata=None, currency=each.order.currency, payment=each.payment.id)
        new.amount.data = each.payment.left
        drawn = form if form.payment.data == each.payment.id else new
        drawn.stand_apart(each.payment.id)
        forms[each.payment.id] = drawn
    values = {"campaign": campaign, "search": search, "found": found, "forms_of": forms}
    refused = form if form.errors and form not in forms.values() else None
    return pages.counter.page("give_back", status=status, wanted=wanted, refused=refused, **values)


# Sell


@blueprint.route("/sale", methods=["GET", "POST"])
def sell() -> Response:
    """**Sell** a new card; its code is on the answer."""
    campaign, by = pages.counter.shop(), actors.current()
    form = SellForm(currency=campaign.currency)

    def verb() -> dict[str, Any]:
        place = {"receipt": form.receipt.data, "campaign_id": campaign.id}
        entry_id, sold = desk.counter.sell(form.money, email=form.email.data, by=by, **place)
        return {"entry": entry_id, "card": sold.card.id}

    def work() -> Response:
        answer = pages.counter.once_or_ask(form, verb)
        return _done(answer.body) if "waits" in answer.body else _sold(campaign, answer, form)

    def show(status: int) -> Response:
        return pages.counter.page("sell", status=status, campaign=campaign, form=form)

    form.suggest(campaign)
    return pages.action.run(form, work, show)


def _sold(campaign: Campaign, answer: Answer, form: SellForm) -> Response:
    """The new card's code, on the page or as a card on paper."""
    if answer.is_replay and answer.created_at < clock.now() - CODE_SHOWN_FOR:
        return _done(answer.body)
    code = cards.holder.open_code(answer.body["card"])
    if requests.posted("as") == "paper":
        return pages.paper.answer(cards.find(answer.body["card"]), code)
    entry = desk.counter_entries.find(answer.body["entry"])
    code = codes.grouped(code)
    tax = pages.counter.tax_of(entry)
    return pages.counter.page("sold", campaign=campaign, entry=entry, code=code, form=form, tax=tax)


# The day


@blueprint.get("/day")
def day() -> Response:
    """What was done on a day at this counter, and its sums."""
    campaign = pages.counter.shop()
    today = days.today(campaign.time_zone)
    try:
        wanted = date.fromisoformat(request.args.get("on", "")) if "on" in request.args else today
    except ValueError:
        wanted = today
    wanted = min(max(wanted, clock.FIRST_DAY), today)
    found = desk.counter_day.read(campaign, wanted)
    waiting = pages.counter.requests_of(campaign) if wanted == today else []
    return pages.counter.page(
        "day", campaign=campaign, found=found, today=today, requests=waiting, form=Form()
    )


@blueprint.post("/requests/<approval_id>/withdrawal")
def take_back(approval_id: str) -> Response:
    """**Take it back**: what waits for another person, by who asked for it."""
    desk.approvals.decline(approval_id, by=actors.current())
    message = gettext("Taken back. Nothing was done.")
    return htmx.redirect_to(url_for("counter.day"), message=message)
