"""``flask demo``: a shop with a past, created through the domain's own verbs, in the live books.

Sixty days pass by the moved clock, in one transaction: all of the demo is there, or none of it.
"""

from dataclasses import dataclass
from datetime import timedelta

from giftweb import clock, models
from giftweb.codes import grouped
from giftweb.database import transactional
from giftweb.demo.story import CHAPTERS, SHOWN
from giftweb.demo.world import SignIn, Story
from giftweb.errors import Refused

_EMPTY_AT_FIRST = (
    *(models.Staff, models.Campaign, models.Customer),
    *(models.GiftCard, models.Order, models.Checkout),
)


class DatabaseHasData(Refused):
    """This database holds data already. The demo goes into an empty one only."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What is printed for whoever tries it: the sign-ins, and codes with a word about each."""

    sign_ins: tuple[SignIn, ...]
    codes: tuple[tuple[str, str], ...]
    campaign_id: str


@transactional
def load() -> Demo:
    """Fill an empty database with the demo shop.

    Raises: DatabaseHasData.
    """
    if any(table.select().exists() for table in _EMPTY_AT_FIRST):
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
