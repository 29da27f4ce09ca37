"""Triggers that keep history as it was, on both engines (I6, I11, I21, I26).

A rebuilt SQLite table silently loses its triggers, so they are created again after each migration
and checked at every start. Only rows of the test book may ever be deleted (D16).
"""

from dataclasses import dataclass

from giftweb import database


@dataclass(frozen=True)
class Guard:
    """Refuse ``event`` on ``table`` for rows where ``condition`` holds."""

    name: str
    table: str
    event: str
    condition: str


def _fixed(table: str, *columns: str) -> Guard:
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    return Guard(f"{table}_identity_is_fixed", table, "UPDATE", changed)


def _kept(table: str, mode: str = "NOT OLD.is_test") -> Guard:
    return Guard(f"{table}_is_kept", table, "DELETE", mode)


def _append_only(table: str) -> Guard:
    return Guard(f"{table}_is_append_only", table, "UPDATE", "1 = 1")


GUARDS = (
    _append_only("transfer"),
    _kept("transfer"),
    _append_only("audit_entry"),
    _kept("audit_entry"),
    _append_only("ledger_checkpoint"),
    _kept("ledger_checkpoint", "1 = 1"),
    Guard("idempotency_key_used_once", "idempotency_key", "UPDATE", "OLD.status IS NOT NULL"),
    _kept("idempotency_key", "NOT OLD.is_test AND OLD.moves_money"),
    _fixed("account", "id", "currency", "is_test"),
    Guard(
        "account_moves_with_its_version",
        "account",
        "UPDATE",
        "NEW.version < OLD.version"
        " OR (NEW.balance_minor <> OLD.balance_minor AND NEW.version = OLD.version)",
    ),
    _kept("account"),
    _fixed(
        "gift_card",
        "id",
        "currency",
        "is_test",
        "origin",
        "source",
        "initial_minor",
        "last4",
        "campaign_id",
        "replaces_id",
        "created_at",
    ),
    Guard(
        "gift_card_ends_once",
        "gift_card",
        "UPDATE",
        "OLD.state IN ('cancelled', 'replaced') AND NEW.state <> OLD.state",
    ),
    _kept("gift_card"),
    Guard("hold_resolves_once", "hold", "UPDATE", "OLD.resolved_at IS NOT NULL"),
    _fixed(
        *("hold", "id", "card_id", "checkout_id", "currency", "is_test"),
        *("amount_minor", "order_minor", "expires_at"),
    ),
    _kept("hold"),
    _fixed(
        *("payment", "id", "order_id", "part", "method", "gift_card_id", "amount_minor"),
        "card_minor",
    ),
    Guard(
        "payment_settles_once",
        "payment",
        "UPDATE",
        "OLD.state <> 'pending' AND NEW.state <> OLD.state",
    ),
    _kept("payment"),
    _fixed("refund", "id", "payment_id", "order_id", "amount_minor"),
    Guard(
        "refund_settles_once",
        "refund",
        "UPDATE",
        "OLD.status = 'succeeded' AND NEW.status <> OLD.status",
    ),
    _fixed("campaign", "id"),
    _fixed("orders", "id", "number", "campaign_id", "currency", "is_test"),
    _kept("orders"),
)

_TRUNCATED = ("transfer", "audit_entry", "account", "gift_card", "hold", "payment", "orders")

_REFUSE = """
CREATE OR REPLACE FUNCTION giftweb_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'refused by %', TG_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$
"""


def install() -> None:
    """Create every guard, or replace it, inside one transaction."""
    with database.transaction():
        statements = _postgres() if database.is_postgres() else _sqlite()
        for statement in statements:
            database.execute(statement)


def missing() -> list[str]:
    """The names of the guards that the database does not have."""
    catalogue = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        if database.is_postgres()
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    present = {name for (name,) in database.rows(catalogue)}
    wanted = [guard.name for guard in GUARDS]
    if database.is_postgres():
        wanted += map(_never_emptied, _TRUNCATED)
    return [name for name in wanted if name not in present]


def _never_emptied(table: str) -> str:
    return f"{table}_is_never_emptied"


def _sqlite() -> list[str]:
    statements = []
    for guard in GUARDS:
        statements.append(f"DROP TRIGGER IF EXISTS {guard.name}")
        statements.append(
            f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}"
            f" WHEN {guard.condition}"
            f" BEGIN SELECT RAISE(ABORT, 'constraint failed: {guard.name}'); END"
        )
    return statements


def _postgres() -> list[str]:
    statements = [_REFUSE]
    for guard in GUARDS:
        statements.append(
            f"CREATE OR REPLACE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}"
            f" FOR EACH ROW WHEN ({guard.condition}) EXECUTE FUNCTION giftweb_refuse()"
        )
    statements += [
        f"CREATE OR REPLACE TRIGGER {_never_emptied(table)} BEFORE TRUNCATE ON {table}"
        " EXECUTE FUNCTION giftweb_refuse()"
        for table in _TRUNCATED
    ]
    return statements
