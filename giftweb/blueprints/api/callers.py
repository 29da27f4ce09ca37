"""Whose request it is: the campaign and mode of its key (docs/api.md)."""

from flask import current_app, request

from giftweb.domain import campaigns, throttle
from giftweb.domain.campaigns.api_keys import Caller
from giftweb.web.http.problems import Problem


def authenticate() -> Caller:
    """The shop behind the request's key.

    Raises: Problem 401 when there is no key, or not one of ours; TooManyRequests.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    caller = campaigns.api_keys.authenticate(secret.strip()) if scheme.lower() == "bearer" else None
    if caller is None:
        raise Problem(
            401,
            "unauthorised",
            "Send a campaign's key: Authorization: Bearer gwk_live_...",
            headers={"WWW-Authenticate": 'Bearer realm="giftweb"'},
        )
    throttle.rates.spend(caller.key_id, rate=current_app.config["GIFTWEB"].api_rate)
    return caller
