"""Each amount on a card, and each transfer, says where its money once came from.

It follows from the transfers that are there: the oldest money was spent first, and a refund put
back what its capture had taken. Transfers keep their seals, which do not cover the new columns. A
card may also have the origin of one that a refund made; those that there are stay what they were.
"""

from peewee import SqliteDatabase

SOURCES = ("sales", "goodwill", "promotions", "imports", "adjustments")
COLUMNS = tuple(f"{source}_minor" for source in SOURCES)
NAMES = ", ".join(COLUMNS)
ADDED_UP, NONE_BELOW_ZERO = " + ".join(COLUMNS), " AND ".join(f"{name} >= 0" for name in COLUMNS)
FROM_ITS_SOURCE = " AND ".join(
    f"(from_account <> '{source}' OR {source}_minor = amount_minor)" for source in SOURCES
)
CHECKS = {
    "account": {
        "account_funding_is_whole": f"{ADDED_UP} = balance_minor AND {NONE_BELOW_ZERO}",
    },
    "transfer": {
        "transfer_parts_are_whole": f"{ADDED_UP} = amount_minor AND {NONE_BELOW_ZERO}",
        "transfer_brings_money_of_its_source": FROM_ITS_SOURCE,
    },
}
KNOWN, KNOWN_WAS = "gift_card_origin_known", "origin = 'replacement'"
KNOWN_IS = f"{KNOWN_WAS} OR origin = 'refund'"
OTHER_ORIGINS = ("staff", "order", "campaign", "purchase", "import", "api")
PORTION = 500


def up(migrator, db):
    mark = "?" if isinstance(db, SqliteDatabase) else "%s"
    big = "INTEGER" if isinstance(db, SqliteDatabase) else "BIGINT"
    columns = ", ".join(f"{name} {big} NOT NULL" for name in COLUMNS)
    for table in CHECKS:
        db.execute_sql(f"CREATE TEMPORARY TABLE {table}_parts (id TEXT PRIMARY KEY, {columns})")
    replaces = "SELECT id, replaces_id FROM gift_card WHERE replaces_id IS NOT NULL"
    history = History(dict(db.execute_sql(replaces)))
    for rows in _portions(db, mark):
        _store(db, "transfer_parts", [(row[1], *history.follow(*row[1:])) for row in rows], mark)
    left = [(card_id, *parts) for card_id, parts in history.left.items()]
    for start in range(0, len(left), PORTION):
        _store(db, "account_parts", left[start : start + PORTION], mark)
    if isinstance(db, SqliteDatabase):
        _change_sqlite(db)
    else:
        _change_postgres(db)
    for table in CHECKS:
        db.execute_sql(f"DROP TABLE {table}_parts")


def _portions(db, mark):
    last = 0
    while rows := list(
        db.execute_sql(
            "SELECT number, id, kind, card_id, from_account, to_account, amount_minor, parent_id"
            f" FROM transfer WHERE number > {mark} ORDER BY number LIMIT {PORTION}",
            (last,),
        )
    ):
        yield rows
        last = rows[-1][0]


def _store(db, table, rows, mark):
    one = f"({', '.join([mark] * (1 + len(SOURCES)))})"
    flat = [value for row in rows for value in row]
    db.execute_sql(f"INSERT INTO {table} VALUES {', '.join([one] * len(rows))}", flat)


def _change_postgres(db):
    for table, checks in CHECKS.items():
        db.execute_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for name in COLUMNS:
            db.execute_sql(f"ALTER TABLE {table} ADD {name} BIGINT NOT NULL DEFAULT 0")
        settings = ", ".join(f"{name} = p.{name}" for name in COLUMNS)
        db.execute_sql(
            f"UPDATE {table} SET {settings} FROM {table}_parts p WHERE p.id = {table}.id"
        )
        # Deferred checks of foreign keys would stand in the way of what follows.
        db.execute_sql("SET CONSTRAINTS ALL IMMEDIATE")
        for name, condition in checks.items():
            db.execute_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})")
        db.execute_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    others = " OR ".join(f"origin = '{word}'" for word in OTHER_ORIGINS)
    db.execute_sql(f"ALTER TABLE gift_card DROP CONSTRAINT IF EXISTS {KNOWN}")
    db.execute_sql(f"ALTER TABLE gift_card ADD CONSTRAINT {KNOWN} CHECK ({others} OR {KNOWN_IS})")


def _change_sqlite(db):
    """A constraint cannot be added there: the tables are made again, with their indexes."""
    for table, checks in CHECKS.items():
        columns = "".join(f'"{name}" INTEGER NOT NULL DEFAULT 0, ' for name in COLUMNS)
        ends = "".join(f", CONSTRAINT {name} CHECK ({rule})" for name, rule in checks.items())
        parts = "".join(f", COALESCE(p.{name}, 0)" for name in COLUMNS)
        source = f"{table} old LEFT JOIN {table}_parts p ON p.id = old.id"
        _rebuild(db, table, columns, f", {NAMES}", parts, source, (") STRICT", f"{ends}) STRICT"))
    _rebuild(db, "gift_card", "", "", "", "gift_card old", (KNOWN_WAS, KNOWN_IS))


def _rebuild(db, table, columns, names, content, source, change):
    query = "SELECT type, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL"
    parts = list(db.execute_sql(query, (table,)))
    (sql,) = [sql for kind, sql in parts if kind == "table"]
    head = f'CREATE TABLE "{table}"'
    if not sql.startswith(head) or change[0] not in sql:
        raise ValueError(f"{table} is not as it was: {sql}")
    kept = [row[1] for row in db.execute_sql(f"PRAGMA table_info({table})")]
    # Columns come before the table's constraints.
    first = min(at for mark in ("FOREIGN KEY", "CONSTRAINT") if (at := sql.find(mark)) > 0)
    sql = (sql[:first] + columns + sql[first:]).replace(*change)
    db.execute_sql(sql.replace(head, f'CREATE TABLE "{table}_new"', 1))
    db.execute_sql(
        f"INSERT INTO {table}_new ({', '.join(kept)}{names})"
        f" SELECT {', '.join(f'old.{name}' for name in kept)}{content} FROM {source}"
    )
    last = list(db.execute_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)))
    db.execute_sql(f"DROP TABLE {table}")
    db.execute_sql(f"ALTER TABLE {table}_new RENAME TO {table}")
    for (number,) in last:  # A number that was used once is never used again.
        db.execute_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        db.execute_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, number))
    for kind, sql in parts:
        if kind != "table":
            db.execute_sql(sql)


# The rule, as it was when this step was written


class History:
    """Follows transfers in the order of writing: ``left`` by card, its minor units by source."""

    def __init__(self, replaces):
        self.left, self.credits, self.captures, self.replaced = {}, {}, {}, {}
        self.replaces = replaces

    def follow(self, key, kind, card, source, target, amount, parent):
        """The parts of the next transfer, once it is counted."""
        before = self.left.get(card, (0,) * len(SOURCES))
        credits = self.credits.setdefault(card, {})
        if target == card:
            parts = self._arriving(key, kind, card, source, amount, parent)
            self.left[card] = tuple(map(int.__add__, before, parts))
            return parts
        parts = _taken(credits, before, amount, target)
        self.left[card] = tuple(map(int.__sub__, before, parts))
        if kind == "capture":
            self.captures[key] = [parts, credits if _is_mixed(parts) else {}, len(credits)]
        elif kind == "replace":
            self.replaced[card] = parts
        elif parent in credits:
            credits[parent] = credits[parent][0], credits[parent][1] - amount
        return parts

    def _arriving(self, key, kind, card, source, amount, parent):
        if source in SOURCES:
            self.credits[card][key] = source, amount
            return tuple(amount if each == source else 0 for each in SOURCES)
        if kind == "replace":
            # Written in one transaction: either of the two transfers may have the lower number.
            old = self.replaces[card]
            self.credits[card] = dict(self.credits[old])
            return self.replaced.get(old, self.left[old])
        out, credits, count = self.captures[parent]
        known = dict(list(credits.items())[:count])
        parts = _of_lots(reversed(_lots(known, out)), amount)
        self.captures[parent][0] = tuple(map(int.__sub__, out, parts))
        return parts


def _is_mixed(parts):
    return sum(1 for minor in parts if minor) > 1


def _taken(credits, parts, amount, target):
    """What goes back to a source is of that source first; the oldest money goes first."""
    found = sorted(_lots(credits, parts), key=lambda lot: lot[0] != target)
    return _of_lots(found, amount)


def _lots(credits, parts):
    """What is left of each credit, the oldest first: source and minor units."""
    left, found = dict(zip(SOURCES, parts, strict=True)), []
    for source, amount in reversed(credits.values()):
        if part := min(amount, left[source]):
            found.append((source, part))
            left[source] -= part
    found += [(source, minor) for source, minor in left.items() if minor]
    return found[::-1]


def _of_lots(lots, amount):
    """The parts of an amount that is taken of the first lots."""
    found = dict.fromkeys(SOURCES, 0)
    for source, left in lots:
        part = min(left, amount)
        found[source] += part
        amount -= part
    return tuple(found.values())
