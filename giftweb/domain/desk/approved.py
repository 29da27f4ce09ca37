"""What an approval lets happen: each verb with the arguments that it was asked for with."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from giftweb.domain import awaited, campaigns, cards, imports, limits, outbox, refunds, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.desk import batches, counter, exchange_rates, order_cards
from giftweb.domain.desk.batches import Draft, Row
from giftweb.money import Money

if TYPE_CHECKING:
    from giftweb.domain.desk.approvals import Approval


def run(waiting: "Approval", *, by: Actor) -> None:
    """Do it in the name of who asked, within the transaction that approves it.

    Raises: whatever the verb raises.
    """
    VERBS[waiting.verb](waiting, by)


def give_up(waiting: "Approval", *, by: Actor) -> None:
    """What a declined request leaves behind is ended: a key that was made for it."""
    if waiting.verb == limits.verbs.KEY:
        campaigns.api_keys.revoke_if_active(waiting.subject, by=by)


def _issue(waiting: "Approval", by: Actor) -> None:
    arguments = waiting.arguments
    draft = Draft(
        is_customer=arguments["is_customer"],
        is_batch=arguments["is_batch"],
        is_test=False,
        rows=tuple(Row(email, name) for email, name in arguments["rows"]),
        amount=Money(arguments["each"], waiting.amount.currency),
        source=_source(waiting),
        message=arguments["message"],
        note=arguments["note"],
        expires_on=_day(arguments["expires_on"]),
        repeats=arguments["repeats"],
    )
    batches.create(draft, key=waiting.id, by=by)


def _top_up(waiting: "Approval", by: Actor) -> None:
    cards.top_up(
        waiting.subject,
        amount=waiting.amount,
        note=waiting.reason,
        source=_source(waiting),
        by=by,
    )


def _source(waiting: "Approval") -> str:
    """What was asked for before there was a choice is goodwill."""
    return str(waiting.arguments.get("source", "goodwill"))


def _adjust(waiting: "Approval", by: Actor) -> None:
    cards.adjust(waiting.subject, change=waiting.amount, reason=waiting.reason or "", by=by)


def _order_card(waiting: "Approval", by: Actor) -> None:
    arguments = waiting.arguments
    order_cards.issue(
        waiting.subject,
        amount=waiting.amount,
        email=arguments["email"],
        expires_on=_day(arguments["expires_on"]),
        reason=waiting.reason or "",
        may_exceed=arguments["may_exceed"],
        by=by,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _receive(waiting: "Approval", by: Actor) -> None:
    awaited.receive(waiting.subject, reference=waiting.arguments["reference"], by=by)


def _replace(waiting: "Approval", by: Actor) -> None:
    cards.endings.replace_card(waiting.subject, reason=waiting.reason, by=by)


def _correct(waiting: "Approval", by: Actor) -> None:
    arguments = waiting.arguments
    cards.holder.correct_holder(
        waiting.subject,
        email=arguments["email"],
        name=arguments["name"],
        send=arguments["send"],
        reason=waiting.reason,
        by=by,
    )


def _refund_as_card(waiting: "Approval", by: Actor) -> None:
    refunds.refund(
        waiting.subject,
        amount=waiting.amount,
        reason=waiting.reason,
        as_card=True,
        onto=waiting.arguments.get("onto"),
        by=by,
    )


def _reveal(waiting: "Approval", by: Actor) -> None:
    cards.holder.allow_reveal(waiting.subject, by=by)


def _refund_by_hand(waiting: "Approval", by: Actor) -> None:
    refunds.refund(waiting.subject, amount=waiting.amount, reason=waiting.reason, by=by)


def _reset(waiting: "Approval", by: Actor) -> None:
    verb = staff.authenticator.reset if waiting.arguments["factors"] else staff.reset_password
    verb(waiting.subject, by=by, reason=waiting.reason or "")


def _key(waiting: "Approval", by: Actor) -> None:
    campaigns.api_keys.approve(waiting.subject, by=by)


def _campaign(waiting: "Approval", by: Actor) -> None:
    """What was held back is set, and all else stays as it is by now."""
    now, changes = campaigns.find(waiting.subject).settings, dict(waiting.arguments["held"])
    if "origins" in changes:
        changes["origins"] = tuple({*now.origins, *changes["origins"]})
    campaigns.change(waiting.subject, settings=replace(now, **changes), by=by)
    staff.notices.to_every_root("campaign.changed", by=by, campaign=waiting.subject)


def _webhook(waiting: "Approval", by: Actor) -> None:
    outbox.endpoints.enable(waiting.subject, by=by)


def _import(waiting: "Approval", by: Actor) -> None:
    imports.files.start(waiting.subject, by=by)


def _counter_sale(waiting: "Approval", by: Actor) -> None:
    counter.sell(waiting.amount, email=waiting.arguments["email"], by=by, **_counter(waiting))


def _counter_recharge(waiting: "Approval", by: Actor) -> None:
    counter.recharge_card(waiting.subject, amount=waiting.amount, by=by, **_counter(waiting))


def _counter_activation(waiting: "Approval", by: Actor) -> None:
    counter.activate_card(waiting.subject, amount=waiting.amount, by=by, **_counter(waiting))


def _counter_return(waiting: "Approval", by: Actor) -> None:
    campaign_id = waiting.arguments["counter"]
    counter.give_back(waiting.subject, amount=waiting.amount, campaign_id=campaign_id, by=by)


def _counter(waiting: "Approval") -> dict[str, str]:
    """Whose counter it was asked for at, and for which receipt."""
    arguments = waiting.arguments
    return {"campaign_id": arguments["counter"], "receipt": arguments["receipt"]}


def _rates(waiting: "Approval", by: Actor) -> None:
    exchange_rates.set_rates(exchange_rates.asked_for(waiting.arguments), by=by)


VERBS: dict[str, Callable[["Approval", Actor], None]] = {
    limits.verbs.ISSUE: _issue,
    limits.verbs.TOP_UP: _top_up,
    limits.verbs.ADJUST: _adjust,
    limits.verbs.ORDER_CARD: _order_card,
    limits.verbs.RECEIVE: _receive,
    limits.verbs.REPLACE: _replace,
    limits.verbs.CORRECT: _correct,
    limits.verbs.REFUND_AS_CARD: _refund_as_card,
    limits.verbs.REVEAL: _reveal,
    limits.verbs.REFUND_BY_HAND: _refund_by_hand,
    limits.verbs.RESET: _reset,
    limits.verbs.KEY: _key,
    limits.verbs.CAMPAIGN: _campaign,
    limits.verbs.WEBHOOK: _webhook,
    limits.verbs.IMPORT: _import,
    limits.verbs.COUNTER_SALE: _counter_sale,
    limits.verbs.COUNTER_RECHARGE: _counter_recharge,
    limits.verbs.COUNTER_ACTIVATION: _counter_activation,
    limits.verbs.COUNTER_RETURN: _counter_return,
    limits.verbs.RATES: _rates,
}
