"""How easily the codes of an import are guessed: cards that there are to codes that there may be.

A place where all codes of a format agree adds nothing to what there may be: a serial number, a
prefix or a year is no secret. Source: X17.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from fractions import Fraction

from giftweb import codes
from giftweb.errors import Refused

WORST = Fraction(1, 10**9)
"""The most likely that a typed code may be a card's: at sixty tries a minute a hit in 30 years."""

_FEWEST_COMPARED = 10
"""Of so many codes what they agree on is no accident."""

_DIGITS, _LETTERS = 10, 26


class CodesGuessable(Refused):
    """Codes in the format {format} are too easy to guess: of a thousand million tries {hits} would
    find one of these cards. Leave their codes out, so that they get ours, or accept it."""

    code = "codes_guessable"


class Odds:
    """The codes of an import that are not ours, by format."""

    def __init__(self) -> None:
        self._cards: Counter[str] = Counter()
        self._places: dict[str, list[set[str]]] = defaultdict(list)

    def add(self, found: Iterable[str | None]) -> None:
        """Count codes as they are stored; None is a card that gets one of ours."""
        groups: dict[str, list[str]] = defaultdict(list)
        for code in found:
            if code is not None and not codes.is_ours(code):
                groups[codes.format_of(code)].append(code)
        for name, group in groups.items():
            self._cards[name] += len(group)
            places = self._places[name] = self._places[name] or [set() for _ in group[0]]
            for place, characters in zip(places, zip(*group, strict=True), strict=True):
                place.update(characters)

    def of(self, name: str) -> Fraction:
        """How likely it is that a typed code of this format is a card's."""
        possible = 1
        for place in self._places[name]:
            if len(place) > 1 or self._cards[name] < _FEWEST_COMPARED:
                possible *= _size_of(place)
        return Fraction(self._cards[name], possible)

    def require_hard(self) -> None:
        """Refuse codes that guessing finds too soon.

        Raises: CodesGuessable.
        """
        for name in self._cards:
            if (odds := self.of(name)) > WORST:
                raise CodesGuessable(format=name, hits=f"{min(round(odds / WORST), 10**9):,}")


def _size_of(place: set[str]) -> int:
    has_digits = any(character.isdigit() for character in place)
    has_letters = not all(character.isdigit() for character in place)
    return _DIGITS * has_digits + _LETTERS * has_letters
