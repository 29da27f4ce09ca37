"""The rows of the work list: what each is about, and what can be done about it there and then."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for

from giftweb.domain import desk, staff
from giftweb.domain.desk.approvals import Approval
from giftweb.domain.desk.work_list import Task, Work
from giftweb.language import gettext, lazy_gettext, list_text
from giftweb.money import money_text
from giftweb.web.access import actors, gate
from giftweb.web.text.words import APPROVALS

_OF_ORDERS = frozenset(
    {
        *("refund_unanswered", "refund_failed", "refund_requested", "refund_to_send"),
        *("payment_awaited", "chargeback", "shortfall", "review"),
    }
)
_SPENT = {
    "bonus": lazy_gettext("Spent of a bonus"),
    "purchased": lazy_gettext("Spent of a card bought in a refunded order"),
    "chargeback": lazy_gettext("Spent of a card whose payment was charged back"),
}
_REVIEWED = {
    "amount": lazy_gettext("more than the campaign's limit"),
    "customer": lazy_gettext("a lot for one customer in a day"),
    "recipient": lazy_gettext("a lot for one recipient in a day"),
    "address": lazy_gettext("a lot to one address in a day"),
    "network": lazy_gettext("a lot from one network in a day"),
    "first": lazy_gettext("the customer's first order"),
}
"""Why bought cards wait for a review."""
_REPORTS = {
    "refund_requested": ("order_payments.confirm", lazy_gettext("It was returned")),
    "refund_to_send": ("order_payments.confirm", lazy_gettext("Sent")),
    "refund_unanswered": ("order_payments.ask_again", lazy_gettext("Ask again")),
}
"""What is said of a refund where its row stands: kind -> (endpoint, words)."""


@dataclass(frozen=True, slots=True)
class Action:
    """A button of a row. ``way``: ``post`` acts at once, ``panel`` opens one, ``page`` leads on."""

    text: str
    address: str
    way: str = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A task as it is read: ``text`` leads to ``address``, ``note`` says more."""

    task: Task
    text: str
    note: str
    address: str
    actions: tuple[Action, ...]


def rows(work: Work, addresses: dict[str, str]) -> dict[str, list[Row]]:
    """The rows of each kind; ``addresses``: the endpoint where a kind is put right."""
    waiting = desk.approvals.waiting() if "approval" in work.tasks else []
    approvals = {each.id: each for each in waiting}
    return {
        kind: [_row(task, url_for(addresses[kind], **task.place), approvals) for task in tasks]
        for kind, tasks in work.tasks.items()
    }


def _row(task: Task, address: str, approvals: dict[str, Approval]) -> Row:
    approval = approvals.get(task.subject)
    return Row(
        task=task,
        text=_of_approval(approval) if approval else _about(task),
        note=_note(task),
        address=address,
        actions=tuple(_actions(task, address, approval)),
    )


def _note(task: Task) -> str:
    if task.kind == "review":
        return reviewed_because(task.detail or "")
    return str(_SPENT.get(task.detail or "", task.detail or ""))


def reviewed_because(reasons: str) -> str:
    """Why bought cards wait, in words."""
    return list_text([str(_REVIEWED[each]) for each in reasons.split()])


def _about(task: Task) -> str:
    if task.kind in _OF_ORDERS:
        return gettext("Order {number}", number=task.about)
    return f"•••• {task.about}" if task.kind == "hold" else task.about


def _of_approval(approval: Approval) -> str:
    what, name = str(APPROVALS[approval.verb]), approval.asked_by_name
    if not approval.emails:
        return gettext("{what}, asked by {name}", what=what, name=name)
    emails = ", ".join(approval.emails)
    return gettext("{what} for {emails}, asked by {name}", what=what, emails=emails, name=name)


def _actions(task: Task, address: str, approval: Approval | None) -> Iterator[Action]:
    if approval:
        yield from _of_decision(approval)
        yield Action(gettext("Look"), address, "panel")
    if task.kind in _REPORTS:
        endpoint, text = _REPORTS[task.kind]
        if gate.may_open(endpoint):
            place = url_for(endpoint, refund_id=task.subject, **task.place)
            yield Action(str(text), place, "post")
    if task.kind == "payment_awaited" and gate.may_open("order_payments.receive"):
        place = url_for("order_payments.receive", payment_id=task.subject, **task.place)
        yield Action(gettext("Payment received"), place)
    if task.kind == "review" and gate.may_open("order_reviews.release"):
        yield Action(gettext("Release"), url_for("order_reviews.release", **task.place), "panel")
        yield Action(gettext("Refuse"), url_for("order_reviews.refuse", **task.place), "panel")
    if task.kind == "mail" and gate.may_open("outbox.send_again"):
        yield Action(gettext("Send again"), url_for("outbox.send_again", **task.place), "post")


def _of_decision(approval: Approval) -> Iterator[Action]:
    """**Approve**, for an amount and for whoever may: what leads elsewhere is looked at first."""
    by = actors.current()
    is_own = approval.asked_by_id == by.id
    is_more = bool(approval.details or approval.excess)
    if is_own or is_more or by.role not in desk.approvals.MAY_DECIDE:
        return
    if not staff.vouching.why_no_second_person(by, beside=approval.asked_by_id):
        text = gettext("Approve {amount}", amount=money_text(approval.amount))
        yield Action(text, url_for("approvals.approve", approval_id=approval.id), "post")
