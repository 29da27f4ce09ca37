"""Seals of the rows that money or somebody's right hangs on (I7): no key, no valid row.

A row is sealed when it is written, and anew by the verb that changes it. Left out are the counters
that other sealed rows add up to, and what ``docs/ledger.md`` names. Transfers and the audit log are
sealed by their own modules, in chains.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from giftweb import database
from giftweb.database import paging
from giftweb.domain.audit.log import seal, seal_text

SEALED: dict[str, tuple[str, ...]] = {
    "gift_card": (
        *("id", "currency", "is_test", "last4", "type", "origin", "source", "state"),
        *("initial_minor", "campaign_id", "order_id", "order_item_id", "replaces_id"),
        *("holder_email", "holder_name", "sender_name", "sender_email", "message", "note"),
        *("expires_on", "created_at"),
    ),
    "hold": (
        *("id", "card_id", "checkout_id", "currency", "is_test", "amount_minor"),
        *("order_currency", "order_minor", "rate", "created_at", "expires_at"),
    ),
    "orders": (
        *("id", "campaign_id", "checkout_id", "customer_id", "reference", "is_test", "status"),
        *("fulfilment", "tracking", "currency", "items_minor", "discount_minor", "tax_minor"),
        *("shipping_minor", "covers_minor", "customer_email", "customer_name"),
        *("shipping_address", "created_at"),
    ),
    "order_item": (
        *("id", "order_id", "position", "sku", "name", "quantity", "unit_minor", "kind"),
        *("card_type", "requires_shipping", "is_upsell", "recipient_name", "recipient_email"),
        *("sender_name", "sender_email", "message", "deliver_at"),
        *("recharges_id", "card_minor", "transfer_id"),
    ),
    "payment": (
        *("id", "order_id", "method", "gateway", "currency", "is_test", "state", "amount_minor"),
        *("reference", "reusable_method", "gift_card_id", "hold_id", "transfer_id"),
        *("card_currency", "card_minor", "rate", "is_upsell", "created_at"),
    ),
    "refund": (
        *("id", "payment_id", "order_id", "currency", "amount_minor", "status", "reason"),
        *("gift_card_id", "transfer_id", "reference", "failure", "created_at", "settled_at"),
    ),
    "order_issue": (
        *("card_id", "order_id", "total_minor", "refunded_minor", "issued_minor", "new_minor"),
        *("exceeded_by_id", "reason"),
    ),
    "chargeback": ("id", "order_id", "payment_id", "amount_minor", "created_at"),
    "shortfall": (
        *("id", "kind", "order_id", "card_id", "currency", "amount_minor", "created_at"),
    ),
    "approval": (
        *("id", "verb", "subject", "currency", "amount_minor", "arguments", "reason"),
        *("asked_by_id", "asked_at", "status", "decided_by_id", "decided_at"),
    ),
    "idempotency_key": (
        *("scope", "key", "fingerprint", "status", "answer", "card_id", "moves_money"),
        *("is_test", "created_at"),
    ),
}
"""Table -> the columns that its rows' seals cover; the first is the row's key."""

_KEYS = {"idempotency_key": 2}
"""How many of the first columns are the row's key, where it is not one."""

RESOLVED = ("resolved_at", "resolution", "captured_minor", "transfer_id")
"""What ends a hold is sealed over the seal that it was made with: nothing has to be read again."""

_ACTIVE = (None, None, 0, None)


def insert(table: str, **values: Any) -> None:
    """Write a row with its seal."""
    database.insert(table, **values, seal=of(table, values))


def of(table: str, values: Mapping[str, Any]) -> bytes:
    """The seal of a row; a column that is not named is NULL."""
    return of_row(table, map(values.get, SEALED[table]))


def of_row(table: str, values: Iterable[Any]) -> bytes:
    """The seal of a row whose values stand in the order of SEALED."""
    return seal(table.encode(), *values)


def of_text(table: str, text: str) -> bytes:
    """The seal of such a row that is ``spelled`` already."""
    return seal_text(table.encode(), text)


def resolved(before: bytes, *values: Any) -> bytes:
    """The seal of a hold that has ended; ``values`` are those of RESOLVED."""
    return seal(before, *values)


def change(table: str, row_id: str, **changes: Any) -> None:
    """Change a row, under its lock, and seal it anew. A seal that was broken stays broken."""
    columns = SEALED[table]
    found = database.row(
        f"SELECT {', '.join(columns)}, seal FROM {table} WHERE {columns[0]} = ?"
        f"{database.for_update()}",
        row_id,
    )
    if found is None:
        return
    known = dict(zip(columns, found[:-1], strict=True))
    is_whole = of(table, known) == bytes(found[-1] or b"")
    sealed = of(table, known | changes) if is_whole else found[-1]
    settings = ", ".join(f"{column} = ?" for column in changes)
    database.write(
        f"UPDATE {table} SET {settings}, seal = ? WHERE {columns[0]} = ?",
        *changes.values(),
        sealed,
        row_id,
    )


def breaches() -> Iterator[tuple[str, str, str]]:
    """(check, row, what is wrong) of every row that is not as the program wrote it."""
    for table, columns in SEALED.items():
        more = RESOLVED if table == "hold" else ()
        select = f"SELECT {', '.join((*columns, *more))}, seal FROM {table}"
        count = _KEYS.get(table, 1)
        order, positions = columns[:count], tuple(range(count))
        for *values, sealed in paging.rows(select, *order, positions=positions):
            expected = of_row(table, values[: len(columns)])
            if more and (ended := tuple(values[-len(more) :])) != _ACTIVE:
                expected = resolved(expected, *ended)
            if expected != bytes(sealed or b""):
                yield "I7 rows", values[count - 1], f"this row of {table} is not as it was written"
