"""Every verb that raises a balance or brings a code to a new place goes through the gate.

The program is read for movements that end on a card, so that a new one cannot be forgotten.
"""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import giftweb
from giftweb.domain import awaited, cards, desk, outbox, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards.stock import Batch, Printed
from giftweb.domain.limits import LimitExceeded
from giftweb.domain.mail import letters
from giftweb.models import ROLES
from tests.factories import amount_of, goods, limit_to, make_campaign, make_card
from tests.orders import gift_card_item, paid_by, place, signed_in

pytestmark = pytest.mark.proves("X5", "X6", "X7")

DOMAIN = Path(giftweb.__file__).parent / "domain"
LEDGER = DOMAIN / "ledger"
MORE = amount_of("0.01 USD")

RAISES = {
    "cards/lifecycle.py _issue": "issue, issue_many: the gate, unless it was bought or is a bonus",
    "cards/lifecycle.py top_up": "the gate, unless an order bought it",
    "cards/lifecycle.py adjust": "the gate",
    "cards/endings.py replace_card": "the gate",
    "cards/activation.py activate": "the gate, unless an order bought it",
    "cards/merging.py _move": "the gate: a new code for what was there",
    "cards/import_rows.py _opening": "the command line, and files that imports/files.py counts",
    "orders/card_credits.py take_back": "takes off a card",
    "refunds/to_cards.py give_back": "back to the card that paid; at the counter the gate as well",
}
"""Every place that writes a movement onto a card -> what watches it."""


def places_that_raise() -> set[str]:
    """Functions of the domain that open an account with money on it, or build a ``Movement`` whose
    end is, or may be, a card."""
    found = set()
    for path in sorted(set(DOMAIN.rglob("*.py")) - set(LEDGER.rglob("*.py"))):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef) and any(map(_raises, ast.walk(function))):
                found.add(f"{path.relative_to(DOMAIN)} {function.name}")
    return found


def _raises(node: ast.AST) -> bool:
    called = ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
    if not isinstance(node, ast.Call) or called != "Movement":
        return called == "opening"
    ends = [ast.unparse(each) for each in node.args[:3]]
    return len(ends) < 3 or ends[-1] == "CARD" or any(end.startswith("*") for end in ends)


@pytest.mark.no_database
def test_every_movement_onto_a_card_is_known_with_what_watches_it():
    assert places_that_raise() == set(RAISES)


def _order():
    return place(goods("50.00 USD"), shipping="0.00 USD")


def _new(**more: Any) -> cards.NewCard:
    return cards.NewCard(amount=MORE, holder_email="bob@example.com", **more)


def _batch(by):
    rows = (desk.batches.Row("bob@example.com"),)
    draft = desk.batches.Draft(
        is_customer=False, is_batch=False, is_test=False, rows=rows, amount=MORE
    )
    return lambda: desk.batches.create(draft, key="key", by=by)


def _received(by):
    unpaid = place(gift_card_item(), method="bank_transfer", state="pending", shipping="0.00 USD")
    return lambda: awaited.receive(paid_by(unpaid, "bank_transfer").id, by=by)


def _received_goods(by):
    unpaid = place(goods("50.00 USD"), method="bank_transfer", state="pending")
    return lambda: awaited.receive(paid_by(unpaid, "bank_transfer").id, by=by)


def _on_card(verb: Callable[..., Any], **more: Any):
    def prepare(by):
        card = make_card("10.00 USD").card
        return lambda: verb(card.id, by=by, **more)

    return prepare


GATED = {
    "issue": lambda by: lambda: cards.issue(_new(), by=by),
    "issue_many": lambda by: lambda: cards.issue_many([_new()], by=by),
    "a batch": _batch,
    "a card on an order": lambda by: _on_order(by),
    "top_up": _on_card(cards.top_up, amount=MORE),
    "adjust up": _on_card(cards.adjust, change=MORE, reason="x"),
    "adjust down": _on_card(cards.adjust, change=-MORE, reason="x"),
    "a refund as a card": lambda by: _as_card(by),
    "a card from stock": lambda by: _from_stock(by),
    "merge": lambda by: _merged(by),
    "a refund onto a card": lambda by: _onto_card(by),
    "money sent back by hand": lambda by: _by_hand(by),
    "given back at the counter": lambda by: _given_back(by),
    "sold at the counter": lambda by: _at_counter(by, "sell", email="bob@example.com"),
    "recharged at the counter": lambda by: _at_counter(by, "recharge"),
    "paid out in cash": lambda by: _cashed_out(by),
    "replace": _on_card(cards.endings.replace_card),
    "another address": _on_card(
        cards.holder.correct_holder, email="bob@example.com", name=None, reason="x"
    ),
    "sent elsewhere": _on_card(cards.holder.resend, email="bob@example.com"),
    "a code that is shown": _on_card(cards.holder.reveal, reason="x"),
    "a waiting mail that is opened": lambda by: _opened(by),
    "a receipt for gift cards": _received,
    "a receipt for goods": _received_goods,
}


def _from_stock(by):
    new: list[Printed] = []
    cards.stock.make(1, batch=Batch("USD"), has_pins=False, write=new.extend, by=SYSTEM)
    card = cards.find_by_code(new[0].code)
    activation = cards.activation.Activation(amount=MORE)
    return lambda: cards.activation.activate(card.id, activation=activation, by=by)


def _merged(by):
    found = [make_card("10.00 USD").card.id for _ in range(2)]
    return lambda: cards.merging.merge(found, by=by)


def _onto_card(by):
    order = _order()
    payment, card = paid_by(order, "credit_card").id, make_card(holder=order.customer_email).card
    return lambda: refunds.refund(payment, amount=MORE, as_card=True, onto=card.id, by=by)


def _on_order(by):
    order = _order()
    return lambda: desk.order_cards.issue(order.id, amount=MORE, reason="Late", by=by)


def _opened(by):
    make_card("10.00 USD")
    mail = outbox.mails.LISTING.page(limit=1).items[0]
    return lambda: letters.open_for(mail, by=by, reason="x")


def _given_back(by):
    shop = make_campaign().id
    code = make_card("10.00 USD").code
    counter, more = desk.counter, {"campaign_id": shop, "by": by}
    counter.redeem(code, amount=amount_of("5.00 USD"), receipt="R1", **more)
    (bought,) = counter.purchases("R1", campaign_id=shop)
    return lambda: counter.give_back(bought.payment.id, amount=MORE, **more)


def _at_counter(by, verb: str, **more: Any):
    card = () if verb == "sell" else (make_card("10.00 USD").code,)
    more |= {"campaign_id": make_campaign().id, "receipt": "R1", "by": by}
    return lambda: getattr(desk.counter, verb)(*card, amount=MORE, **more)


def _cashed_out(by):
    shop = make_campaign(rules="us-ca").id
    card = make_card("9.00 USD", campaign_id=shop, source="sales").card
    return lambda: cards.cash_out.cash_out(card.id, by=by, reason="x")


def _by_hand(by):
    order = place(goods("50.00 USD"), method="bank_transfer", shipping="0.00 USD")
    return lambda: refunds.refund(paid_by(order, "bank_transfer").id, amount=MORE, by=by)


def _as_card(by):
    payment = paid_by(_order(), "credit_card").id
    return lambda: refunds.refund(payment, amount=MORE, as_card=True, by=by)


@pytest.mark.parametrize("name", GATED)
@pytest.mark.parametrize("role", ROLES)
def test_each_of_them_stops_at_the_limit(name, role):
    verb = GATED[name](signed_in(role))
    limit_to("0.00 USD")
    with pytest.raises(LimitExceeded):
        verb()


@pytest.mark.parametrize("name", GATED)
def test_each_of_them_is_done_below_it(name):
    GATED[name](signed_in("root"))()
