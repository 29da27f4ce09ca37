"""What a spreadsheet has done to a column of codes that are numbers to it (E43).

It drops zeros in front, keeps fifteen digits of a number, and writes ``4.71E+15`` for a large one.
Each code looks right by itself; the column as a whole gives it away. A code that is written with a
dash or a blank is text to every spreadsheet, and no subject here.
"""

import re
from collections import Counter

from giftweb.domain.csv_sheets import BadCell
from giftweb.language import gettext, lazy_gettext

_CURE = lazy_gettext(
    "Import the file as the other shop wrote it, without opening it in a "
    "spreadsheet; or format the column as text before the codes are put "
    "into it."
)
_EXACT_DIGITS = 15
_SURE_ZEROS = 3
"""How many digits that are all 0 are no chance any more."""
_MOST_DROPPED = 4
_SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+[0-9]+")


def is_rounded(text: str) -> bool:
    """Whether a cell is a number that a spreadsheet has shortened, such as ``4.71E+15``."""
    return _SCIENTIFIC.fullmatch(text.strip()) is not None


def rounded() -> str:
    """Why such a cell is refused."""
    return gettext("a spreadsheet has rounded this code. {cure}", cure=_CURE)


class DigitColumn:
    """The codes of a column that are plain numbers, seen as a whole."""

    def __init__(self) -> None:
        self._lengths: Counter[int] = Counter()
        self._first_row: dict[int, int] = {}
        self._other = 0
        self._starts_with_zero = False
        self._inexact = 0
        self._are_zeros = True
        self._first_long_row = 0

    def add(self, text: str, row: int) -> None:
        """Take the code of a row in, as it stands in its cell."""
        digits = text.strip()
        if not (digits.isascii() and digits.isdigit()):
            self._other += 1
            return
        self._lengths[len(digits)] += 1
        self._first_row.setdefault(len(digits), row)
        self._starts_with_zero |= digits.startswith("0")
        tail = digits[_EXACT_DIGITS:]
        if tail:
            self._inexact += len(tail)
            self._are_zeros &= not tail.strip("0")
            self._first_long_row = self._first_long_row or row

    def faults(self) -> list[BadCell]:
        """What a spreadsheet has done to the column, when it shows; each in the first such row."""
        found = []
        if self._inexact >= _SURE_ZEROS and self._are_zeros:
            found.append(BadCell(self._first_long_row, "code", _all_rounded()))
        if short := self._shortened():
            row = min(self._first_row[length] for length in short)
            found.append(BadCell(row, "code", _zeros_dropped()))
        return found

    def _shortened(self) -> list[int]:
        """The lengths of codes that have lost zeros; none when that is not plain.

        Of random codes of one length a tenth begins with 0: so most have kept theirs, and most
        of the others lack one digit.
        """
        total = self._lengths.total()
        if self._starts_with_zero or total < 2 or total < self._other:
            return []
        longest = max(self._lengths)
        short = [length for length in self._lengths if length < longest]
        count = sum(self._lengths[length] for length in short)
        lack_few = longest - min(self._lengths) <= _MOST_DROPPED and longest - 1 in short
        return short if lack_few and count <= total - count else []


def _all_rounded() -> str:
    return gettext(
        "a spreadsheet has rounded the codes: all after the 15th digit is 0. {cure}", cure=_CURE
    )


def _zeros_dropped() -> str:
    return gettext(
        "the codes have several lengths, and none begins with 0: a spreadsheet has dropped the "
        "zeros in front. {cure} If they do have several lengths, write each with a dash.",
        cure=_CURE,
    )
