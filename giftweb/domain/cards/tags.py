"""Words that a shop puts on its cards to find them again."""

from collections.abc import Iterable

from peewee import Expression, Value, fn

from giftweb.database import to_json
from giftweb.errors import Invalid
from giftweb.language import gettext
from giftweb.models import GiftCard

MOST = 20
LONGEST = 40


def read(words: Iterable[str]) -> list[str] | None:
    """The tags of a card: each once, by the alphabet; None for none.

    Raises: Invalid (tags).
    """
    found = sorted({word.strip() for word in words} - {""})
    if len(found) > MOST:
        raise Invalid(gettext("A card has at most {most} tags.", most=MOST), field="tags")
    if any(len(word) > LONGEST or not word.isprintable() for word in found):
        raise Invalid(
            gettext("A tag has 1 to {longest} characters.", longest=LONGEST), field="tags"
        )
    return found or None


def has(word: str) -> Expression:
    """Whether a card has this tag."""
    document = to_json([word.strip()])[1:-1]
    # Neither engine has a name of its own for "contains" that the other one knows.
    is_in_it = fn.REPLACE(GiftCard.tags, Value(document, converter=str), "") != GiftCard.tags
    return GiftCard.tags.is_null(False) & is_in_it
