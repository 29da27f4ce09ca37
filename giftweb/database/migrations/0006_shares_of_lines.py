"""Each line of an order keeps its part of the discount and of the tax.

Before, the parts were computed when they were needed, from the order's amounts: the same arithmetic
fills them in. What was added later had neither.
"""

from itertools import groupby

from peewee import SqliteDatabase

BOUNDS = "BETWEEN 0 AND 1000000000000"
CHECKS = (
    ("order_item_discount_minor_bounds", f"discount_minor {BOUNDS}"),
    ("order_item_tax_minor_bounds", f"tax_minor {BOUNDS}"),
    ("order_item_discount_within_price", "discount_minor <= unit_minor * quantity"),
)


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        _change_sqlite(db)
    else:
        _change_postgres(db)
    lines = (
        "SELECT i.order_id, i.id, i.unit_minor * i.quantity, i.kind, o.discount_minor, o.tax_minor"
        " FROM order_item i JOIN orders o ON o.id = i.order_id WHERE i.part = 0"
        " AND (o.discount_minor > 0 OR o.tax_minor > 0) ORDER BY i.order_id, i.position"
    )
    mark = "?" if isinstance(db, SqliteDatabase) else "%s"
    for _, found in groupby(db.execute_sql(lines).fetchall(), key=lambda row: row[0]):
        rows = list(found)
        prices = [(price, kind == "gift_card") for _, _, price, kind, _, _ in rows]
        shares = _shares(prices, rows[0][4], rows[0][5])
        for row, share in zip(rows, shares, strict=True):
            db.execute_sql(
                f"UPDATE order_item SET discount_minor = {mark}, tax_minor = {mark}"
                f" WHERE id = {mark}",
                (*share, row[1]),
            )


def _change_postgres(db):
    db.execute_sql("ALTER TABLE order_item ADD discount_minor BIGINT")
    db.execute_sql("ALTER TABLE order_item ADD tax_minor BIGINT")
    db.execute_sql("UPDATE order_item SET discount_minor = 0, tax_minor = 0")
    db.execute_sql("ALTER TABLE order_item ALTER discount_minor SET NOT NULL")
    db.execute_sql("ALTER TABLE order_item ALTER tax_minor SET NOT NULL")
    for name, condition in CHECKS:
        db.execute_sql(f"ALTER TABLE order_item ADD CONSTRAINT {name} CHECK ({condition})")


def _change_sqlite(db):
    """A NOT NULL column without a default cannot be added there: the table is made again."""
    query = "SELECT sql FROM sqlite_master WHERE type = ? AND tbl_name = ? AND sql IS NOT NULL"
    ((sql,),) = db.execute_sql(query, ("table", "order_item"))
    indexes = [index for (index,) in db.execute_sql(query, ("index", "order_item"))]
    kept = ", ".join(row[1] for row in db.execute_sql("PRAGMA table_info(order_item)"))
    added = '"discount_minor" INTEGER NOT NULL, "tax_minor" INTEGER NOT NULL, '
    # Columns come before the table's constraints.
    first = min(at for mark in ("FOREIGN KEY", "CONSTRAINT") if (at := sql.find(mark)) > 0)
    checks = "".join(f", CONSTRAINT {name} CHECK ({condition})" for name, condition in CHECKS)
    sql = (sql[:first] + added + sql[first:]).replace(") STRICT", checks + ") STRICT")
    db.execute_sql(sql.replace('CREATE TABLE "order_item"', 'CREATE TABLE "order_item_new"', 1))
    db.execute_sql(
        f"INSERT INTO order_item_new ({kept}, discount_minor, tax_minor)"
        f" SELECT {kept}, 0, 0 FROM order_item"
    )
    db.execute_sql("DROP TABLE order_item")
    db.execute_sql("ALTER TABLE order_item_new RENAME TO order_item")
    for index in indexes:
        db.execute_sql(index)


def _shares(prices, discount, tax):
    """(discount, tax) of each line: a discount lowers goods first, and tax belongs to the goods."""
    goods = [0 if is_card else price for price, is_card in prices]
    cards = [price if is_card else 0 for price, is_card in prices]
    off_goods = _split(min(discount, sum(goods)), goods)
    off_cards = _split(discount - sum(off_goods), cards)
    goods_left = [price - off for price, off in zip(goods, off_goods, strict=True)]
    cards_left = [price - off for price, off in zip(cards, off_cards, strict=True)]
    taxed = next((each for each in (goods_left, goods, cards_left, cards) if any(each)), None)
    taxes = _split(tax, taxed or [1] * len(prices))
    return [
        (goods_part + cards_part, part)
        for goods_part, cards_part, part in zip(off_goods, off_cards, taxes, strict=True)
    ]


def _split(minor, weights):
    """In proportion, to the cent: the largest remainders get one more, of equal ones the first."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [minor * weight // whole for weight in weights]
    remainders = sorted(range(len(weights)), key=lambda at: -(minor * weights[at] % whole))
    for at in remainders[: minor - sum(parts)]:
        parts[at] += 1
    return parts
