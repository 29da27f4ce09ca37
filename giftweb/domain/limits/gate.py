"""The gate: whoever gives money or brings a code to a new place is counted, and stopped in time.

Only live money is counted, and only what a person does by their own decision: not the command line,
the house itself, a customer, or what another person has approved. Counters are locked person
first, then receivers in order.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

from giftweb import keys
from giftweb.database import transactional
from giftweb.domain import emails
from giftweb.domain.audit.log import Actor, Caps
from giftweb.domain.limits import daily_use, terms
from giftweb.errors import NotAllowed, Refused
from giftweb.language import gettext, ngettext
from giftweb.money import LIMIT_MINOR, Money, too_much


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """Money that somebody gets: ``email``, as far as it is known.

    ``brings_code``: the money is there already, and its code comes to a new place.
    """

    amount: Money
    email: str | None
    is_test: bool = False
    brings_code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The verb that would do it, for another person to approve.

    ``amount`` is below zero where money is taken off a card.
    """

    verb: str
    subject: str
    amount: Money
    reason: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)


class LimitExceeded(Refused):
    """This is above a limit."""

    code = "limit_exceeded"

    def __init__(self, sentence: str, *, request: Request | None = None):
        super().__init__(sentence)
        self.request = request


class CapExceeded(NotAllowed):
    """This API key gives at most {most} {when}."""


@contextmanager
def requested(request: Callable[[], Request]) -> Iterator[None]:
    """What another person is asked for when something within is above a limit."""
    try:
        yield
    except LimitExceeded as exceeded:
        raise LimitExceeded(exceeded.sentence, request=request()) from exceeded


def require(gifts: Sequence[Gift], *, by: Actor, request: Request | None = None) -> None:
    """Count what ``by`` gives, in the transaction that gives it.

    ``request``: what another person may be asked for; None where nobody can be asked.

    Raises: CapExceeded (an API key); LimitExceeded, with nothing counted once the transaction is
    rolled back; Invalid (more than any amount may be).
    """
    live = [gift for gift in gifts if not gift.is_test]
    if by.caps is not None:
        _require_within_caps(live, by.caps, by)
    if by.kind != "staff" or by.approved_by is not None or not live:
        return
    try:
        _require_money(live, by)
        _require_codes(sum(gift.brings_code for gift in live), by)
        _require_receivers(live, by)
    except LimitExceeded as exceeded:
        exceeded.request = request
        raise


class _TakenBack(Exception):
    """Nothing was above a limit, and what was counted is not kept."""


def foresee(gifts: Sequence[Gift], *, by: Actor) -> str:
    """What ``require`` would refuse now; "" if nothing. Nothing is counted. In no transaction.

    Raises: Invalid (more than any amount may be).
    """
    try:
        _try(gifts, by)
    except LimitExceeded as exceeded:
        return exceeded.sentence
    except _TakenBack:
        return ""


@transactional
def _try(gifts: Sequence[Gift], by: Actor) -> NoReturn:
    require(gifts, by=by)
    raise _TakenBack


def require_single(amount: Money, *, by: Actor, request: Request) -> None:
    """Refuse what is above the limit of a single action, and count nothing.

    Raises: LimitExceeded.
    """
    if by.kind == "staff" and by.approved_by is None:
        try:
            _require_single(amount, by)
        except LimitExceeded as exceeded:
            exceeded.request = request
            raise


def _require_within_caps(gifts: Sequence[Gift], caps: Caps, by: Actor) -> None:
    """What a key of the shop's gives, sold or not: the shop alone says that it was paid for."""
    for gift in gifts:
        if gift.amount.currency != caps.currency:
            raise NotAllowed(
                gettext("This API key gives in {currency} only.", currency=caps.currency)
            )
        if caps.card_minor is not None and gift.amount.minor > caps.card_minor:
            raise CapExceeded(most=Money(caps.card_minor, caps.currency), when="on a card")
    total = sum(gift.amount.minor for gift in gifts)
    if caps.day_minor is None or not total:
        return
    if daily_use.add(f"key {by.id} {caps.currency}", total) > caps.day_minor:
        raise CapExceeded(most=Money(caps.day_minor, caps.currency), when="in a day")


def _require_single(amount: Money, by: Actor) -> None:
    limit = terms.of(str(by.role), amount.currency).single
    if limit is not None and amount.minor > limit:
        most = Money(limit, amount.currency)
        raise LimitExceeded(gettext("This is above your limit of {most} at a time.", most=most))


def _require_money(gifts: Sequence[Gift], by: Actor) -> None:
    sums: Counter[str] = Counter()
    for gift in gifts:
        sums[gift.amount.currency] += gift.amount.minor
    for currency, minor in sorted(sums.items()):
        if minor > LIMIT_MINOR:
            raise too_much(currency)
        _require_single(Money(minor, currency), by)
        limit = terms.of(str(by.role), currency).day
        _count(f"staff {by.id} {currency}", minor, limit, _you_can_give(currency))


def _you_can_give(currency: str) -> Callable[[int], str]:
    return lambda left: gettext("You can give {amount} more today.", amount=Money(left, currency))


def _require_codes(count: int, by: Actor) -> None:
    if count:
        limit = terms.codes_of(str(by.role))
        _count(f"codes {by.id}", count, limit, _codes_left)


def _codes_left(left: int) -> str:
    return ngettext(
        "You can send or see {count} more code today.",
        "You can send or see {count} more codes today.",
        left,
    )


def _require_receivers(gifts: Sequence[Gift], by: Actor) -> None:
    sums: Counter[tuple[str, str]] = Counter()
    for gift in gifts:
        if gift.email:
            sums[_receiver(gift.email), gift.amount.currency] += gift.amount.minor
    for (receiver, currency), minor in sorted(sums.items()):
        limit = terms.of(str(by.role), currency).receiver
        _count(f"receiver {receiver} {currency}", minor, limit, _one_address(currency))


def _one_address(currency: str) -> Callable[[int], str]:
    return lambda left: gettext(
        "One address can get {amount} more today.", amount=Money(left, currency)
    )


def _receiver(email: str) -> str:
    """An address as a counter names it: the same however it is written, and read by nobody."""
    return keys.ring().seal_of(f"receiver\x1f{emails.canonical(email)}".encode()).hex()


def _count(counter: str, amount: int, limit: int | None, sentence: Callable[[int], str]) -> None:
    used = daily_use.add(counter, amount)
    if limit is not None and used > limit:
        raise LimitExceeded(sentence(max(0, limit - used + amount)))
