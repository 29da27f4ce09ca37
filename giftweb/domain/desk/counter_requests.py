"""What is above a cashier's limit waits for another person, with the receipt that it is for (B21).

No code is kept with a request: a card is named by its id.
"""

from contextlib import AbstractContextManager

from giftweb.domain import limits
from giftweb.domain.limits import Request
from giftweb.errors import Invalid
from giftweb.language import gettext
from giftweb.money import Money


def requesting(
    verb: str, *, subject: str, amount: Money, campaign_id: str, receipt: str
) -> AbstractContextManager[None]:
    """Around a verb of the counter: another person is asked for it when it is above a limit."""
    place = {"counter": campaign_id, "receipt": receipt}
    return limits.requested(lambda: _request(verb, subject, amount, place))


def requesting_sale(
    amount: Money, *, campaign_id: str, receipt: str, email: str | None
) -> AbstractContextManager[None]:
    """Around a sale: the card is mailed once it is approved, as nobody is at the till any more who
    could take its code.

    Raises, within: Invalid (email) when it is above a limit and there is no address.
    """

    def request() -> Request:
        if email is None:
            sentence = gettext(
                "This is above your limit. Enter an address: the card is mailed there once another"
                " person has approved it."
            )
            raise Invalid(sentence, field="email")
        place = {"counter": campaign_id, "receipt": receipt, "email": email}
        return _request(limits.verbs.COUNTER_SALE, "new", amount, place)

    return limits.requested(request)


def _request(verb: str, subject: str, amount: Money, place: dict[str, str]) -> Request:
    reason = gettext("At the counter, receipt {receipt}", receipt=place["receipt"])
    return Request(verb=verb, subject=subject, amount=amount, reason=reason, arguments=place)
