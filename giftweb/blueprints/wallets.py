"""Gift cards in the wallets of phones: put there by who has the code, and kept up to date by
Apple's web service for passes (B13).
"""

import logging
import re

from flask import Blueprint, Response, jsonify, request

from giftweb.domain import cards, throttle
from giftweb.errors import NotFound
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.http import requests

blueprint = Blueprint("wallets", __name__)

_LONGEST = 200
_MOST_LINES, _LONGEST_LINE = 10, 300
_SECRET = re.compile(r"[\w.+-]+@[\w.-]+|[\w-]{14,}")

complaints = logging.getLogger(__name__)


@blueprint.post("/balance/wallets/<any(apple, google):wallet>")
def by_code(wallet: str) -> Response:
    """The card for a wallet, for who has typed its code."""
    form = requests.form_fields()
    typed, pin = form.get("code", "").strip(), form.get("pin", "").strip()
    found = cards.statement.read(typed, source=actors.client_address(), pin=pin)
    card = cards.find(found.card_id)
    return pages.wallets.answer(wallet, card, cards.holder.open_code(card.id))


# Apple's web service for passes: devices register, ask what has changed, and fetch it again.


@blueprint.post("/wallets/apple/v1/devices/<device>/registrations/<pass_type>/<card_id>")
def register(device: str, pass_type: str, card_id: str) -> Response:
    """A device holds the pass."""
    _require_pass(pass_type, card_id)
    sent = request.get_json(silent=True)
    push_token = sent.get("pushToken") if isinstance(sent, dict) else None
    if not isinstance(push_token, str) or max(len(push_token), len(device)) > _LONGEST:
        return Response(status=400)
    is_new = cards.wallets.register(card_id, device=device, push_token=push_token)
    return Response(status=201 if is_new else 200)


@blueprint.delete("/wallets/apple/v1/devices/<device>/registrations/<pass_type>/<card_id>")
def forget(device: str, pass_type: str, card_id: str) -> Response:
    """The pass was taken off the device."""
    _require_pass(pass_type, card_id)
    cards.wallets.forget(card_id, device=device)
    return Response(status=200)


@blueprint.get("/wallets/apple/v1/devices/<device>/registrations/<pass_type>")
def changed(device: str, pass_type: str) -> Response:
    """The passes of a device that have changed since it asked last."""
    _require_type(pass_type)
    since = requests.number("passesUpdatedSince") or 0
    found = cards.wallets.changed_since(device, since)
    if not found:
        return Response(status=204)
    last = str(max(found.values()))
    return jsonify(serialNumbers=sorted(found), lastUpdated=last)


@blueprint.get("/wallets/apple/v1/passes/<pass_type>/<card_id>")
def renewed(pass_type: str, card_id: str) -> Response:
    """The pass as it is now."""
    _require_pass(pass_type, card_id)
    card = cards.find(card_id)
    response = pages.wallets.apple_pass(card, cards.holder.open_code(card.id))
    response.make_conditional(request)
    return response


@blueprint.post("/wallets/apple/v1/log")
def log() -> Response:
    """What devices complain of goes to our log: a little of it, and nothing that opens a card."""
    sent = request.get_json(silent=True)
    lines = sent.get("logs") if isinstance(sent, dict) else None
    if isinstance(lines, list) and throttle.once_a_minute(f"wallet log {actors.client_address()}"):
        for line in lines[:_MOST_LINES]:
            complaints.warning("A device's wallet: %s", _plain(str(line)[:_LONGEST_LINE]))
    return Response(status=200)


def _plain(line: str) -> str:
    """A line for the log: printable, without ids, tokens, codes and addresses."""
    printable = "".join(mark if mark.isprintable() else " " for mark in line)
    return _SECRET.sub("...", printable)


def _require_type(pass_type: str) -> None:
    folder = pages.wallets.apple_folder()
    if folder is None or pages.wallets.apple_type(folder) != pass_type:
        raise NotFound


def _require_pass(pass_type: str, card_id: str) -> None:
    """Raises: NotFound for whoever does not hold the pass."""
    _require_type(pass_type)
    sent = request.headers.get("Authorization", "")
    if not pages.wallets.is_token_of(card_id, sent.removeprefix("ApplePass ")):
        raise NotFound
