"""The log against the rows, and rows that are gone: (name, text, sql) each.

The log is sealed, and a checkpoint knows its entries: what it records cannot be removed unseen.
"""

from giftweb.tables.orders import WAITS_FOR_REVIEW

_REFERENCES = (
    ("transfer", "card_id", "account"),
    ("gift_card", "id", "account"),
    ("gift_card", "campaign_id", "campaign"),
    ("gift_card", "replaces_id", "gift_card"),
    ("gift_card", "merged_into_id", "gift_card"),
    ("gift_card", "order_item_id", "order_item"),
    ("hold", "card_id", "account"),
    ("hold", "checkout_id", "checkout"),
    ("orders", "checkout_id", "checkout"),
    ("orders", "customer_id", "customer"),
    ("orders", "campaign_id", "campaign"),
    ("order_item", "order_id", "orders"),
    ("order_item", "recharges_id", "gift_card"),
    ("order_item", "transfer_id", "transfer"),
    ("payment", "order_id", "orders"),
    ("refund", "order_id", "orders"),
    ("refund", "payment_id", "payment"),
    ("chargeback", "payment_id", "payment"),
    ("shortfall", "card_id", "gift_card"),
    ("order_issue", "card_id", "gift_card"),
)
"""(table, column, parent): with the guards off, the parent may have been taken away."""

_SUBJECTS = (
    ("order.placed", "orders"),
    ("refund.succeeded", "refund"),
    ("refund.failed", "refund"),
    ("approval.asked", "approval"),
    ("order.line_taken_off", "order_item"),
    ("payment.refunded", "payment"),
    ("payment.charged_back", "payment"),
    ("gift_card.holder_corrected", "gift_card"),
    ("staff.created", "staff"),
    ("campaign.created", "campaign"),
    ("api_key.created", "api_key"),
    ("webhook.created", "webhook_endpoint"),
    ("product.created", "product"),
    ("books.exported", "book_export"),
    ("counter.entered", "counter_entry"),
    ("gift_card.import_started", "card_import"),
)
"""(action, table): an entry with this action is about a row of this table."""

_NAMED = (
    ("books.month_closed", "closed_month", "month"),
    ("limit.set", "setting", "name"),
    ("retention.set", "setting", "name"),
)
"""The same of rows that have another key than an id: (action, table, column)."""


def _parentless(table: str, column: str, parent: str) -> str:
    key = "card_id" if table == "order_issue" else "id"
    return (
        f"SELECT c.{key}, '{table}', c.{column} FROM {table} c LEFT JOIN {parent} p"
        f" ON p.id = c.{column} WHERE c.{column} IS NOT NULL AND p.id IS NULL"
    )


def _gone(action: str, table: str, key: str = "id") -> str:
    return (
        f"SELECT e.subject, e.action FROM audit_entry e LEFT JOIN {table} r ON r.{key} = e.subject"
        f" WHERE e.action = '{action}' AND NOT e.is_test AND r.{key} IS NULL"
    )


_LAST_STOP = (
    "SELECT subject, action FROM (SELECT subject, action, ROW_NUMBER() OVER (PARTITION BY subject"
    " ORDER BY number DESC) AS turn FROM audit_entry"
    " WHERE action IN ('gift_card.frozen', 'gift_card.unfrozen')) s WHERE turn = 1"
)
_LAST_ROLE = (
    "SELECT subject, data FROM (SELECT subject, data, ROW_NUMBER() OVER (PARTITION BY subject"
    " ORDER BY number DESC) AS turn FROM audit_entry"
    " WHERE action IN ('staff.created', 'staff.role_changed')) s WHERE turn = 1"
)

_LAST_FACTOR = (
    "SELECT subject, action FROM (SELECT subject, action, ROW_NUMBER() OVER (PARTITION BY subject"
    " ORDER BY number DESC) AS turn FROM audit_entry"
    " WHERE action IN ('staff.totp_set_up', 'staff.totp_removed', 'staff.totp_reset')) s"
    " WHERE turn = 1"
)

_CHARGES = (
    "SELECT p.id, p.charge, CASE WHEN p.state = 'cancelled' OR p.reference = '' OR"
    " p.gateway = 'offline' OR p.method IN"
    " ('bank_transfer', 'cash', 'offline', 'gift_card') THEN NULL ELSE o.campaign_id || ' ' ||"
    " CASE WHEN p.is_test THEN 'test' ELSE 'live' END || ' ' || p.gateway || ' ' || p.reference END"
    " AS name FROM payment p JOIN orders o ON o.id = p.order_id"
)
"""What a payment's charge is to be named (payments.charge_names)."""

LOG_CHECKS = (
    (
        "I6 whole references",
        "this row of {} refers to {}, which is gone",
        " UNION ALL ".join(_parentless(*reference) for reference in _REFERENCES),
    ),
    (
        "I6 what is logged is there",
        "the log says {} of it, and it is gone",
        " UNION ALL ".join(_gone(*subject) for subject in (*_SUBJECTS, *_NAMED)),
    ),
    (
        "B26 held for a review",
        "the log says {} of it, and its review is gone",
        "SELECT e.subject, e.action FROM audit_entry e LEFT JOIN card_review r"
        " ON r.card_id = e.subject WHERE e.action = 'gift_card.frozen' AND e.actor_kind = 'system'"
        f" AND e.reason = '{WAITS_FOR_REVIEW}' AND NOT e.is_test AND r.id IS NULL",
    ),
    (
        "B8 imported as somebody started it",
        "its state is {}, and the log does not say who started it",
        "SELECT i.id, i.state FROM card_import i LEFT JOIN audit_entry e ON e.subject = i.id"
        " AND e.action = 'gift_card.import_started'"
        " WHERE i.state IN ('waiting', 'writing', 'done') AND e.id IS NULL",
    ),
    (
        "I43 second factors are as logged",
        "the log says {}, and there is no authenticator",
        f"SELECT p.id, e.action FROM staff p JOIN ({_LAST_FACTOR}) e ON e.subject = p.id"
        " WHERE e.action = 'staff.totp_set_up' AND (p.totp_sealed IS NULL OR p.totp_step < 1)",
    ),
    (
        "I43 passkeys are as logged",
        "{} by the log, and {} here",
        "SELECT p.id, SUM(CASE WHEN e.action = 'staff.passkey_added' THEN 1 ELSE -1 END),"
        " (SELECT COUNT(*) FROM passkey k WHERE k.staff_id = p.id) FROM staff p"
        " JOIN audit_entry e ON e.subject = p.id"
        " AND e.action IN ('staff.passkey_added', 'staff.passkey_removed')"
        " AND e.number > COALESCE((SELECT MAX(r.number) FROM audit_entry r"
        " WHERE r.subject = p.id AND r.action = 'staff.totp_reset'), 0) GROUP BY p.id"
        " HAVING SUM(CASE WHEN e.action = 'staff.passkey_added' THEN 1 ELSE -1 END)"
        " > (SELECT COUNT(*) FROM passkey k WHERE k.staff_id = p.id)",
    ),
    (
        "I16 one payment a charge",
        "it counts as {}, and is {}",
        "SELECT c.id, COALESCE(c.charge, 'no charge'), COALESCE(c.name, 'none')"
        f" FROM ({_CHARGES}) c WHERE (c.charge IS NOT NULL AND c.charge <> COALESCE(c.name, ''))"
        " OR (c.charge IS NULL AND c.name IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM payment first WHERE first.charge = c.name))",
    ),
    (
        "I16 chargebacks",
        "charged back {} by its own count, {} by its chargebacks",
        "SELECT p.id, p.charged_back_minor, COALESCE(SUM(c.amount_minor), 0) FROM payment p"
        " LEFT JOIN chargeback c ON c.payment_id = p.id GROUP BY p.id, p.charged_back_minor"
        " HAVING p.charged_back_minor <> COALESCE(SUM(c.amount_minor), 0)",
    ),
    (
        "I18 orders are as logged",
        "status {}, and the log says {}",
        "SELECT o.id, o.status, e.action FROM orders o JOIN audit_entry e ON e.subject = o.id"
        " WHERE e.action IN ('order.shipping_denied', 'order.cancelled')"
        " AND e.action <> 'order.' || o.status UNION ALL"
        " SELECT o.id, o.status, 'nothing' FROM orders o LEFT JOIN audit_entry e"
        " ON e.subject = o.id AND e.action = 'order.' || o.status"
        " WHERE o.status IN ('shipping_denied', 'cancelled') AND e.id IS NULL",
    ),
    (
        "I22 frozen as logged",
        "its state is {}, and the log says {}",
        "SELECT g.id, g.state, COALESCE(e.action, 'nothing') FROM gift_card g"
        f" LEFT JOIN ({_LAST_STOP}) e ON e.subject = g.id"
        " WHERE (g.state = 'frozen' AND COALESCE(e.action, '') <> 'gift_card.frozen')"
        " OR (g.state = 'open' AND e.action = 'gift_card.frozen')",
    ),
    (
        "I30 an entry for each order",
        "order {}: the log does not say that it was placed",
        "SELECT o.id, o.number FROM orders o LEFT JOIN audit_entry e ON e.subject = o.id"
        " AND e.action = 'order.placed'"
        " AND e.data = '{\"number\":' || CAST(o.number AS TEXT) || '}' WHERE e.id IS NULL",
    ),
    (
        "I30 an entry for each refund",
        "refunded {} times, the log says {} times",
        "SELECT p.id, COALESCE(refunds, 0), COALESCE(entries, 0) FROM payment p"
        " LEFT JOIN (SELECT payment_id, COUNT(*) AS refunds FROM refund GROUP BY payment_id) r"
        " ON r.payment_id = p.id LEFT JOIN (SELECT subject, COUNT(*) AS entries FROM audit_entry"
        " WHERE action = 'payment.refunded' GROUP BY subject) e ON e.subject = p.id"
        " WHERE COALESCE(refunds, 0) <> COALESCE(entries, 0)",
    ),
    (
        "I30 an entry for each approval",
        "the log does not say that it was {}",
        "SELECT a.id, a.status FROM approval a LEFT JOIN audit_entry e ON e.subject = a.id"
        " AND e.action = CASE WHEN a.status = 'waiting' THEN 'approval.asked'"
        " ELSE 'approval.' || a.status END WHERE e.id IS NULL",
    ),
    (
        "I30 roles are as logged",
        "their role is {}, and the log says otherwise",
        f"SELECT p.id, p.role FROM staff p LEFT JOIN ({_LAST_ROLE}) e ON e.subject = p.id"
        " WHERE COALESCE(e.data, '') NOT LIKE '%\"role\":\"' || p.role || '\"%'",
    ),
)
