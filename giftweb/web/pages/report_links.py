"""From a figure of a report to the transfers behind it."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from giftweb import days
from giftweb.domain import reports
from giftweb.domain.reports import Report
from giftweb.domain.reports.values import Row
from giftweb.web.pages import report_words
from giftweb.web.text import words

Query = dict[str, Any]

_MOVEMENT = {
    "bonuses": {"issued": "came", "orders": "redeemed", "sales": "redeemed", "brought": "redeemed"},
    "breakage": {"issued": "onto", "redeemed": "spent"},
    "campaigns": {
        "cards": "issued",
        "bonus": "sold",
        "given": "sold",
        "redeemed": "spent",
        "accepted": "spent",
    },
    "life": {"cards": "issued", "used": "redeemed"},
    "settlement": {"owed": "spent"},
}
"""Report -> column -> the movement that is behind it, where that has another name."""

_SOURCE = {"sold": "sales", "given": "goodwill", "bonus": "promotions"}
_WHOLE = ("amount", "opening", "closing", "left")
_NOTHING_BEHIND = {
    "liability": ("cards",),
    "ageing": ("cards",),
    "breakage": ("expected",),
    "life": ("days_to_end", "days_to_use"),
}


def behind(found: Report, row: Row, column: str) -> str:
    """The address of the transfers behind a figure of a row, or of the totals; empty where there
    are none."""
    if not row[column] or column in _NOTHING_BEHIND.get(found.name, ()):
        return ""
    if found.name == "journal":
        return _address({"transfer": row["transaction_id"]})
    query: Query = {
        "currency": row["currency"],
        "source": row.get("source"),
        "campaign": _campaign(row, "campaign_id") or found.wanted.campaign_id,
        "cohort": row.get("cohort"),
        **_days(found, row, column),
    }
    if column not in _WHOLE:
        query["movement"] = _MOVEMENT.get(found.name, {}).get(column, column)
    query |= _of_report(found, row, column)
    query["zone"] = found.wanted.campaign_id
    return _address(query)


def movement_label(movement: str) -> str:
    """What the transfers have done, in words."""
    label = report_words.BEHIND.get(movement) or report_words.HEADS.get(movement)
    return str(label or words.type_label(movement))


def _of_report(found: Report, row: Row, column: str) -> Query:
    """What is special about the figures of a report."""
    if found.name == "settlement":
        return _settled(found, row)
    if found.name == "ageing" and "age" in row:
        return {"movement": "came"}
    if found.name == "bonuses":
        return {"source": reports.bonuses.SOURCE}
    if found.name == "campaigns" and column == "accepted":
        acceptor = _campaign(row, "campaign_id") or found.wanted.campaign_id
        return {"campaign": None, "acceptor": acceptor or reports.transfers.ANY}
    if found.name == "campaigns":
        return {"source": _SOURCE.get(column)}
    return {}


def _settled(found: Report, row: Row) -> Query:
    """The two campaigns of a row; of the totals, all pairs of different ones."""
    if "issuer_campaign_id" in row:
        return {
            "campaign": _campaign(row, "issuer_campaign_id"),
            "acceptor": _campaign(row, "acceptor_campaign_id"),
        }
    settled = found.wanted.campaign_id or reports.transfers.ANY
    return {"campaign": None, "settled": settled}


def _days(found: Report, row: Row, column: str) -> dict[str, date | None]:
    wanted = found.wanted
    if found.name == "ageing" and "age" in row:
        first, last = reports.ageing.days_of(row["age"], wanted.as_of)
        return {"from": first, "until": last}
    if not found.is_of_period:
        return {"until": wanted.as_of}
    if column == "opening":
        return {"until": days.later(wanted.first_on, -1)}
    first_on = None if column in _WHOLE else wanted.first_on
    return {"from": first_on, "until": wanted.last_on}


def _campaign(row: Row, column: str) -> str | None:
    if column not in row:
        return None
    return row[column] or reports.transfers.HOUSE


def _address(query: Query) -> str:
    kept = {name: value for name, value in query.items() if value}
    return f"{url_for('reports.transfers')}?{urlencode(kept)}"
