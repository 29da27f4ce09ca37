"""The rights table (D14): who may open what. What is not listed is closed to everybody.

Add every endpoint here with the roles that may open it. What a role may do inside a page, such as
go over an order's total, the domain checks by ``by.role``.
"""

from enum import Enum
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from giftweb import ids, security_log
from giftweb.domain import audit, throttle
from giftweb.errors import NotAllowed
from giftweb.web.access import actors, places, sign_in
from giftweb.web.http import htmx, security
from giftweb.web.text import templating


class Open(Enum):
    """Who may open an endpoint that needs no role."""

    PUBLIC = "everybody"
    SIGNED_IN = "every member of staff"
    BY_BLUEPRINT = "whoever proves it to the blueprint: by an API key, a token, a mailed link"


PUBLIC, SIGNED_IN, BY_BLUEPRINT = Open.PUBLIC, Open.SIGNED_IN, Open.BY_BLUEPRINT

ROOT = frozenset({"root"})
LEADS = frozenset({"customer_service_admin", "root"})
AGENTS = frozenset({"customer_service", "customer_service_admin", "root"})
MARKETERS = frozenset({"marketing", "root"})
ACCOUNTANTS = frozenset({"finance", "root"})
READERS = AGENTS | ACCOUNTANTS
RECEIVERS = LEADS | ACCOUNTANTS
"""Who says whether money has come: it is as good as printing it."""
ROLES = ("customer_service", "customer_service_admin", "marketing", "finance", "root")

RIGHTS: dict[str, frozenset[str] | Open] = {
    "static": PUBLIC,
    # The door, and one's own account
    "auth.login": PUBLIC,
    "auth.passkey": PUBLIC,
    "auth.code": PUBLIC,
    "auth.link": PUBLIC,
    "auth.logout": PUBLIC,
    "auth.confirm": SIGNED_IN,
    "own_account.show": SIGNED_IN,
    "own_account.password": SIGNED_IN,
    "own_account.factor": SIGNED_IN,
    "own_account.authenticator": SIGNED_IN,
    "own_account.picture": SIGNED_IN,
    "own_account.remove_authenticator": SIGNED_IN,
    "own_account.recovery_codes": SIGNED_IN,
    "own_account.add_passkey": SIGNED_IN,
    "own_account.remove_passkey": SIGNED_IN,
    "own_account.end_session": SIGNED_IN,
    "own_account.end_others": SIGNED_IN,
    "home.index": SIGNED_IN,
    "home.mark_seen": READERS | MARKETERS,
    "home.unmark": READERS | MARKETERS,
    # A second pair of eyes
    "approvals.index": READERS | MARKETERS,
    "approvals.show": READERS | MARKETERS,
    "approvals.approve": LEADS,
    "approvals.decline": AGENTS | MARKETERS,
    "limits.index": ROOT,
    "limits.edit": ROOT,
    # People and the audit log
    "people.index": ROOT,
    "people.new": ROOT,
    "people.show": ROOT,
    "people.edit": ROOT,
    "people.deactivate": ROOT,
    "people.reactivate": ROOT,
    "people.reset_authenticator": ROOT,
    "people.reset_password": ROOT,
    "audit.index": ACCOUNTANTS,
    "audit.download": ACCOUNTANTS,
    "outbox.index": ROOT,
    "outbox.show": ROOT,
    "outbox.letter": ROOT,
    "outbox.open": ROOT,
    "outbox.send_again": ROOT,
    "outbox.send_failed_again": ROOT,
    # Campaigns
    "campaigns.index": MARKETERS,
    "campaigns.new": MARKETERS,
    "campaigns.edit": MARKETERS,
    "campaigns.example": MARKETERS,
    "campaigns.new_key": MARKETERS,
    "campaigns.revoke_key": MARKETERS,
    # A campaign's webhooks
    "webhooks.index": MARKETERS,
    "webhooks.new": MARKETERS,
    "webhooks.switch_off": MARKETERS,
    "webhooks.switch_on": MARKETERS,
    "webhooks.send_test": MARKETERS,
    "webhooks.show": MARKETERS,
    "webhooks.replay": MARKETERS,
    "webhooks.replay_failed": MARKETERS,
    "webhooks.replay_event": MARKETERS,
    # Gift cards and customers
    "gift_cards.index": READERS,
    "gift_cards.find": READERS,
    "gift_cards.download": READERS,
    "gift_cards.show": READERS,
    "new_gift_card.new": AGENTS,
    "new_gift_card.fill": AGENTS,
    "new_gift_card.total": AGENTS,
    "new_gift_card.create": AGENTS,
    "new_gift_card.again": AGENTS,
    "card_actions.recharge": AGENTS,
    "card_actions.adjust": LEADS,
    "card_actions.freeze": AGENTS,
    "card_actions.unfreeze": AGENTS,
    "card_actions.cancel": AGENTS,
    "card_actions.replace": AGENTS,
    "card_actions.resend": AGENTS,
    "card_actions.correct": AGENTS,
    "card_actions.move": AGENTS,
    "card_actions.reveal": LEADS,
    "customers.index": READERS,
    "customers.options": AGENTS,
    "customers.new": AGENTS,
    "customers.show": READERS,
    "customers.write_note": AGENTS,
    # Orders
    "orders.index": READERS,
    "orders.find": READERS,
    "orders.show": READERS,
    "orders.write_note": AGENTS,
    "orders.withdraw_note": AGENTS,
    "orders.ship": AGENTS,
    "orders.unship": AGENTS,
    "orders.cancel": AGENTS,
    "orders.take_off": AGENTS,
    "order_payments.show": READERS,
    "order_payments.refund": AGENTS,
    "order_payments.refund_all": AGENTS,
    "order_payments.charge_back": AGENTS,
    "order_payments.ask_again": AGENTS,
    "order_payments.confirm": AGENTS,
    "order_payments.fail": AGENTS,
    "order_payments.receive": RECEIVERS,
    "order_payments.not_received": RECEIVERS,
    "awaited_payments.index": READERS,
    "awaited_payments.statement": RECEIVERS,
    "packing.show": LEADS,
    "order_cards.issue": AGENTS,
    "order_cards.arithmetic": AGENTS,
    "order_cards.delete": AGENTS,
    "order_cards.freeze": AGENTS,
    "order_cards.unfreeze": AGENTS,
    "public.ask": PUBLIC,
    "public.show": PUBLIC,
    "public.icon": PUBLIC,
    "health.process": PUBLIC,
    "health.ready": PUBLIC,
    "health.numbers": BY_BLUEPRINT,
    # The widget in a shop's checkout
    "widget.script": PUBLIC,
    "widget.versions": PUBLIC,
    "widget.origin": PUBLIC,
    "widget.frame": PUBLIC,
    "widget.show": BY_BLUEPRINT,
    "widget.apply": BY_BLUEPRINT,
    "widget.remove": BY_BLUEPRINT,
    "widget.limit": BY_BLUEPRINT,
    # The HTTP API: its keys decide what may be seen
    "api.show_openapi": PUBLIC,
    "api.show_docs": PUBLIC,
    "api.issue_gift_card": BY_BLUEPRINT,
    "api.list_gift_cards": BY_BLUEPRINT,
    "api.look_up_gift_card": BY_BLUEPRINT,
    "api.show_gift_card": BY_BLUEPRINT,
    "api.change_gift_card": BY_BLUEPRINT,
    "api.list_transactions": BY_BLUEPRINT,
    "api.top_up_gift_card": BY_BLUEPRINT,
    "api.adjust_gift_card": BY_BLUEPRINT,
    "api.freeze_gift_card": BY_BLUEPRINT,
    "api.unfreeze_gift_card": BY_BLUEPRINT,
    "api.cancel_gift_card": BY_BLUEPRINT,
    "api.replace_gift_card": BY_BLUEPRINT,
    "api.send_gift_card": BY_BLUEPRINT,
    "api.open_checkout": BY_BLUEPRINT,
    "api.show_checkout": BY_BLUEPRINT,
    "api.change_checkout": BY_BLUEPRINT,
    "api.apply_gift_card": BY_BLUEPRINT,
    "api.remove_gift_card": BY_BLUEPRINT,
    "api.authorise_checkout": BY_BLUEPRINT,
    "api.capture_checkout": BY_BLUEPRINT,
    "api.void_checkout": BY_BLUEPRINT,
    "api.redeem_gift_card": BY_BLUEPRINT,
    "api.list_orders": BY_BLUEPRINT,
    "api.show_order": BY_BLUEPRINT,
    "api.ship_order": BY_BLUEPRINT,
    "api.cancel_order": BY_BLUEPRINT,
    "api.refund_payment": BY_BLUEPRINT,
    "api.receive_payment": BY_BLUEPRINT,
    "api.cancel_payment": BY_BLUEPRINT,
    "api.refund_order": BY_BLUEPRINT,
    "api.list_refunds": BY_BLUEPRINT,
    "api.show_refund": BY_BLUEPRINT,
    "api.confirm_refund": BY_BLUEPRINT,
    "api.sell_more": BY_BLUEPRINT,
    "api.record_chargeback": BY_BLUEPRINT,
    "api.list_events": BY_BLUEPRINT,
    # Products and reports
    "products.index": MARKETERS,
    "products.new": MARKETERS,
    "products.edit": MARKETERS,
    "reports.index": ACCOUNTANTS,
    "reports.download": ACCOUNTANTS,
    # A customer's own page; the blueprint checks itself who is signed in
    "account.index": BY_BLUEPRINT,
    "account.sign_in": PUBLIC,
    "account.enter": PUBLIC,
    "account.sign_out": PUBLIC,
    "account.card": BY_BLUEPRINT,
    "account.send_again": BY_BLUEPRINT,
    "account.recharge": BY_BLUEPRINT,
    # Payment providers, which sign what they send
    "notices.stripe": PUBLIC,
    "account.gift": BY_BLUEPRINT,
    # The hosted shop
    "store.index": PUBLIC,
    "store.product": PUBLIC,
    "store.cart": PUBLIC,
    "store.change_cart": PUBLIC,
    "store.renew_cart": PUBLIC,
    "store_checkout.details": PUBLIC,
    "store_checkout.pay": PUBLIC,
    "store_checkout.cards": PUBLIC,
    "store_checkout.place": PUBLIC,
    "store_checkout.finish": PUBLIC,
    "store_thanks.thanks": PUBLIC,
    "store_thanks.upsell": PUBLIC,
}
"""Endpoint -> the roles that may open it, or one of the words above."""


FIRST_TASKS = frozenset(
    {
        "own_account.factor",
        "own_account.authenticator",
        "own_account.picture",
        "own_account.add_passkey",
        "auth.confirm",
    }
)
"""All that somebody whose role needs a second factor may open without one, besides what is
public."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def may_open(endpoint: str) -> bool:
    """Whether whoever is here may open the endpoint; for links, buttons and menus."""
    needed = RIGHTS.get(endpoint)
    if needed is PUBLIC:
        return True
    person = sign_in.person()
    if person is None:
        return False
    return person.role in needed if isinstance(needed, frozenset) else needed is SIGNED_IN


def may_open_address(address: str) -> bool:
    """Whether whoever is here may open a page by its address; False when there is none."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(address, method="GET")
    except HTTPException:
        return False
    return may_open(endpoint)


def enforce() -> Response | None:
    """Before every request: let through whom the table lets through, and nobody else.

    Raises: NotAllowed for a signed-in person without the right; the attempt is kept (I30).
    """
    endpoint = request.endpoint
    needed = RIGHTS.get(endpoint or "")
    if needed is BY_BLUEPRINT:
        return None
    if request.method not in SAFE:
        security.require_own_origin()
    if needed is PUBLIC:
        return None
    if endpoint is None and not request.path.startswith("/staff"):
        return None
    person = sign_in.person()
    if person is None:
        return htmx.redirect_to(f"/login?next={quote(places.wanted(), safe='/')}")
    if sign_in.owes_factor(person) and endpoint not in FIRST_TASKS:
        return htmx.redirect_to("/staff/account/factor")
    if endpoint is None or may_open(endpoint):
        return None
    _note_refusal(endpoint)
    raise NotAllowed()


def _note_refusal(endpoint: str) -> None:
    """Record the attempt; of many within a minute the first, so that nobody fills the log."""
    person = sign_in.person()
    assert person is not None  # noqa: S101 - the caller has checked
    staff_id = person.session.staff_id
    security_log.record("rights.refused", person=staff_id, role=person.role, what=endpoint)
    if not throttle.once_a_minute(f"refusal {staff_id} {endpoint}"):
        return
    named = [str(value) for value in (request.view_args or {}).values() if _is_id(value)]
    audit.record(
        by=person.session.actor,
        action="rights.refused",
        subject=endpoint,
        data={"method": request.method, "on": named},
    )


def _is_id(value: Any) -> bool:
    """Ids and numbers alone go into the log, never text that somebody typed (I6)."""
    return isinstance(value, int) or (
        isinstance(value, str) and ids.SHAPE.fullmatch(value) is not None
    )


def _for_the_desk() -> dict[str, Any]:
    """What the desk's shell needs on each of its pages; public pages ask for nothing."""
    if RIGHTS.get(request.endpoint or "") in (PUBLIC, BY_BLUEPRINT):
        return {}
    person = sign_in.person()
    if person is None:
        return {}
    menu = templating.side_menu(request.path, may_open_address)
    return {"menu": menu, "current_user": person}


def install(app: Flask) -> None:
    """Check every request, and give the desk's templates their menu and ``may_open``; have the
    security log know who sends it.
    """
    security_log.follow(actors.facts)
    sign_in.install(app)
    app.before_request(enforce)
    app.context_processor(_for_the_desk)
    app.jinja_env.globals.update(may_open=may_open)
