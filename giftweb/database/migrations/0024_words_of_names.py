"""Names, addresses and references are found by the beginning of any of their first words."""

NAMES = (("gift_card", "holder_name"), ("orders", "customer_name"), ("customer", "name"))
WORDS = (
    ("gift_card", "holder_email", (("@", "at"), (".", "dot"))),
    ("orders", "customer_email", (("@", "at"), (".", "dot"))),
    ("orders", "reference", (("-", "dash"),)),
    ("customer", "email", (("@", "at"), (".", "dot"))),
)


def up(migrator, db):
    for table, column in NAMES:
        index = f"{table}_{column}".removesuffix("name") + "later_name"
        db.execute_sql(f"CREATE INDEX {index} ON {table} ({_rest(column, ' ')})")
    for table, column, marks in WORDS:
        for mark, word in marks:
            index = f"{table}_{column}_after_{word}"
            db.execute_sql(f"CREATE INDEX {index} ON {table} ({_rest(column, mark)})")


def _rest(column, mark):
    return f"lower(ltrim({column}, replace({column}, '{mark}', '')))"
