"""Every text of the database in which a person may be named, and the texts without the person."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import peewee

from giftweb import models
from giftweb.database import to_json
from giftweb.database.columns import JSONField
from giftweb.domain import audit
from giftweb.domain.audit.redactions import ERASED
from giftweb.domain.privacy.people import Person

_NOBODY = frozenset(
    {
        *("account", "transfer", "ledger_checkpoint", "redaction", "daily_sum", "daily_sum_end"),
        *("campaign", "campaign_origin", "api_key", "webhook_endpoint", "product", "rate"),
        *("staff", "staff_session", "staff_link", "recovery_code", "passkey", "used_challenge"),
        *("setting", "daily_use", "key_version", "code_format", "picture", "product_picture"),
        *("sign_in_link", "customer_session", "hold", "work_seen", "wallet_pass", "customer"),
        *("card_import_part", "monthly_sum", "daily_age", "daily_life"),
        *("monthly_age", "monthly_life", "bonus_sum", "bonus_order", "bonus_due"),
    }
)
"""Tables without a text that is about a shopper, or that are emptied by themselves."""

_OWNERS = ("subject", "card_id", "order_id", "gift_card_id", "customer_id")
"""Columns that say whom or what a row is about."""

_KEPT = frozenset(
    {
        *("kind", "type", "card_type", "status", "state", "fulfilment", "origin", "source"),
        *("method", "gateway", "verb", "covers", "subject", "currency", "card_currency", "rate"),
        *("last4", "sku", "design", "expires_on", "setup", "charge", "reusable_method"),
        *("customer_locale", "recipient_locale", "holder_locale", "deliver_zone", "scope", "key"),
        *("fingerprint", "token_hash", "network"),
    }
)
"""Columns that hold words of the program's own."""


@dataclass(frozen=True, slots=True)
class Text:
    """A column of a row that names the person, and what it is without."""

    table: type[peewee.Model]
    row: dict[str, Any]
    changes: dict[str, Any]


def naming(person: Person) -> Iterator[Text]:
    """Every row that names the person in a text, with the texts as they are without."""
    pattern = person.pattern()
    for table in models.TABLES:
        columns = [] if table._meta.table_name in _NOBODY else _texts_of(table)
        if not columns:
            continue
        # Read before the first of them is written: the rows are changed on the way.
        for row in list(table.select().where(_is_about(table, columns, person)).dicts()):
            changes = {
                column.column_name: found
                for column in columns
                if (found := _without(row[column.name], pattern, person.email)) != row[column.name]
            }
            if changes:
                yield Text(table, row, changes)


def _texts_of(table: type[peewee.Model]) -> list[peewee.Field]:
    if table is models.AuditEntry:
        return [models.AuditEntry.reason]
    foreign = {each.column_name for each in table._meta.refs}
    return [
        column
        for column in table._meta.sorted_fields
        if isinstance(column, peewee.TextField)
        and not column.primary_key
        and column.column_name not in _KEPT | foreign
        and not column.column_name.endswith("_id")
        and column.column_name != "id"
    ]


def _is_about(
    table: type[peewee.Model], columns: list[peewee.Field], person: Person
) -> peewee.Expression:
    """A condition: a text has the address, or the row is about something of the person's."""
    found = [column.cast("TEXT").contains(person.email) for column in columns]
    owners = [table._meta.columns[name] for name in _OWNERS if name in table._meta.columns]
    ids = sorted(person.ids)
    if ids:
        found += [owner.in_(ids) for owner in owners]
    condition = found[0]
    for other in found[1:]:
        condition |= other
    return condition


def _without(value: Any, pattern: re.Pattern[str], email: str) -> Any:
    """The value with ERASED in place of every word that names the person, and of the name that
    stands beside their address, whatever it is."""
    if isinstance(value, str):
        document = _document(value)
        if document is None:
            return pattern.sub(ERASED, value)
        cleaned = _without(document, pattern, email)
        return value if cleaned == document else to_json(cleaned)
    if isinstance(value, dict):
        theirs = {_name_beside(key) for key, each in value.items() if _is_address(each, email)}
        return {
            key: ERASED if key in theirs and each else _without(each, pattern, email)
            for key, each in value.items()
        }
    if isinstance(value, list):
        if len(value) == 2 and _is_address(value[0], email):
            return [ERASED if each else each for each in value]
        return [_without(each, pattern, email) for each in value]
    return value


def _name_beside(key: str) -> str:
    """The key of the name that goes with the key of an address: ``recipient_email``, ``email``."""
    return key.removesuffix("email") + "name"


def _is_address(value: Any, email: str) -> bool:
    return isinstance(value, str) and value.strip().lower() == email


def _document(text: str) -> Any:
    """The document that a text is; None for other text."""
    if text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def write(text: Text) -> None:
    """Write a row without the person, sealed again where it was sealed and whole."""
    table, row = text.table, text.row
    if table is models.AuditEntry:
        audit.redactions.redact_entry(row["id"], reason=text.changes["reason"])
    elif table is models.IdempotencyKey:
        audit.redactions.redact_answer(row["scope"], row["key"], answer=text.changes["answer"])
    elif table._meta.table_name in audit.seals.SEALED:
        audit.seals.change(table, row["id"], **text.changes)
    else:
        key = table._meta.primary_key
        values = {
            table._meta.columns[name]: _stored(table, name, value)
            for name, value in text.changes.items()
        }
        table.update(values).where(key == row[key.name]).execute()


def _stored(table: type[peewee.Model], name: str, value: Any) -> Any:
    column = table._meta.columns[name]
    return json.loads(value) if isinstance(column, JSONField) and isinstance(value, str) else value
