"""A word in time: a card that is about to expire with money on it (B18)."""

from datetime import date, timedelta

from giftweb import clock, database
from giftweb.database import transactional
from giftweb.domain import cards

AHEAD = timedelta(days=14)
"""How long before a card's last day its holder is reminded."""

SETTLED = timedelta(days=7)
"""A card younger than this needs no reminder: its first mail says when it expires."""

_KIND = "card_expiring"
_NOT_YET = f"NOT EXISTS (SELECT 1 FROM mail m WHERE m.card_id = g.id AND m.kind = '{_KIND}')"


def due(*, limit: int = 100) -> list[str]:
    """Cards that can still be spent, expire soon, and whose holder has not been told."""
    found = database.rows(
        "SELECT g.id FROM gift_card g JOIN account a ON a.id = g.id"
        " WHERE g.expires_on BETWEEN ? AND ? AND g.expires_on IS NOT NULL"
        # The first of the two is the index's own condition.
        " AND g.state IN ('open', 'frozen') AND g.state = 'open' AND g.holder_email IS NOT NULL"
        f" AND g.created_at < ? AND a.balance_minor > 0 AND {_NOT_YET}"
        " ORDER BY g.expires_on LIMIT ?",
        clock.today().isoformat(),
        _last_day().isoformat(),
        clock.to_micros(clock.now() - SETTLED),
        limit,
    )
    return [card_id for (card_id,) in found]


@transactional
def remind(card_id: str) -> None:
    """Mail the holder once. The card's lock keeps two workers from doing it twice."""
    card = cards.locking.lock_one(card_id).card
    is_told = database.row("SELECT 1 FROM mail WHERE card_id = ? AND kind = ?", card_id, _KIND)
    if card.is_usable and not is_told:
        cards.locking.mail_holder(_KIND, card)


def _last_day() -> date:
    return clock.today() + AHEAD
