"""Where money came from as queries: each finds the rows that break a rule of it (I35, D29)."""

from giftweb.models import FUNDED, FUNDING

_ADDED_UP = " + ".join(FUNDED)
_NEGATIVE = " OR ".join(f"{column} < 0" for column in FUNDED)
_OF_ANOTHER = " OR ".join(
    f"(from_account = '{source}' AND {source}_minor <> amount_minor)" for source in FUNDING
)
_MOVED = ", ".join(
    f"SUM(CASE WHEN to_account = card_id THEN {column} ELSE -{column} END) AS {column}"
    for column in FUNDED
)
_UNLIKE_MOVED = " OR ".join(f"a.{column} <> COALESCE(m.{column}, 0)" for column in FUNDED)
_RETURNED = " OR ".join(f"SUM(r.{column}) > MIN(c.{column})" for column in FUNDED)
_LEFT = ", ".join(f"SUM({column}) AS {column}" for column in FUNDED)
_UNLIKE = " OR ".join(f"i.{column} <> o.{column}" for column in FUNDED)

FUNDING_CHECKS = (
    (
        "I35 parts of transfers",
        "its parts, by where the money came from, are not its amount of {}",
        f"SELECT id, amount_minor FROM transfer WHERE {_ADDED_UP} <> amount_minor"
        f" OR {_NEGATIVE} OR {_OF_ANOTHER}",
    ),
    (
        "I35 parts of balances",
        "the parts of its balance of {} are not what its transfers leave of each source",
        f"SELECT a.id, a.balance_minor FROM account a LEFT JOIN (SELECT card_id, {_MOVED}"
        " FROM transfer GROUP BY card_id) m ON m.card_id = a.id"
        f" WHERE {_UNLIKE_MOVED}",
    ),
    (
        "I35 refunds of their source",
        "refunds put back money of another source than this capture took",
        "SELECT c.id FROM transfer c JOIN transfer r ON r.parent_id = c.id AND r.kind = 'refund'"
        f" GROUP BY c.id HAVING {_RETURNED}",
    ),
    (
        "I35 successors",
        "its money is not of the sources that the card {} had",
        f"SELECT i.card_id, o.card_id FROM transfer i JOIN (SELECT audit_id, {_LEFT},"
        " MIN(card_id) AS card_id FROM transfer"
        " WHERE kind = 'replace' AND to_account = 'replacements' GROUP BY audit_id) o"
        " ON o.audit_id = i.audit_id"
        f" WHERE i.kind = 'replace' AND i.from_account = 'replacements' AND ({_UNLIKE})",
    ),
)
