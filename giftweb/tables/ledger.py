"""The ledger: who acted, the card accounts, the transfers, keys of requests (docs/ledger.md)."""

from peewee import SQL, BigIntegerField, BlobField, CompositeKey, IntegerField, TextField

from giftweb.database.columns import JSONField, UTCField
from giftweb.tables.base import (
    Table,
    belongs_to,
    book_key,
    check,
    flag,
    in_book,
    key,
    minor,
    minors,
    one_of,
    place,
    refers_to,
)

ACTORS = ("staff", "api", "customer", "shop", "cli", "system")

CARD = "card"
FUNDING = ("sales", "goodwill", "promotions", "imports", "adjustments")
"""Where money on a card can have come from (D29). Each is a column of an account, for what is left
of it, and of a transfer, for its part of the amount."""

KINDS: dict[str, tuple[tuple[str, str], ...]] = {
    "issue": tuple((source, CARD) for source in ("sales", "goodwill", "promotions", "imports")),
    "top_up": tuple((source, CARD) for source in ("sales", "goodwill", "promotions", "imports")),
    "capture": ((CARD, "redemptions"),),
    "refund": (("redemptions", CARD),),
    "cancel": tuple((CARD, source) for source in ("sales", "goodwill", "promotions", "imports")),
    "claw_back": ((CARD, "promotions"),),
    "expire": ((CARD, "breakage"),),
    "adjust": (("adjustments", CARD), (CARD, "adjustments")),
    "replace": ((CARD, "replacements"), ("replacements", CARD)),
    "cash_out": ((CARD, "cash_out"),),
}
"""The legal transfers: kind -> (from, to) pairs, where ``card`` is the one side that is a card."""

SYSTEM_ACCOUNTS = tuple(
    sorted({side for pairs in KINDS.values() for pair in pairs for side in pair} - {CARD})
)


FUNDED = tuple(f"{source}_minor" for source in FUNDING)
_ADDED_UP = " + ".join(FUNDED)
_NONE_BELOW_ZERO = " AND ".join(f"{column} >= 0" for column in FUNDED)


def part() -> BigIntegerField:
    """An amount of one source: most accounts and transfers have a single one."""
    return BigIntegerField(default=0, constraints=[SQL("DEFAULT 0")])


def _from_its_source(source: str) -> str:
    return f"(from_account <> '{source}' OR {source}_minor = amount_minor)"


def _legal(kind: str, source: str, target: str) -> str:
    sides = (("from_account", source), ("to_account", target))
    terms = [f"{side} = {'card_id' if name == CARD else repr(name)}" for side, name in sides]
    return f"(kind = '{kind}' AND {' AND '.join(terms)})"


LEGAL = " OR ".join(_legal(kind, *pair) for kind, pairs in KINDS.items() for pair in pairs)


class AuditEntry(Table):
    """Who did what, when and why (I30, B15). Holds ids, never names or addresses (I6).

    ``link`` is its place in its ``chain`` (domain.audit.chains); test entries are in none.
    """

    number = place()
    id = TextField(constraints=[SQL("UNIQUE")])
    at = UTCField()
    actor_kind = TextField()
    actor_id = TextField()
    actor_role = TextField(null=True)
    action = TextField()
    subject = TextField()
    reason = TextField(null=True)
    data = JSONField(null=True)
    is_test = flag(default=False)
    seal = BlobField()
    chain = TextField(null=True)
    link = IntegerField(null=True)

    class Meta:
        unsealed = ("number",)
        sealed_later = ("chain", "link")
        indexes = ((("subject", "id"), False),)
        constraints = [one_of("audit_entry", "actor_kind", ACTORS)]


AuditEntry.add_index(
    SQL("CREATE INDEX audit_entry_staff ON audit_entry (actor_id, id) WHERE actor_kind = 'staff'")
)


class Account(Table):
    """A card's account. The house's own accounts are names: they keep no running balance."""

    id = key()
    currency = TextField()
    is_test = flag()
    balance_minor = minor(default=0)
    held_minor = minor(default=0)
    version = IntegerField(default=0)
    moved_at = UTCField()
    seal = BlobField()
    sales_minor = part()
    goodwill_minor = part()
    promotions_minor = part()
    imports_minor = part()
    adjustments_minor = part()

    class Meta:
        without_rowid = True  # On SQLite: found by its id in one tree, not by way of a second.
        constraints = [
            book_key("account"),
            *minors("account", "balance_minor"),
            check("account_held_within_balance", "held_minor BETWEEN 0 AND balance_minor"),
            check("account_currency_shape", "length(currency) = 3"),
            check("account_version_counts", "version >= 0"),
            check(
                "account_funding_is_whole", f"{_ADDED_UP} = balance_minor AND {_NONE_BELOW_ZERO}"
            ),
        ]


class Transfer(Table):
    """A movement of money: from one account to another, one of them a card's (I1). Append-only.

    The house's side is named by ``from_account`` or ``to_account`` within the row's currency and
    mode, so a transfer between two books cannot be written.
    """

    number = place()
    id = TextField(constraints=[SQL("UNIQUE")])
    kind = TextField()
    card_id = TextField()
    from_account = TextField()
    to_account = TextField()
    amount_minor = minor()
    currency = TextField()
    is_test = flag()
    version = IntegerField()
    balance_after_minor = minor()
    created_at = UTCField()
    parent = belongs_to(
        "self", field="id", null=True, index=False, constraint_name="transfer_has_its_parent"
    )
    order_id = TextField(null=True)
    audit = belongs_to(
        AuditEntry, field="id", index=False, constraint_name="transfer_has_its_entry"
    )
    idempotency_key = TextField(null=True)
    seal = BlobField()
    sales_minor = part()
    goodwill_minor = part()
    promotions_minor = part()
    imports_minor = part()
    adjustments_minor = part()

    class Meta:
        unsealed = ("number",)
        # The seal of a transfer that is older than them does not cover them.
        sealed_later = FUNDED
        indexes = ((("card_id", "version"), True),)
        constraints = [
            in_book("transfer", key="card_id"),
            refers_to("transfer", key="order_id", parent="orders"),
            *minors("transfer", "amount_minor", least=1),
            *minors("transfer", "balance_after_minor"),
            check("transfer_version_counts", "version >= 1"),
            check("transfer_is_legal", LEGAL),
            check("transfer_parts_are_whole", f"{_ADDED_UP} = amount_minor AND {_NONE_BELOW_ZERO}"),
            check(
                "transfer_brings_money_of_its_source", " AND ".join(map(_from_its_source, FUNDING))
            ),
        ]


Transfer.add_index(
    SQL(
        "CREATE UNIQUE INDEX transfer_key ON transfer (idempotency_key)"
        " WHERE idempotency_key IS NOT NULL"
    )
)
Transfer.add_index(
    SQL("CREATE INDEX transfer_order ON transfer (order_id) WHERE order_id IS NOT NULL")
)
Transfer.add_index(
    SQL("CREATE INDEX transfer_parent ON transfer (parent_id) WHERE parent_id IS NOT NULL")
)
Transfer.add_index(SQL("CREATE INDEX transfer_time ON transfer (created_at) WHERE NOT is_test"))


class Redaction(Table):
    """An entry of the log whose reason was rewritten without a person (D18); ``id`` is the entry's.

    ``digest`` is over its seal and what it says now (``domain.audit.redactions``).
    """

    id = key()
    at = UTCField()
    digest = TextField()
    seal = BlobField()

    class Meta:
        unsealed = ()


class IdempotencyKey(Table):
    """A request's key and its one answer (I27). ``scope`` is the campaign and mode, or the page."""

    scope = TextField()
    key = TextField()
    fingerprint = TextField()
    status = IntegerField(null=True)
    answer = TextField(null=True)
    card_id = TextField(null=True)
    moves_money = flag(default=True)
    is_test = flag(default=False)
    created_at = UTCField()
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        primary_key = CompositeKey("scope", "key")
        constraints = [refers_to("idempotency_key", key="card_id", parent="gift_card")]


class LedgerCheckpoint(Table):
    """Sums of the house's accounts and a digest of the audit log, up to a place in each."""

    number = IntegerField(primary_key=True)
    at = UTCField()
    transfers_to = BigIntegerField()
    sums = JSONField()
    audit_to = BigIntegerField()
    audit_count = BigIntegerField()
    audit_digest = TextField()
    seal = BlobField()
