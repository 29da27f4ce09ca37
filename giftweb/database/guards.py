"""Triggers that keep history as it was, on both engines (I6, I11, I21, I26).

A rebuilt SQLite table silently loses its triggers, so they are created again after each migration
and checked at every start. Of the tables that ``_kept`` guards, only rows of the test book may be
deleted (D16); the rest of the books have no test rows, and nothing of them goes. A row of another
table that is deleted past the program is named by the audit (``domain.audit.seals``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from giftweb import database


@dataclass(frozen=True)
class Guard:
    """Refuse ``event`` on ``table`` for rows where ``condition`` holds.

    PostgreSQL writes a condition down with each part of it in parentheses, and what is there is
    compared with what is written here. So ``_any`` and ``_all`` write the parentheses.
    """

    name: str
    table: str
    event: str
    condition: str


def _any(*conditions: str) -> str:
    return _joined(" OR ", conditions)


def _all(*conditions: str) -> str:
    return _joined(" AND ", conditions)


def _joined(word: str, conditions: Sequence[str]) -> str:
    if len(conditions) == 1:
        return conditions[0]
    return word.join(f"({condition})" for condition in conditions)


_ALWAYS = "1 = 1"


def _differs(*columns: str) -> str:
    return _any(*(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns))


def _fixed(table: str, columns: Sequence[str]) -> Guard:
    return Guard(f"{table}_identity_is_fixed", table, "UPDATE", _differs(*columns))


def _kept(table: str, *, where: str = "NOT OLD.is_test") -> Guard:
    return Guard(f"{table}_is_kept", table, "DELETE", where)


def _append_only(table: str) -> Guard:
    return Guard(f"{table}_is_append_only", table, "UPDATE", _ALWAYS)


_ERASED = "[erased]"
"""What stands in a text in place of a person (``domain.audit.redactions``)."""


def _erases_nobody(column: str) -> str:
    """Whether the new text of a column is one in which no person was erased."""
    text = f"COALESCE(NEW.{column}, '')"
    return f"{text} = replace({text}, '{_ERASED}', '')"


_NO_RATE = ("NEW.voucher_tax_hundredths < 0", "NEW.voucher_tax_hundredths > 10000")
_NO_TAX_OF_A_SALE = _any(
    *_NO_RATE,
    _all(
        "NEW.voucher_tax_hundredths IS NOT NULL",
        _any(
            "NEW.campaign_id IS NULL",
            _all("NEW.source <> 'sales'", "NEW.source <> 'replacements'"),
        ),
    ),
)
"""Tax is due for what a campaign has sold; a successor keeps what was due (docs/vouchers.md)."""

GUARDS = (
    _append_only("transfer"),
    _kept("transfer"),
    Guard(
        "audit_entry_is_append_only",
        "audit_entry",
        "UPDATE",
        _any(
            *map(_differs, ("number", "id", "at", "actor_kind", "actor_id", "actor_role")),
            *map(_differs, ("action", "subject", "data", "is_test", "seal", "chain", "link")),
            _erases_nobody("reason"),
        ),
    ),
    _kept("audit_entry"),
    _append_only("ledger_checkpoint"),
    _kept("ledger_checkpoint", where=_ALWAYS),
    _append_only("closed_month"),
    _kept("closed_month", where=_ALWAYS),
    _append_only("book_export"),
    _kept("book_export", where=_ALWAYS),
    Guard(
        "transfer_is_of_no_closed_month",
        "transfer",
        "INSERT",
        _all("NEW.created_at < giftweb_closed_until()", "NOT NEW.is_test"),
    ),
    _kept("redaction", where=_ALWAYS),
    Guard(
        "idempotency_key_used_once",
        "idempotency_key",
        "UPDATE",
        _all(
            "OLD.status IS NOT NULL",
            _any(
                *map(_differs, ("scope", "key", "fingerprint", "status", "card_id")),
                *map(_differs, ("moves_money", "is_test", "created_at")),
                _erases_nobody("answer"),
            ),
        ),
    ),
    _kept("idempotency_key", where=_all("NOT OLD.is_test", "OLD.moves_money = true")),
    _fixed("account", ["id", "currency", "is_test"]),
    Guard(
        "account_moves_with_its_version",
        "account",
        "UPDATE",
        _any(
            "NEW.version < OLD.version",
            _all("NEW.balance_minor <> OLD.balance_minor", "NEW.version = OLD.version"),
        ),
    ),
    _kept("account"),
    _fixed(
        "gift_card",
        ["id", "currency", "is_test", "origin", "last4", "replaces_id", "created_at"],
    ),
    Guard(
        "gift_card_begins_once",
        "gift_card",
        "UPDATE",
        _all(
            "OLD.state <> 'inactive'",
            _any(
                "NEW.state = 'inactive'",
                *map(_differs, ("source", "initial_minor", "voucher_tax_hundredths")),
                _differs("campaign_id"),
            ),
        ),
    ),
    Guard("gift_card_has_tax_of_its_sale", "gift_card", "INSERT", _NO_TAX_OF_A_SALE),
    Guard("gift_card_begins_with_its_tax", "gift_card", "UPDATE", _NO_TAX_OF_A_SALE),
    Guard("campaign_begins_with_a_rate_of_tax", "campaign", "INSERT", _any(*_NO_RATE)),
    Guard("campaign_has_a_rate_of_tax", "campaign", "UPDATE", _any(*_NO_RATE)),
    Guard(
        "gift_card_merges_once",
        "gift_card",
        "UPDATE",
        _all("OLD.merged_into_id IS NOT NULL", _differs("merged_into_id")),
    ),
    Guard(
        "gift_card_ends_once",
        "gift_card",
        "UPDATE",
        _all(_any("OLD.state = 'cancelled'", "OLD.state = 'replaced'"), "NEW.state <> OLD.state"),
    ),
    _kept("gift_card"),
    Guard("hold_resolves_once", "hold", "UPDATE", "OLD.resolved_at IS NOT NULL"),
    _fixed(
        "hold",
        [
            *("id", "card_id", "checkout_id", "currency", "is_test"),
            *("amount_minor", "order_minor", "expires_at"),
        ],
    ),
    _kept("hold"),
    _fixed(
        "payment",
        ["id", "order_id", "part", "method", "gift_card_id", "amount_minor", "card_minor"],
    ),
    Guard(
        "payment_settles_once",
        "payment",
        "UPDATE",
        _all("OLD.state <> 'pending'", "NEW.state <> OLD.state"),
    ),
    _kept("payment"),
    _fixed("refund", ["id", "payment_id", "order_id", "amount_minor"]),
    Guard(
        "refund_settles_once",
        "refund",
        "UPDATE",
        _all("OLD.status = 'succeeded'", "NEW.status <> OLD.status"),
    ),
    _fixed("campaign", ["id"]),
    _fixed("orders", ["id", "number", "campaign_id", "currency", "is_test"]),
    _kept("orders"),
    _append_only("risk_assessment"),
    _fixed("card_review", ["id", "card_id", "order_id", "created_at", "reason"]),
    Guard("card_review_is_decided_once", "card_review", "UPDATE", "OLD.decision IS NOT NULL"),
    Guard(
        "counter_entry_is_append_only",
        "counter_entry",
        "UPDATE",
        _any(
            *map(_differs, ("id", "kind", "campaign_id", "staff_id", "order_id")),
            *map(_differs, ("transfer_id", "amount_minor", "currency", "created_at")),
            _erases_nobody("receipt"),
        ),
    ),
    _kept("counter_entry", where=_ALWAYS),
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
    if any(bodies.get(name) != body for name, body in wanted.items()):
        return {}
    found = database.rows(
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgenabled = 'O'"
    )
    return {name: _plain(text) for name, text in found}


def _plain(definition: str) -> str:
    """A trigger as PostgreSQL writes it down, without the schema and the types of its texts."""
    return definition.replace(" ON public.", " ON ", 1).replace("'::text", "'")


def _wanted() -> dict[str, str]:
    """Each guard's name and its text as the database has it."""
    if not database.is_postgres():
        return {guard.name: _on_sqlite(guard) for guard in GUARDS}
    rows = {guard.name: _on_postgres(guard) for guard in GUARDS}
    return rows | {_never_emptied(table): _against_emptying(table) for table in _TRUNCATED}


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
    created = [*map(_on_postgres, GUARDS), *map(_against_emptying, _TRUNCATED)]
    # ENABLE: a trigger that is replaced stays switched off.
    switched_on = [
        *(f"ALTER TABLE {each.table} ENABLE TRIGGER {each.name}" for each in GUARDS),
        *(f"ALTER TABLE {table} ENABLE TRIGGER {_never_emptied(table)}" for table in _TRUNCATED),
    ]
    return [_REFUSE, _UNTIL, *map(_replacing, created), *switched_on]


def _replacing(creation: str) -> str:
    return creation.replace("CREATE", "CREATE OR REPLACE", 1)


def _on_postgres(guard: Guard) -> str:
    condition = guard.condition.replace("OLD.", "old.").replace("NEW.", "new.")
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}"
        f" FOR EACH ROW WHEN (({condition})) EXECUTE FUNCTION giftweb_refuse()"
    )


def _against_emptying(table: str) -> str:
    return (
        f"CREATE TRIGGER {_never_emptied(table)} BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION giftweb_refuse()"
    )
