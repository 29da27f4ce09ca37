"""How a file of cards is to be read, and what its cards are."""

from collections.abc import Mapping
from dataclasses import dataclass, field

AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What whoever imports says of a file.

    ``format``: which shop wrote it, by the words of ``import_formats.FORMATS``, or AUTO.
    ``mapping``: their heading -> our column; an empty one leaves the column out. ``source``: what
    all of its money comes from (D29); without one the file says, or it is imported money.
    ``campaign_id``: whose cards they become. ``accepts_guessable``: codes that guessing finds too
    soon are imported all the same.
    """

    format: str = AUTO
    mapping: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    campaign_id: str | None = None
    accepts_guessable: bool = False
