"""Where payment providers report their own events; each signs what it sends."""

from flask import Blueprint, Response, jsonify, request

from giftweb.domain import desk, payments

blueprint = Blueprint("notices", __name__)


@blueprint.post("/stripe/events")
def stripe() -> Response:
    """An event of Stripe. One that is not about a payment of ours is taken and forgotten."""
    provider = payments.providers.charging_gateway("stripe")
    signature = request.headers.get("Stripe-Signature", "")
    notice = provider.read_notice(request.get_data(), signature)
    is_ours = notice is not None and desk.notices.take_in(notice, gateway=provider.name)
    return jsonify(received=True, is_ours=is_ours)
