"""Addresses that an older program kept as they were typed are kept in lower case, and found again.

The shop's own checkout kept `Ann@Example.com`, which is not `ann@example.com`: it made a second
customer, whom nobody found by the address. Here the address stays with the customer who has it in
lower case already, else with the one who registered first. The other keeps name, orders and id, and
the address with a number behind it, `ann@example.com (2)`: the desk finds both by the beginning,
and nobody signs in or is mailed twice. They are not merged, for their orders are sealed.
"""

import unicodedata

from peewee import SqliteDatabase

PEOPLE = ("customer", "staff")
TYPED = (("checkout", "customer_email"), ("mail", "to_email"))


def up(migrator, db):
    mark = "?" if isinstance(db, SqliteDatabase) else "%s"
    for table in PEOPLE:
        _fold_people(db, table, mark)
    for table, column in TYPED:
        for (typed,) in list(db.execute_sql(f"SELECT DISTINCT {column} FROM {table}")):
            if typed != _folded(typed):
                update = f"UPDATE {table} SET {column} = {mark} WHERE {column} = {mark}"
                db.execute_sql(update, (_folded(typed), typed))


def _fold_people(db, table, mark):
    rows = list(db.execute_sql(f"SELECT email, id FROM {table} ORDER BY created_at, id"))
    taken = {email for email, _ in rows if email == _folded(email)}
    for email, key in rows:
        if email == _folded(email):
            continue
        folded = _free(_folded(email), taken)
        taken.add(folded)
        update = f"UPDATE {table} SET email = {mark} WHERE id = {mark}"
        db.execute_sql(update, (folded, key))


def _free(email, taken):
    """The address, or with the first number behind it that nobody has."""
    found, number = email, 1
    while found in taken:
        number += 1
        found = f"{email} ({number})"
    return found


def _folded(text):
    """As ``domain.emails.folded`` did when this step was written."""
    lowered = unicodedata.normalize("NFKC", text).lower()
    return unicodedata.normalize("NFKC", lowered).strip()
