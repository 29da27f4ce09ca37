"""Accounts, factors, keys, settings, campaigns, endpoints and waiting mails that the owner of the
database has changed, planted or taken away: the audit names each one (X18).
"""

import pytest

from giftweb import database, models
from giftweb.domain import audit
from tests.domain.audit.test_checks import drop, found, put
from tests.tampering import everything

pytestmark = [pytest.mark.tampers, pytest.mark.proves("X18", "I7")]


def planted(table: str, row: str, key: str, **others: str) -> str:
    """A copy of a row under another key, and perhaps with other values."""
    (model,) = [each for each in models.TABLES if each._meta.table_name == table]
    columns = list(model._meta.columns)
    values = [f"'{({'id': key} | others)[c]}'" if c in ("id", *others) else c for c in columns]
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table}"
        f" WHERE id = '{{{row}}}'"
    )


FORGED = [
    ("I7 rows", "agent", put("staff", "agent", "password_hash = 'the password of eve'")),
    ("I7 rows", "agent", put("staff", "agent", "totp_sealed = NULL, email = 'eve@example.com'")),
    ("I7 rows", "agent", put("staff", "agent", "is_active = NOT is_active")),
    ("I7 rows", "stf_eve", planted("staff", "agent", "stf_eve", email="eve@example.com")),
    ("I7 rows", "passkey", put("passkey", "passkey", "public_key = seal")),
    ("I7 rows", "key_eve", planted("passkey", "passkey", "key_eve")),
    ("I7 rows", "api_key", put("api_key", "api_key", "key_hash = 'a secret of eve'")),
    ("I7 rows", "api_key", put("api_key", "api_key", "scopes = NULL, day_cap_minor = 5")),
    ("I7 rows", "key_eve", planted("api_key", "api_key", "key_eve", key_hash="of eve")),
    ("I7 rows", "campaign", put("campaign", "campaign", "bank_details = 'the bank of eve'")),
    ("I7 rows", "campaign", put("campaign", "campaign", "absolute_minor = 999900")),
    ("I7 rows", "endpoint", put("webhook_endpoint", "endpoint", "url = 'https://eve.example'")),
    ("I7 rows", "whk_eve", planted("webhook_endpoint", "endpoint", "whk_eve")),
    ("I7 rows", "limits", "UPDATE setting SET value = '{{}}' WHERE name = '{limits}'"),
    ("I7 rows", "mail", put("mail", "mail", "kind = 'card_resent'")),
    ("I7 rows", "mail_eve", planted("mail", "mail", "mail_eve", to_email="eve@example.com")),
    ("I6 what is logged is there", "agent", drop("staff", "agent")),
    ("I6 what is logged is there", "api_key", drop("api_key", "api_key")),
    ("I6 what is logged is there", "campaign", drop("campaign", "campaign")),
    ("I6 what is logged is there", "endpoint", drop("webhook_endpoint", "endpoint")),
]


def test_a_forged_row_is_named_whatever_it_gives(engine):
    world = everything()
    assert not audit.checks.run()
    for check, row, tampering in FORGED:
        assert (check, world.get(row, row)) in found(tampering, world), tampering


def test_a_mail_that_was_sent_may_be_shortened():
    world = everything()
    database.execute("UPDATE mail SET state = 'sent', sent_at = 1 WHERE id = ?", world["mail"])
    database.execute("UPDATE mail SET to_email = 'erased', data = NULL WHERE id = ?", world["mail"])
    assert ("I7 rows", world["mail"]) not in {(b.check, b.row) for b in audit.checks.run()}
