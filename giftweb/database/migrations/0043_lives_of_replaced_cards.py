"""A card that was empty, or whose successor was withdrawn, counts once in the report on lives.

Where there is such a card the worker counts everything again.
"""

COUNTED = (
    *("daily_sum", "monthly_sum", "daily_age", "monthly_age", "daily_life", "monthly_life"),
    "daily_sum_end",
)
REPLACED_EMPTY = (
    "SELECT 1 FROM gift_card n JOIN account a ON a.id = n.replaces_id JOIN transfer t"
    " ON t.card_id = a.id AND t.version = a.version WHERE t.kind <> 'replace' LIMIT 1"
)
SUCCESSOR_WITHDRAWN = (
    "SELECT 1 FROM gift_card n JOIN transfer t ON t.card_id = n.id"
    " WHERE n.replaces_id IS NOT NULL AND t.kind IN ('cancel', 'claw_back') LIMIT 1"
)


def up(migrator, db):
    if any(db.execute_sql(each).fetchone() for each in (REPLACED_EMPTY, SUCCESSOR_WITHDRAWN)):
        for table in COUNTED:
            db.execute_sql(f"DELETE FROM {table}")
