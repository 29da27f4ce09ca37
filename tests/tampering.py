"""The owner of the database, who can change any row, and a shop with one of everything."""

from contextlib import contextmanager, suppress

from giftweb import clock, database, models
from giftweb.database import guards
from giftweb.domain import audit, campaigns, cards, desk, refunds
from giftweb.domain.audit import seals
from giftweb.domain.campaigns.settings import Settings
from tests.approvals import ask_for_top_up
from tests.database.test_guards import Undo
from tests.domain.cards.test_lifecycle import hold, spend
from tests.factories import AGENT, ROOT, amount_of, goods, limit_to, make_campaign, make_card
from tests.orders import gift_card_item, paid_by, place, recharge, sheet, signed_in


@contextmanager
def as_owner():
    """No trigger, check, foreign key or unique index in the way; what was done is taken back."""
    with suppress(Undo), database.transaction():
        if database.is_postgres():
            database.execute("SET LOCAL session_replication_role = replica")
            for table, name in database.rows(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint"
                " WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
            ):
                database.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        else:
            database.execute("PRAGMA defer_foreign_keys = ON")
            database.execute("PRAGMA ignore_check_constraints = ON")
            for guard in guards.GUARDS:
                database.execute(f"DROP TRIGGER {guard.name}")
        database.execute("DROP INDEX hold_one_active")
        database.execute("DROP INDEX gift_card_one_bonus")
        yield
        raise Undo
    if not database.is_postgres():
        database.execute("PRAGMA ignore_check_constraints = OFF")


@contextmanager
def tampered(statements: str, world: dict[str, str]):
    """Within ``as_owner``: these statements are carried out, and taken back at the end."""
    with suppress(Undo), database.db.savepoint():
        for statement in statements.split(";"):
            assert database.execute(statement.format(**world)), statement
        yield
        raise Undo


def audited() -> set[tuple[str, str]]:
    """What the audit names: (check, row)."""
    return {(breach.check, breach.row) for breach in audit.checks.run()}


def missed(cases: list[tuple[str, str, str]], world: dict[str, str]) -> list[tuple[str, str]]:
    """(check, statements) of each case of which the audit does not name the row."""
    not_named = []
    with as_owner():
        before = audited()
        for check, row, statements in cases:
            with tampered(statements, world):
                if (check, world.get(row, row)) not in audited():
                    not_named.append((check, statements))
        assert audited() == before, "a case was not taken back"
    return not_named


def everything() -> dict[str, str]:
    """One of everything, by name: the ids that a tampering speaks of."""
    campaign = make_campaign(issue_after_sales=True, relative_hundredths=1000)
    card = make_card("60.00 USD", campaign_id=campaign.id).card
    issued = make_card("60.00 USD", campaign_id=campaign.id)
    order = place(goods("91.00 USD"), cards=[issued], campaign_id=campaign.id)
    refunds.refund(paid_by(order, "gift_card").id, amount=amount_of("10.00 USD"), by=AGENT)
    given = desk.order_cards.issue(
        order.id, amount=amount_of("5.00 USD"), by=signed_in("customer_service"), reason="late"
    )
    other = make_card("50.00 USD")
    cards.top_up(other.card.id, amount=amount_of("1.00 USD"), by=AGENT)
    held = make_card("50.00 USD")
    hold(held)
    hold(held, "11.00 USD")
    gone, empty = make_card().card, make_card()
    cards.endings.cancel(gone.id, by=AGENT)
    spend(empty, "50.00 USD")
    denied = place(goods("20.00 USD"))
    refunds.refund_all(denied.id, by=AGENT)
    agent = signed_in("customer_service")
    ask_for_top_up(other.card, "101.00 USD", by=agent)
    recharged = make_card().card
    place(recharge(recharged), shipping="0.00 USD")
    successor = cards.endings.replace_card(make_card("7.00 USD").card.id, by=AGENT).card
    gifts = place(
        *(gift_card_item("20.00 USD"), gift_card_item("30.00 USD")),
        shipping="0.00 USD",
        campaign_id=make_campaign(
            issue_after_sales=True, relative_hundredths=1000, bonus_on_gift_cards=True
        ).id,
    )
    unpaid = place(gift_card_item(), method="bank_transfer", state="pending", shipping="0.00 USD")
    at_counter = {"campaign_id": campaign.id, "by": agent}
    redeemed = desk.counter.redeem(
        make_card().code, amount=amount_of("20.00 USD"), receipt="R-1", **at_counter
    )
    (bought,) = desk.counter.purchases("R-1", campaign_id=campaign.id)
    returned = desk.counter.give_back(bought.payment.id, amount=amount_of("5.00 USD"), **at_counter)
    sold, _ = desk.counter.sell(amount_of("30.00 USD"), receipt="R-2", email=None, **at_counter)
    made = campaigns.opening.open_campaign(
        Settings(name="Sea", currency="USD"), webhook_url="https://shop.example/hooks", by=ROOT
    )
    limit_to("400.00 USD")
    seals.insert(
        models.Passkey,
        id="passkey",
        staff_id=agent.id,
        name="phone",
        public_key=b"a key",
        created_at=clock.now(),
    )
    transfer = "SELECT id FROM transfer WHERE card_id = ? AND kind = ?"
    paying = issued.card.id
    return {
        "card": paying,
        "unused": card.id,
        "other": other.card.id,
        "held": held.card.id,
        "gone": gone.id,
        "new": cards.endings.replace_card(empty.card.id, by=AGENT).card.id,
        "empty": empty.card.id,
        "successor": successor.id,
        "given": given.id,
        "bonus": next(each.id for each in sheet(order).issued if each.origin == "campaign"),
        "order": order.id,
        "denied": denied.id,
        "unpaid": unpaid.id,
        "gifts": gifts.id,
        "gift": sheet(gifts).purchased[0].id,
        "gift_line": sheet(gifts).purchased[0].order_item_id,
        "gift_bonus": sheet(gifts).issued[0].id,
        "gift_campaign": gifts.campaign_id,
        "awaited_payment": paid_by(unpaid, "bank_transfer").id,
        "unpaid_line": sheet(unpaid).lines[0].id,
        "card_payment": paid_by(order, "gift_card").id,
        "cash_payment": paid_by(order, "credit_card").id,
        "other_payment": paid_by(denied, "credit_card").id,
        "refund": database.scalar("SELECT id FROM refund WHERE gift_card_id = ?", paying),
        "issue": database.scalar(transfer, paying, "issue"),
        "capture": database.scalar(transfer, paying, "capture"),
        "refunded": database.scalar(transfer, paying, "refund"),
        "topped_up": database.scalar(transfer, other.card.id, "top_up"),
        "bought": database.scalar(transfer, recharged.id, "top_up"),
        "line": database.scalar("SELECT id FROM order_item WHERE recharges_id = ?", recharged.id),
        "inherited": database.scalar(transfer, successor.id, "replace"),
        "first": database.scalar(transfer, gone.id, "issue"),
        "last": database.scalar(transfer, gone.id, "cancel"),
        "spent": database.scalar(transfer, empty.card.id, "capture"),
        "captured": database.scalar("SELECT id FROM hold WHERE card_id = ?", empty.card.id),
        "active": database.scalar("SELECT MAX(id) FROM hold WHERE card_id = ?", held.card.id),
        "entry": database.scalar("SELECT audit_id FROM transfer WHERE card_id = ?", other.card.id),
        "agent": agent.id,
        "redeemed": redeemed,
        "returned": returned,
        "sold": sold,
        "campaign": made.campaign.id,
        "api_key": database.scalar("SELECT MAX(id) FROM api_key"),
        "endpoint": database.scalar("SELECT id FROM webhook_endpoint"),
        "passkey": "passkey",
        "limits": "limits",
        "mail": database.scalar("SELECT id FROM mail WHERE card_id = ?", successor.id),
        "approval": database.scalar("SELECT id FROM approval"),
        "recharge": database.scalar(
            "SELECT id FROM audit_entry WHERE action = 'gift_card.recharged' AND subject = ?",
            other.card.id,
        ),
    }
