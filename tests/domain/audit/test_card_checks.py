"""Stock, bonds, successors, merges and what one person may do, changed by the owner: the audit
names each row."""

import pytest

from tests.tampering import everything, missed


def put(table: str, row: str, change: str) -> str:
    return f"UPDATE {table} SET {change} WHERE id = '{{{row}}}'"


_REVIEW = "INSERT INTO card_review (id, card_id, order_id, reason, created_at"
_OF_GIFT = "VALUES ('rev_x', '{gift}', '{gifts}', 'amount', 1"

_ASSESSED = (
    "INSERT INTO risk_assessment (id, order_id, part, created_at, currency, cards,"
    " largest_minor, sum_minor, is_first, reason)"
    " VALUES ('rsk_x', '{gifts}', 0, 1, 'USD', 1, 2000, 2000, (1 = 0)"
)

MANY_REQUESTS = (
    "INSERT INTO approval (id, verb, subject, currency, amount_minor, arguments, asked_by_id,"
    " asked_at, status) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
    " WHERE i < 51) SELECT 'apr_' || i, 'issue', 'new', 'USD', 1, '[]', '{agent}', 1,"
    " 'waiting' FROM n"
)

CARDS = [
    (
        "B26 nothing left before its release",
        "gift",
        f"{_REVIEW}) {_OF_GIFT});UPDATE mail SET state = 'sent' WHERE kind = 'cards_purchased'",
    ),
    ("B26 above limits waits", "gift", f"{_ASSESSED}, 'amount')"),
    ("B26 assessed as bought", "assessment", f"{_ASSESSED}, '')"),
    ("B26 waits frozen", "gift", f"{_REVIEW}) {_OF_GIFT})"),
    (
        "B26 refused cards",
        "gift",
        f"{_REVIEW}, decision, decided_at, decided_by) {_OF_GIFT}, 'refused', 1, 'stf_eve')",
    ),
    ("I40 stock is worth nothing", "other", put("gift_card", "other", "state = 'inactive'")),
    ("I40 stock says so", "other", put("gift_card", "other", "state = 'inactive'")),
    (
        "I40 activated once",
        "other",
        put("gift_card", "other", "origin = 'stock'")
        + ";"
        + put("transfer", "topped_up", "kind = 'issue'"),
    ),
    (
        "I41 bound to its holder",
        "card_payment",
        put("gift_card", "card", "bound_to_holder = (1 = 1), holder_email = 'eve@example.com'"),
    ),
    ("D23 successors inherit", "successor", put("gift_card", "successor", "campaign_id = 'cmp_x'")),
    (
        "D23 successors inherit",
        "successor",
        put("gift_card", "successor", "bound_to_holder = (1 = 1)"),
    ),
    (
        "I39 successors of frozen cards",
        "successor",
        "UPDATE audit_entry SET action = 'gift_card.frozen' WHERE action = 'gift_card.issued'"
        " AND subject = (SELECT replaces_id FROM gift_card WHERE id = '{successor}')",
    ),
    ("B27 tax of a sale", "other", put("gift_card", "other", "voucher_tax_hundredths = 1900")),
    ("B27 tax of a sale", "card", put("gift_card", "card", "voucher_tax_hundredths = -1")),
    (
        "B27 tax of successors",
        "successor",
        put("gift_card", "successor", "voucher_tax_hundredths = 1900"),
    ),
    (
        "B27 rates of campaigns",
        "campaign",
        put("campaign", "campaign", "voucher_tax_hundredths = 10001"),
    ),
    (
        "B25 merged for one holder",
        "given",
        put("gift_card", "other", "merged_into_id = '{given}', holder_email = 'bea@example.com'")
        + ";"
        + put("gift_card", "card", "merged_into_id = '{given}'"),
    ),
    ("B21 given and counted", "agent", "UPDATE daily_use SET amount = 1"),
    ("B15 few requests wait", "agent", MANY_REQUESTS),
    ("B25 merged whole", "other", put("gift_card", "other", "origin = 'merge'")),
    (
        "B25 merged into a merged card",
        "other",
        put("gift_card", "other", "merged_into_id = '{card}'"),
    ),
]
"""(check, row, statements) each; rows as ``tampering.everything`` names them."""


@pytest.mark.tampers
@pytest.mark.proves("X6", "X7", "D23", "I39", "I40", "I41", "B22", "B25", "B26", "B27")
def test_every_change_to_stock_bonds_and_merges_is_found_and_named_with_its_row():
    assert not missed(CARDS, everything() | {"assessment": "rsk_x"})
