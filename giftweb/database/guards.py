"""Triggers that keep history as it was, on both engines (I6, I11, I21, I26).

A rebuilt SQLite table silently loses its triggers, so they are created again after each migration
and checked at every start. Only rows of the test book may ever be deleted (D16).
"""

import re
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


_ERASED = "[erased]"
"""What stands in a text in place of a person (``domain.audit.redactions``)."""


def _differs(*columns: str) -> str:
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)


def _erases_nobody(column: str) -> str:
    """Whether the new text of a column is one in which no person was erased."""
    text = f"COALESCE(NEW.{column}, '')"
    return f"{text} = replace({text}, '{_ERASED}', '')"


_NO_RATE = "NEW.voucher_tax_hundredths < 0 OR NEW.voucher_tax_hundredths > 10000"
_NO_TAX_OF_A_SALE = (
    f"{_NO_RATE} OR NEW.voucher_tax_hundredths IS NOT NULL AND (NEW.campaign_id IS NULL"
    " OR NEW.source <> 'sales' AND NEW.source <> 'replacements')"
)
"""Tax is due for what a campaign has sold; a successor keeps what was due (docs/vouchers.md)."""

GUARDS = (
    _append_only("transfer"),
    _kept("transfer"),
    Guard(
        "audit_entry_is_append_only",
        "audit_entry",
        "UPDATE",
        _differs(
            *("number", "id", "at", "actor_kind", "actor_id", "actor_role", "action", "subject"),
            *("data", "is_test", "seal", "chain", "link"),
        )
        + f" OR {_erases_nobody('reason')}",
    ),
    _kept("audit_entry"),
    _append_only("ledger_checkpoint"),
    _kept("ledger_checkpoint", "1 = 1"),
    _append_only("closed_month"),
    _kept("closed_month", "1 = 1"),
    _append_only("book_export"),
    _kept("book_export", "1 = 1"),
    Guard(
        "transfer_is_of_no_closed_month",
        "transfer",
        "INSERT",
        "NEW.created_at < giftweb_closed_until() AND NOT NEW.is_test",
    ),
    _kept("redaction", "1 = 1"),
    Guard(
        "idempotency_key_used_once",
        "idempotency_key",
        "UPDATE",
        "OLD.status IS NOT NULL AND ("
        + _differs(
            *("scope", "key", "fingerprint", "status", "card_id", "moves_money", "is_test"),
            "created_at",
        )
        + f" OR {_erases_nobody('answer')})",
    ),
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
        "last4",
        "replaces_id",
        "created_at",
    ),
    Guard(
        "gift_card_begins_once",
        "gift_card",
        "UPDATE",
        "OLD.state <> 'inactive' AND (NEW.state = 'inactive'"
        " OR OLD.source IS DISTINCT FROM NEW.source"
        " OR OLD.initial_minor IS DISTINCT FROM NEW.initial_minor"
        " OR OLD.voucher_tax_hundredths IS DISTINCT FROM NEW.voucher_tax_hundredths"
        " OR OLD.campaign_id IS DISTINCT FROM NEW.campaign_id)",
    ),
    Guard("gift_card_has_tax_of_its_sale", "gift_card", "INSERT", _NO_TAX_OF_A_SALE),
    Guard("gift_card_begins_with_its_tax", "gift_card", "UPDATE", _NO_TAX_OF_A_SALE),
    Guard("campaign_begins_with_its_tax", "campaign", "INSERT", _NO_RATE),
    Guard("campaign_has_a_rate_of_tax", "campaign", "UPDATE", _NO_RATE),
    Guard(
        "gift_card_merges_once",
        "gift_card",
        "UPDATE",
        "OLD.merged_into_id IS NOT NULL AND OLD.merged_into_id IS DISTINCT FROM NEW.merged_into_id",
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
    _append_only("risk_assessment"),
    _fixed("card_review", "id", "card_id", "order_id", "created_at", "reason"),
    Guard("card_review_is_decided_once", "card_review", "UPDATE", "OLD.decision IS NOT NULL"),
    _append_only("counter_entry"),
    _kept("counter_entry", "1 = 1"),
)

_TRUNCATED = (
    *("transfer", "audit_entry", "account", "gift_card", "hold", "payment", "orders"),
    *("order_item", "refund", "chargeback", "shortfall", "order_issue", "approval"),
    *("ledger_checkpoint", "idempotency_key", "campaign", "staff", "api_key"),
    *("counter_entry", "closed_month", "book_export", "card_review", "risk_assessment"),
)

_CLOSED_UNTIL = "SELECT COALESCE(MAX(ends_at), 0) FROM closed_month"
"""A function on PostgreSQL, whose conditions of triggers know no subquery."""

_BODY = """
BEGIN
    RAISE EXCEPTION 'refused by %', TG_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END """

_UNTIL_BODY = f" BEGIN RETURN ({_CLOSED_UNTIL}); END "
_UNTIL = (
    "CREATE OR REPLACE FUNCTION giftweb_closed_until() RETURNS bigint LANGUAGE plpgsql STABLE"
    f" AS $${_UNTIL_BODY}$$"
)

_REFUSE = (
    f"CREATE OR REPLACE FUNCTION giftweb_refuse() RETURNS trigger LANGUAGE plpgsql AS $${_BODY}$$"
)


def install() -> None:
    """Create every guard, or replace it, inside one transaction."""
    with database.transaction():
        statements = _postgres() if database.is_postgres() else _sqlite()
        for statement in statements:
            database.execute(statement)


def missing() -> list[str]:
    """The names of the guards that the database does not have as they are written here."""
    present = _present_on_postgres() if database.is_postgres() else _present_on_sqlite()
    return [name for name, text in _wanted().items() if present.get(name) != text]


def planted() -> list[str]:
    """The names of triggers that are none of ours."""
    names = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if database.is_postgres()
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    ours = _wanted()
    return sorted(name for (name,) in database.rows(names) if name not in ours)


def _present_on_sqlite() -> dict[str, str]:
    return dict(database.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))


def _present_on_postgres() -> dict[str, str]:
    """Those that fire, and in whose function nothing was changed."""
    wanted = {"giftweb_refuse": _BODY, "giftweb_closed_until": _UNTIL_BODY}
    query = "SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'giftweb%'"
    bodies = dict(database.rows(query))
    if any(_plain(bodies.get(name, "")) != _plain(body) for name, body in wanted.items()):
        return {}
    found = database.rows(
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgenabled = 'O'"
    )
    return {name: _plain(text) for name, text in found}


def _wanted() -> dict[str, str]:
    """Each guard's name and its text as the database has it."""
    if not database.is_postgres():
        return {guard.name: _on_sqlite(guard) for guard in GUARDS}
    rows = {guard.name: _plain(_on_postgres(guard)) for guard in GUARDS}
    return rows | {_never_emptied(table): _plain(_against_emptying(table)) for table in _TRUNCATED}


_DROPPED = re.compile(r"[\s()]|::\w+|\bor replace\b|\bpublic\.")
_ANY_OF = re.compile(r"= any \(array\[(.*?)\]\)")


def _plain(text: str) -> str:
    """The text of a trigger without what PostgreSQL adds when it writes it down."""
    return _DROPPED.sub("", _ANY_OF.sub(r"in (\1)", text.lower()))


def _never_emptied(table: str) -> str:
    return f"{table}_is_never_emptied"


def _sqlite() -> list[str]:
    statements = []
    for guard in GUARDS:
        statements += [f"DROP TRIGGER IF EXISTS {guard.name}", _on_sqlite(guard)]
    return statements


def _on_sqlite(guard: Guard) -> str:
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}"
        f" WHEN {guard.condition.replace('giftweb_closed_until()', f'({_CLOSED_UNTIL})')}"
        f" BEGIN SELECT RAISE(ABORT, 'constraint failed: {guard.name}'); END"
    )


def _postgres() -> list[str]:
    guards = map(_on_postgres, GUARDS)
    # ENABLE: a trigger that is replaced stays switched off.
    switched_on = (f"ALTER TABLE {each.table} ENABLE TRIGGER {each.name}" for each in GUARDS)
    emptying = [
        statement
        for table in _TRUNCATED
        for statement in (
            _against_emptying(table),
            f"ALTER TABLE {table} ENABLE TRIGGER {_never_emptied(table)}",
        )
    ]
    return [_REFUSE, _UNTIL, *guards, *switched_on, *emptying]


def _on_postgres(guard: Guard) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}"
        f" FOR EACH ROW WHEN ({guard.condition}) EXECUTE FUNCTION giftweb_refuse()"
    )


def _against_emptying(table: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER {_never_emptied(table)} BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION giftweb_refuse()"
    )
