"""Whose request it is: the campaign and mode of its key (docs/api.md)."""

from flask import current_app, request

from giftweb import security_log
from giftweb.domain import campaigns, throttle
from giftweb.domain.campaigns.api_keys import Caller
from giftweb.web.access import actors
from giftweb.web.http.problems import Problem


def authenticate(*scopes: str) -> Caller:
    """The shop behind the request's key, which needs one of the scopes.

    Raises: Problem 401 when there is no key, or not one of ours; Problem 403 when it may not do
    this, or not from here; TooManyRequests.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    caller = campaigns.api_keys.authenticate(secret.strip()) if scheme.lower() == "bearer" else None
    if caller is None:
        security_log.record("key.unknown", key=security_log.pseudonym(secret.strip()))
        raise Problem(
            401,
            "unauthorised",
            "Send a campaign's key: Authorization: Bearer gwk_live_...",
            headers={"WWW-Authenticate": 'Bearer realm="giftweb"'},
        )
    if not caller.is_at(actors.client_address()):
        raise Problem(403, "forbidden", "This key is not used from this address.")
    if not caller.may(*scopes):
        needed = " or ".join(scopes)
        raise Problem(403, "forbidden", f"This key has not the scope {needed}.")
    throttle.rates.spend(caller.key_id, rate=current_app.config["GIFTWEB"].api_rate)
    return caller
