"""``flask demo``: a shop with a past, told through the domain's own verbs, in the live books.

Sixty days pass by the moved clock, in one transaction: all of the demo is there, or none of it.
"""

from dataclasses import dataclass
from datetime import timedelta

from giftweb import clock, database
from giftweb.codes import grouped
from giftweb.database import transactional
from giftweb.demo.story import CHAPTERS, SHOWN
from giftweb.demo.world import SignIn, Story
from giftweb.errors import Refused

_HELD = ("staff", "campaign", "customer", "gift_card", "orders", "checkout")


class DatabaseHasData(Refused):
    """This database holds data already. The demo goes into an empty one only."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What is told to whoever tries it: the sign-ins, and codes with a word about each."""

    sign_ins: tuple[SignIn, ...]
    codes: tuple[tuple[str, str], ...]
    campaign_id: str


@transactional
def load() -> Demo:
    """Fill an empty database with the demo shop.

    Raises: DatabaseHasData.
    """
    if any(database.scalar(f'SELECT 1 FROM "{table}" LIMIT 1') for table in _HELD):
        raise DatabaseHasData
    story = Story()
    for days_ago, chapter in CHAPTERS:
        with clock.moved(-timedelta(days=days_ago, minutes=days_ago % 7 * 13)):
            chapter(story)
    return Demo(
        sign_ins=tuple(story.sign_ins),
        codes=tuple((word, grouped(story.cards[name].code)) for word, name in SHOWN),
        campaign_id=story.shop.id,
    )
