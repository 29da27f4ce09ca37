"""How a guard is written down, for each engine."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Guard:
    """Refuse ``event`` on ``table`` for rows where ``condition`` holds.

    PostgreSQL writes a condition down with each part of it in parentheses, and what is there is
    compared with what is written here. So ``any_of`` and ``all_of`` write the parentheses.
    """

    name: str
    table: str
    event: str
    condition: str


def any_of(*conditions: str) -> str:
    """Whether one of these conditions holds."""
    return _joined(" OR ", conditions)


def all_of(*conditions: str) -> str:
    """Whether all of these conditions hold."""
    return _joined(" AND ", conditions)


def _joined(word: str, conditions: Sequence[str]) -> str:
    if len(conditions) == 1:
        return conditions[0]
    return word.join(f"({condition})" for condition in conditions)


ALWAYS = "1 = 1"


def differs(*columns: str) -> str:
    """Whether an update changes one of these columns."""
    return any_of(*(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns))


def fixed(table: str, columns: Sequence[str]) -> Guard:
    """These columns of a row stay as they are."""
    return Guard(f"{table}_identity_is_fixed", table, "UPDATE", differs(*columns))


def kept(table: str, *, where: str = "NOT OLD.is_test") -> Guard:
    """No row goes for which the condition holds."""
    return Guard(f"{table}_is_kept", table, "DELETE", where)


def append_only(table: str) -> Guard:
    """Rows are added, and none is changed."""
    return Guard(f"{table}_is_append_only", table, "UPDATE", ALWAYS)


_ERASED = "[erased]"
"""What stands in a text in place of a person (``domain.audit.redactions``)."""


def erases_nobody(column: str) -> str:
    """Whether the new text of a column is one in which no person was erased."""
    text = f"COALESCE(NEW.{column}, '')"
    return f"{text} = replace({text}, '{_ERASED}', '')"


@dataclass(frozen=True)
class Question:
    """What a condition asks other rows: a query of $1, $2 and so on, for a whole number.

    A function on PostgreSQL, whose conditions of triggers know no subquery. ``<day of $1>`` is the
    date of an instant in UTC.
    """

    name: str
    parameters: str
    query: str

    @property
    def body(self) -> str:
        """What the function does."""
        day = r"to_char(to_timestamp(\1 / 1000000), 'YYYY-MM-DD')"
        return f" BEGIN RETURN ({_DAY.sub(day, self.query)}); END "

    @property
    def creation(self) -> str:
        """The statement that creates the function, or replaces it."""
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}({self.parameters}) RETURNS bigint"
            f" LANGUAGE plpgsql STABLE AS $${self.body}$$"
        )

    def within(self, condition: str) -> str:
        """The condition with the query in place of the call, as SQLite has it."""
        return re.sub(rf"{self.name}\(([^)]*)\)", self._filled_query, condition)

    def _filled_query(self, call: re.Match[str]) -> str:
        query = _DAY.sub(r"strftime('%Y-%m-%d', \1 / 1000000, 'unixepoch')", self.query)
        for number, argument in enumerate(call[1].split(", "), 1):
            query = query.replace(f"${number}", argument)
        return f"({query})"


_DAY = re.compile(r"<day of (\$\d)>")

QUESTIONS = (
    Question("giftweb_closed_until", "", "SELECT COALESCE(MAX(ends_at), 0) FROM closed_month"),
    Question(
        "giftweb_is_not_theirs",
        "text, text",
        "SELECT COUNT(*) FROM gift_card n JOIN transfer t ON t.card_id = n.id AND t.version = 1"
        " JOIN audit_entry e ON e.id = t.audit_id AND e.actor_kind = 'staff'"
        " LEFT JOIN staff s ON s.id = e.actor_id"
        " WHERE n.id = $1 AND ($2 IS NULL OR $2 IS DISTINCT FROM n.holder_email OR $2 = s.email)",
    ),
    Question(
        "giftweb_counted_of",
        "text, text, text, bigint",
        "SELECT (SELECT COALESCE(SUM(u.amount), 0) FROM daily_use u"
        " WHERE u.counter = 'staff ' || $1 || ' ' || $2 AND u.day = <day of $4>)"
        " + (SELECT COALESCE(SUM(a.amount_minor), 0) FROM approval a WHERE a.asked_by_id = $1"
        " AND a.currency = $2 AND substr(a.verb, 1, 8) = 'counter_' AND (a.status = 'waiting'"
        " OR a.status = 'approved' AND a.decided_at >= $4 - $4 % 86400000000))"
        " - (SELECT COALESCE(SUM(c.amount_minor), 0) FROM counter_entry c"
        " WHERE c.campaign_id = $3 AND c.created_at >= $4 - $4 % 86400000000"
        " AND c.staff_id = $1 AND c.currency = $2 AND c.kind <> 'redeemed')",
    ),
    Question(
        "giftweb_requests_of",
        "text",
        "SELECT COUNT(*) FROM approval WHERE asked_by_id = $1 AND status = 'waiting'",
    ),
)


@cache
def on_sqlite(guard: Guard) -> str:
    """The statement that creates the guard there."""
    condition = guard.condition
    for question in QUESTIONS:
        condition = question.within(condition)
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} WHEN {condition}"
        f" BEGIN SELECT RAISE(ABORT, 'constraint failed: {guard.name}'); END"
    )


def replacing(creation: str) -> str:
    """The statement that also replaces what is there."""
    return creation.replace("CREATE", "CREATE OR REPLACE", 1)


@cache
def on_postgres(guard: Guard) -> str:
    """The statement that creates the guard there, as the database writes it down."""
    condition = guard.condition.replace("OLD.", "old.").replace("NEW.", "new.")
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}"
        f" FOR EACH ROW WHEN (({condition})) EXECUTE FUNCTION giftweb_refuse()"
    )
