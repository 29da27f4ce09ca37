"""Triggers that keep history as it was, on both engines (I6, I11, I21, I26).

A rebuilt SQLite table silently loses its triggers, so they are created again after each migration
and checked at every start. Of the tables that ``kept`` guards, only rows of the test book may be
deleted (D16); the rest of the books have no test rows, and nothing of them goes. A row of another
table that is deleted past the program is named by the audit (``domain.audit.seals``).
"""

from giftweb import database
from giftweb.database.guard_texts import (
    ALWAYS,
    QUESTIONS,
    Guard,
    all_of,
    any_of,
    append_only,
    differs,
    erases_nobody,
    fixed,
    kept,
    on_postgres,
    on_sqlite,
    replacing,
)

_NO_RATE = ("NEW.voucher_tax_hundredths < 0", "NEW.voucher_tax_hundredths > 10000")
_NO_TAX_OF_A_SALE = any_of(
    *_NO_RATE,
    all_of(
        "NEW.voucher_tax_hundredths IS NOT NULL",
        any_of(
            "NEW.campaign_id IS NULL",
            all_of("NEW.source <> 'sales'", "NEW.source <> 'replacements'"),
        ),
    ),
)
"""Tax is due for what a campaign has sold; a successor keeps what was due (docs/vouchers.md)."""

_OF_TILL = "NEW.staff_id, NEW.currency, NEW.campaign_id, NEW.created_at"

MOST_WAITING = 50
"""Requests of one person: whoever has to look at hundreds looks at none."""

GUARDS = (
    append_only("transfer"),
    kept("transfer"),
    Guard(
        "audit_entry_is_append_only",
        "audit_entry",
        "UPDATE",
        any_of(
            *map(differs, ("number", "id", "at", "actor_kind", "actor_id", "actor_role")),
            *map(differs, ("action", "subject", "data", "is_test", "seal", "chain", "link")),
            erases_nobody("reason"),
        ),
    ),
    kept("audit_entry"),
    append_only("ledger_checkpoint"),
    kept("ledger_checkpoint", where=ALWAYS),
    append_only("closed_month"),
    kept("closed_month", where=ALWAYS),
    append_only("book_export"),
    kept("book_export", where=ALWAYS),
    Guard(
        "transfer_is_of_no_closed_month",
        "transfer",
        "INSERT",
        all_of("NEW.created_at < giftweb_closed_until()", "NOT NEW.is_test"),
    ),
    kept("redaction", where=ALWAYS),
    Guard(
        "idempotency_key_used_once",
        "idempotency_key",
        "UPDATE",
        all_of(
            "OLD.status IS NOT NULL",
            any_of(
                *map(differs, ("scope", "key", "fingerprint", "status", "card_id")),
                *map(differs, ("moves_money", "is_test", "created_at")),
                erases_nobody("answer"),
            ),
        ),
    ),
    kept("idempotency_key", where=all_of("NOT OLD.is_test", "OLD.moves_money = true")),
    fixed("account", ["id", "currency", "is_test"]),
    Guard(
        "account_moves_with_its_version",
        "account",
        "UPDATE",
        any_of(
            "NEW.version < OLD.version",
            all_of("NEW.balance_minor <> OLD.balance_minor", "NEW.version = OLD.version"),
        ),
    ),
    kept("account"),
    fixed(
        "gift_card",
        ["id", "currency", "is_test", "origin", "last4", "replaces_id", "created_at"],
    ),
    Guard(
        "gift_card_begins_once",
        "gift_card",
        "UPDATE",
        all_of(
            "OLD.state <> 'inactive'",
            any_of(
                "NEW.state = 'inactive'",
                *map(differs, ("source", "initial_minor", "voucher_tax_hundredths")),
                differs("campaign_id"),
            ),
        ),
    ),
    Guard("gift_card_has_tax_of_its_sale", "gift_card", "INSERT", _NO_TAX_OF_A_SALE),
    Guard("gift_card_begins_with_its_tax", "gift_card", "UPDATE", _NO_TAX_OF_A_SALE),
    Guard("campaign_begins_with_a_rate_of_tax", "campaign", "INSERT", any_of(*_NO_RATE)),
    Guard("campaign_has_a_rate_of_tax", "campaign", "UPDATE", any_of(*_NO_RATE)),
    Guard(
        "gift_card_merges_once",
        "gift_card",
        "UPDATE",
        all_of("OLD.merged_into_id IS NOT NULL", differs("merged_into_id")),
    ),
    Guard(
        "gift_card_is_merged_for_its_holder",
        "gift_card",
        "UPDATE",
        all_of(
            "OLD.merged_into_id IS NULL",
            "NEW.merged_into_id IS NOT NULL",
            "giftweb_is_not_theirs(NEW.merged_into_id, OLD.holder_email) > 0",
        ),
    ),
    Guard(
        "gift_card_ends_once",
        "gift_card",
        "UPDATE",
        all_of(
            any_of("OLD.state = 'cancelled'", "OLD.state = 'replaced'"), "NEW.state <> OLD.state"
        ),
    ),
    kept("gift_card"),
    Guard("hold_resolves_once", "hold", "UPDATE", "OLD.resolved_at IS NOT NULL"),
    fixed(
        "hold",
        [
            *("id", "card_id", "checkout_id", "currency", "is_test"),
            *("amount_minor", "order_minor", "expires_at"),
        ],
    ),
    kept("hold"),
    fixed(
        "payment",
        ["id", "order_id", "part", "method", "gift_card_id", "amount_minor", "card_minor"],
    ),
    Guard(
        "payment_settles_once",
        "payment",
        "UPDATE",
        all_of("OLD.state <> 'pending'", "NEW.state <> OLD.state"),
    ),
    kept("payment"),
    fixed("refund", ["id", "payment_id", "order_id", "amount_minor"]),
    Guard(
        "refund_settles_once",
        "refund",
        "UPDATE",
        all_of("OLD.status = 'succeeded'", "NEW.status <> OLD.status"),
    ),
    fixed("campaign", ["id"]),
    fixed("orders", ["id", "number", "campaign_id", "currency", "is_test"]),
    kept("orders"),
    append_only("risk_assessment"),
    fixed("card_review", ["id", "card_id", "order_id", "created_at", "reason"]),
    Guard("card_review_is_decided_once", "card_review", "UPDATE", "OLD.decision IS NOT NULL"),
    Guard(
        "counter_entry_is_append_only",
        "counter_entry",
        "UPDATE",
        any_of(
            *map(differs, ("id", "kind", "campaign_id", "staff_id", "order_id")),
            *map(differs, ("transfer_id", "amount_minor", "currency", "created_at")),
            erases_nobody("receipt"),
        ),
    ),
    kept("counter_entry", where=ALWAYS),
    Guard(
        "counter_entry_is_counted_if_it_gives_back",
        "counter_entry",
        "INSERT",
        all_of(
            "NEW.kind = 'given_back'",
            f"giftweb_counted_of({_OF_TILL}) < NEW.amount_minor",
        ),
    ),
    Guard(
        "approval_waits_with_few",
        "approval",
        "INSERT",
        all_of(
            "NEW.status = 'waiting'",
            f"giftweb_requests_of(NEW.asked_by_id) >= {MOST_WAITING}",
        ),
    ),
)

_TRUNCATED = (
    *("transfer", "audit_entry", "account", "gift_card", "hold", "payment", "orders"),
    *("order_item", "refund", "chargeback", "shortfall", "order_issue", "approval"),
    *("ledger_checkpoint", "idempotency_key", "campaign", "staff", "api_key"),
    *("counter_entry", "closed_month", "book_export", "card_review", "risk_assessment"),
)

_BODY = """
BEGIN
    RAISE EXCEPTION 'refused by %', TG_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END """

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
    wanted = {"giftweb_refuse": _BODY} | {each.name: each.body for each in QUESTIONS}
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
        return {guard.name: on_sqlite(guard) for guard in GUARDS}
    rows = {guard.name: on_postgres(guard) for guard in GUARDS}
    return rows | {_never_emptied(table): _against_emptying(table) for table in _TRUNCATED}


def _never_emptied(table: str) -> str:
    return f"{table}_is_never_emptied"


def _sqlite() -> list[str]:
    statements = []
    for guard in GUARDS:
        statements += [f"DROP TRIGGER IF EXISTS {guard.name}", on_sqlite(guard)]
    return statements


def _postgres() -> list[str]:
    created = [*map(on_postgres, GUARDS), *map(_against_emptying, _TRUNCATED)]
    # ENABLE: a trigger that is replaced stays switched off.
    switched_on = [
        *(f"ALTER TABLE {each.table} ENABLE TRIGGER {each.name}" for each in GUARDS),
        *(f"ALTER TABLE {table} ENABLE TRIGGER {_never_emptied(table)}" for table in _TRUNCATED),
    ]
    functions = [each.creation for each in QUESTIONS]
    return [_REFUSE, *functions, *map(replacing, created), *switched_on]


def _against_emptying(table: str) -> str:
    return (
        f"CREATE TRIGGER {_never_emptied(table)} BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION giftweb_refuse()"
    )
