"""What one person may do alone, as far as rows show it: (name, text, sql) each."""

from giftweb.database.guards import MOST_WAITING

_GIVEN = (
    "SELECT staff_id, currency, <day of created_at> AS day, SUM(amount_minor) AS total"
    " FROM counter_entry WHERE kind <> 'redeemed' GROUP BY 1, 2, 3"
)
_APPROVED = (
    "SELECT asked_by_id, currency, <day of decided_at> AS day, SUM(amount_minor) AS total"
    " FROM approval WHERE status = 'approved' AND substr(verb, 1, 8) = 'counter_' GROUP BY 1, 2, 3"
)

LIMIT_CHECKS = (
    (
        "B25 merged for one holder",
        "a member of staff put together what {} people held",
        "SELECT n.id, COUNT(DISTINCT o.holder_email) FROM gift_card n"
        " JOIN transfer t ON t.card_id = n.id AND t.version = 1"
        " JOIN audit_entry e ON e.id = t.audit_id AND e.actor_kind = 'staff'"
        " JOIN gift_card o ON o.merged_into_id = n.id"
        " GROUP BY n.id HAVING COUNT(DISTINCT o.holder_email) > 1",
    ),
    (
        "B21 given and counted",
        "gave {} at the counter on {}, and {} was counted or approved",
        "SELECT g.staff_id, g.total, g.day, COALESCE(u.amount, 0) + COALESCE(a.total, 0)"
        f" FROM ({_GIVEN}) g LEFT JOIN ({_APPROVED}) a ON a.asked_by_id = g.staff_id"
        " AND a.currency = g.currency AND a.day = g.day LEFT JOIN daily_use u ON u.day = g.day"
        " AND u.counter = 'staff ' || g.staff_id || ' ' || g.currency"
        " WHERE g.day >= (SELECT MIN(day) FROM daily_use)"
        " AND g.total > COALESCE(u.amount, 0) + COALESCE(a.total, 0)",
    ),
    (
        "B15 few requests wait",
        "{} of this person's requests wait for another one",
        "SELECT asked_by_id, COUNT(*) FROM approval WHERE status = 'waiting'"
        f" GROUP BY asked_by_id HAVING COUNT(*) > {MOST_WAITING}",
    ),
)
