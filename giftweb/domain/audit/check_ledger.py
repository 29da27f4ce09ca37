"""The invariants of the ledger as queries: each finds the rows that break it (docs/ledger.md)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from giftweb.domain.audit.check_cards import CARD_CHECKS
from giftweb.domain.audit.check_funding import FUNDING_CHECKS
from giftweb.domain.audit.check_limits import LIMIT_CHECKS
from giftweb.domain.audit.check_log import LOG_CHECKS
from giftweb.domain.audit.check_orders import ORDER_CHECKS
from giftweb.tables.outbox import CARRIERS


@dataclass(frozen=True, slots=True)
class Check:
    """``sql`` returns the row's id first, then the values for ``text``."""

    name: str
    text: str
    sql: str

    def describe(self, values: Sequence) -> str:
        """The sentence about one row."""
        return self.text.format(*values)


DAY = "<day of {}>"
"""The date of an instant, ``YYYY-MM-DD``; each engine has its own words for it."""

_DAY = {
    False: r"strftime('%Y-%m-%d', \1 / 1000000, 'unixepoch')",
    True: r"to_char(to_timestamp(\1 / 1000000), 'YYYY-MM-DD')",
}


_ADDRESSES = (
    ("gift_card", "holder_email"),
    ("orders", "customer_email"),
    ("customer", "email"),
    ("staff", "email"),
)
"""Where an address is looked up by what somebody types."""

EFFECT = "CASE WHEN t.to_account = t.card_id THEN t.amount_minor ELSE -t.amount_minor END"

LEDGER_CHECKS = (
    Check(
        "I1 transfers",
        "moves {} from {} to {}",
        "SELECT id, amount_minor, from_account, to_account FROM transfer t"
        " WHERE amount_minor < 1 OR from_account = to_account"
        " OR (from_account = card_id) = (to_account = card_id)",
    ),
    Check(
        "I2 books",
        "the cards hold {}, the house gave them {}",
        "SELECT currency, SUM(held), SUM(issued) FROM (SELECT currency, is_test,"
        " SUM(balance_minor) AS held, 0 AS issued FROM account GROUP BY currency, is_test"
        " UNION ALL SELECT currency, is_test, 0, SUM(CASE WHEN from_account = card_id"
        " THEN -amount_minor ELSE amount_minor END) FROM transfer GROUP BY currency, is_test) s"
        " GROUP BY currency, is_test HAVING SUM(held) <> SUM(issued)",
    ),
    Check(
        "I3 one book",
        "its account is in another currency or mode",
        "SELECT t.id FROM transfer t JOIN account a ON a.id = t.card_id"
        " WHERE a.currency <> t.currency OR a.is_test <> t.is_test"
        " UNION ALL SELECT g.id FROM gift_card g JOIN account a ON a.id = g.id"
        " WHERE a.currency <> g.currency OR a.is_test <> g.is_test"
        " UNION ALL SELECT h.id FROM hold h JOIN account a ON a.id = h.card_id"
        " WHERE a.currency <> h.currency OR a.is_test <> h.is_test"
        " UNION ALL SELECT h.id FROM hold h JOIN checkout c ON c.id = h.checkout_id"
        " WHERE c.is_test <> h.is_test OR c.currency <> h.order_currency",
    ),
    Check(
        "I3 a card for each account",
        "this account has no card",
        "SELECT a.id FROM account a LEFT JOIN gift_card g ON g.id = a.id WHERE g.id IS NULL",
    ),
    Check(
        "I4 balances",
        "balance {}, version {}; its transfers give {} in {} rows, last balance {}",
        "SELECT a.id, a.balance_minor, a.version, COALESCE(m.moved, 0), COALESCE(m.rows, 0),"
        " COALESCE(l.balance_after_minor, 0) FROM account a"
        f" LEFT JOIN (SELECT card_id, SUM({EFFECT}) AS moved, COUNT(*) AS rows,"
        " MAX(version) AS top FROM transfer t GROUP BY card_id) m ON m.card_id = a.id"
        " LEFT JOIN transfer l ON l.card_id = a.id AND l.version = m.top"
        " WHERE a.balance_minor <> COALESCE(m.moved, 0) OR a.version <> COALESCE(m.rows, 0)"
        " OR a.version <> COALESCE(m.top, 0)"
        " OR a.balance_minor <> COALESCE(l.balance_after_minor, 0)",
    ),
    Check(
        "I5 never below zero",
        "the balance after it was {}, after the one before {}",
        "SELECT id, balance_after_minor, before FROM (SELECT t.id, t.balance_after_minor,"
        f" {EFFECT} AS effect, LAG(t.balance_after_minor, 1, 0) OVER"
        " (PARTITION BY t.card_id ORDER BY t.version) AS before FROM transfer t) s"
        " WHERE balance_after_minor < 0 OR balance_after_minor <> before + effect",
    ),
    Check(
        "I6 reversals",
        "{} of {} were reversed",
        "SELECT p.id, SUM(c.amount_minor), p.amount_minor FROM transfer c"
        " JOIN transfer p ON p.id = c.parent_id GROUP BY p.id, p.amount_minor"
        " HAVING SUM(c.amount_minor) > p.amount_minor",
    ),
    Check(
        "I6 reversals of their kind",
        "a {} that reverses a {}",
        "SELECT c.id, c.kind, COALESCE(p.kind, 'nothing') FROM transfer c"
        " LEFT JOIN transfer p ON p.id = c.parent_id"
        " WHERE (c.kind = 'refund' AND COALESCE(p.kind, '') <> 'capture')"
        " OR (c.kind = 'cancel' AND COALESCE(p.kind, '') NOT IN ('issue', 'top_up'))"
        " OR (c.parent_id IS NOT NULL AND (c.kind NOT IN ('refund', 'cancel')"
        " OR p.currency <> c.currency OR p.is_test <> c.is_test))",
    ),
    Check(
        "I6 nothing is missing",
        "the log says {} of {}, and no transfer says so",
        "SELECT e.id, e.action, e.subject FROM audit_entry e"
        " LEFT JOIN transfer t ON t.audit_id = e.id WHERE e.action IN"
        " ('gift_card.issued', 'gift_card.recharged', 'gift_card.adjusted',"
        " 'gift_card.cashed_out', 'gift_card.activated') AND t.id IS NULL"
        " AND NOT e.is_test",
    ),
    Check(
        "I8 history adds up",
        "issued with {}, its first transfer says {}",
        "SELECT g.id, g.initial_minor, COALESCE(t.amount_minor, 0) FROM gift_card g"
        " LEFT JOIN transfer t ON t.card_id = g.id AND t.version = 1"
        " WHERE (g.initial_minor > 0 AND COALESCE(t.amount_minor, 0) <> g.initial_minor)"
        " OR (t.kind IS NOT NULL AND g.initial_minor > 0"
        " AND t.kind NOT IN ('issue', 'replace', 'refund'))",
    ),
    Check(
        "I9 whole amounts",
        "{} is out of bounds",
        "SELECT id, amount_minor FROM transfer WHERE amount_minor > 1000000000000"
        " UNION ALL SELECT id, balance_minor FROM account WHERE balance_minor > 1000000000000",
    ),
    Check(
        "I10 holds",
        "held {}, its active holds sum to {}",
        "SELECT a.id, a.held_minor, COALESCE(SUM(h.amount_minor), 0) FROM account a"
        " LEFT JOIN hold h ON h.card_id = a.id AND h.resolved_at IS NULL"
        " GROUP BY a.id, a.held_minor, a.balance_minor"
        " HAVING a.held_minor <> COALESCE(SUM(h.amount_minor), 0)"
        " OR a.held_minor > a.balance_minor OR a.held_minor < 0",
    ),
    Check(
        "I11 a hold for each capture",
        "{} holds were captured by this transfer",
        "SELECT transfer_id, COUNT(*) FROM hold WHERE transfer_id IS NOT NULL"
        " GROUP BY transfer_id HAVING COUNT(*) > 1",
    ),
    Check(
        "I12 captures",
        "captured {} of {} held",
        "SELECT h.id, h.captured_minor, h.amount_minor FROM hold h"
        " LEFT JOIN transfer t ON t.id = h.transfer_id WHERE h.captured_minor > h.amount_minor"
        " OR (h.resolution = 'captured' AND (h.resolved_at > h.expires_at OR t.id IS NULL"
        " OR t.card_id <> h.card_id OR t.kind <> 'capture'"
        " OR t.amount_minor <> h.captured_minor))",
    ),
    Check(
        "I13 one hold",
        "{} active holds of one checkout",
        "SELECT card_id, COUNT(*) FROM hold WHERE resolved_at IS NULL"
        " GROUP BY card_id, checkout_id HAVING COUNT(*) > 1",
    ),
    Check(
        "I21 cancelled cards",
        "a cancelled card with balance {} and {} captures or cash-outs",
        "SELECT g.id, a.balance_minor, (SELECT COUNT(*) FROM transfer t"
        " WHERE t.card_id = g.id AND t.kind IN ('capture', 'cash_out')) FROM gift_card g"
        " JOIN account a ON a.id = g.id WHERE g.state = 'cancelled' AND (a.balance_minor > 0"
        " OR a.held_minor > 0"
        " OR EXISTS (SELECT 1 FROM transfer t WHERE t.card_id = g.id"
        " AND t.kind IN ('capture', 'cash_out')))",
    ),
    Check(
        "I21 nothing after the end",
        "{} of {} came after its cancellation",
        "SELECT t.id, t.kind, t.amount_minor FROM gift_card g"
        " JOIN transfer c ON c.card_id = g.id AND c.kind = 'cancel' AND c.order_id IS NULL"
        " JOIN transfer t ON t.card_id = g.id AND t.version > c.version"
        " WHERE g.state = 'cancelled' AND t.audit_id <> c.audit_id",
    ),
    Check(
        "I21 cancelled in the stead of a used card",
        "cancelled, though the card {} that it replaces was captured or cashed out",
        "WITH RECURSIVE chain (last, id) AS (SELECT id, replaces_id FROM gift_card"
        " WHERE state = 'cancelled' AND replaces_id IS NOT NULL"
        " UNION ALL SELECT c.last, g.replaces_id FROM chain c JOIN gift_card g ON g.id = c.id"
        " WHERE g.replaces_id IS NOT NULL) SELECT DISTINCT c.last, c.id FROM chain c"
        " JOIN transfer t ON t.card_id = c.id AND t.kind IN ('capture', 'cash_out')",
    ),
    Check(
        "I22 holds in time",
        "made on {}, after the card's last day {}",
        f"SELECT h.id, {DAY.format('h.created_at')}, g.expires_on FROM gift_card g"
        " JOIN hold h ON h.card_id = g.id WHERE h.created_at >= g.expires_at",
    ),
    Check(
        "I22 ends",
        "its state is {} with a balance of {}",
        "SELECT g.id, g.state, a.balance_minor FROM gift_card g JOIN account a ON a.id = g.id"
        " LEFT JOIN gift_card r ON r.replaces_id = g.id"
        " WHERE ((g.state = 'replaced') <> (r.id IS NOT NULL OR g.merged_into_id IS NOT NULL))"
        " OR (g.state IN ('replaced', 'expired') AND a.balance_minor > 0)"
        " OR (g.state = 'expired' AND g.expires_on IS NULL)",
    ),
    Check(
        "I36 the end of the last day",
        "its last day is {}, and it ends on {} in UTC",
        f"SELECT g.id, g.expires_on, {DAY.format('g.expires_at')} FROM gift_card g"
        " WHERE g.expires_at IS NOT NULL"
        f" AND ({DAY.format('(g.expires_at - 43200000001)')} > g.expires_on"
        f" OR {DAY.format('(g.expires_at + 50400000000)')} <= g.expires_on)",
    ),
    Check(
        "I36 no end before the delivery",
        "its last day is {}; it ends before it is delivered, or never",
        "SELECT g.id, g.expires_on FROM gift_card g"
        " WHERE g.expires_at <= COALESCE(g.delivered_at, g.deliver_at)"
        " OR (g.expires_on IS NULL AND g.expires_at IS NOT NULL)"
        " OR (g.expires_on IS NOT NULL AND g.expires_at IS NULL"
        " AND (g.deliver_at IS NULL OR g.delivered_at IS NOT NULL))",
    ),
    Check(
        "I36 delivered with its mail",
        "{} brought it, and it still waits for its delivery",
        "SELECT g.id, m.id FROM gift_card g JOIN mail m ON m.card_id = g.id"
        " WHERE g.deliver_at IS NOT NULL AND g.delivered_at IS NULL AND m.state = 'sent'"
        f" AND g.state IN ('open', 'frozen') AND m.kind IN {CARRIERS}",
    ),
    Check(
        "D26 codes go to holders",
        "{} with its code waits for somebody else than its holder",
        "SELECT g.id, m.id FROM mail m JOIN gift_card g ON g.id = m.card_id"
        " WHERE m.state IN ('waiting', 'failed') AND m.to_email <> g.holder_email"
        f" AND m.kind IN {CARRIERS} AND COALESCE(m.data, '') NOT LIKE '%elsewhere%'",
    ),
    Check(
        "D26 addresses in lower case",
        "this row of {} has the address as it was typed",
        " UNION ALL ".join(
            f"SELECT id, '{table}' FROM {table} WHERE {column} <> trim(lower({column}))"
            for table, column in _ADDRESSES
        ),
    ),
    Check(
        "I27 answered keys",
        "this key has no answer",
        "SELECT key FROM idempotency_key WHERE status IS NULL",
    ),
    Check(
        "I29 an event for each transfer",
        "{} transfers, {} events",
        "SELECT g.id, a.version, COALESCE(e.events, 0) FROM gift_card g"
        " JOIN account a ON a.id = g.id LEFT JOIN (SELECT subject, COUNT(*) AS events FROM event"
        " WHERE type IN ('gift_card.issued', 'gift_card.balance_changed') GROUP BY subject) e"
        " ON e.subject = g.id WHERE g.campaign_id IS NOT NULL"
        " AND a.version > COALESCE(e.events, 0) + CASE WHEN g.origin = 'import' THEN"
        " (SELECT COUNT(*) FROM transfer t JOIN audit_entry i ON i.id = t.audit_id"
        " WHERE t.card_id = g.id AND i.action = 'gift_card.imported') ELSE 0 END",
    ),
    Check(
        "I30 a reason for each transfer",
        "this transfer has no audit entry",
        "SELECT t.id FROM transfer t LEFT JOIN audit_entry e ON e.id = t.audit_id"
        " WHERE e.id IS NULL",
    ),
)

_OTHERS = (*FUNDING_CHECKS, *ORDER_CHECKS, *LOG_CHECKS, *CARD_CHECKS, *LIMIT_CHECKS)
CHECKS = (*LEDGER_CHECKS, *(Check(*entry) for entry in _OTHERS))


@cache
def queries(*, is_postgres: bool) -> list[str]:
    """The query of each check, with every DAY in the words of the engine."""
    day = re.compile(DAY.format(r"([^>]+)"))
    return [day.sub(_DAY[is_postgres], check.sql) for check in CHECKS]
