"""What time does by itself, for the worker to write down: lapses, old links and keys."""

import json
from datetime import datetime, timedelta

from giftweb import clock, database
from giftweb.database import transactional
from giftweb.domain import cards

LINKS_KEPT = timedelta(days=1)
"""How long a sign-in link that is over stays in the table."""

KEYS_KEPT = timedelta(days=30)
"""How long the key of a request that moved no money is remembered. Others are kept for ever."""

_SEEN = "worker_seen"


def cards_with_lapsed_holds(*, limit: int = 100) -> list[str]:
    """Cards with a hold whose time is over and whose lapse has not been written."""
    found = database.rows(
        "SELECT DISTINCT card_id FROM hold WHERE resolved_at IS NULL AND expires_at <= ? LIMIT ?",
        clock.micros(),
        limit,
    )
    return [card_id for (card_id,) in found]


@transactional
def lapse_holds(card_id: str) -> None:
    """Write the lapse of a card's holds whose time is over: its lock does."""
    cards.locking.lock_one(card_id)


@transactional
def prune() -> int:
    """Drop sign-in links that are over and keys of old requests that moved no money; how many."""
    links = database.execute(
        "DELETE FROM sign_in_link WHERE expires_at < ?", clock.to_micros(clock.now() - LINKS_KEPT)
    )
    keys = database.execute(
        "DELETE FROM idempotency_key WHERE NOT moves_money AND created_at < ?",
        clock.to_micros(clock.now() - KEYS_KEPT),
    )
    return links + keys


@transactional
def note_worker() -> None:
    """Write that a worker is alive now."""
    database.execute(
        "INSERT INTO setting (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        _SEEN,
        database.to_json(clock.micros()),
    )


def worker_seen_at() -> datetime | None:
    """When a worker last said that it is alive; None when there never was one."""
    found = database.scalar("SELECT value FROM setting WHERE name = ?", _SEEN)
    return None if found is None else clock.from_micros(json.loads(found))
