"""Letters on paper: the built-in fonts write the Western European languages; a text with other
letters is written in a font of the machine where there is one (``FONTS``)."""

from collections.abc import Iterable
from pathlib import Path

from fpdf import FPDF

FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
)
"""Where machines keep a font with more letters than Western Europe's."""

PLAIN, WIDE = "Helvetica", "wide"


def family(pdf: FPDF, words: Iterable[str]) -> str:
    """The font that has the letters of these words; PLAIN has a bold weight, WIDE has none."""
    try:
        "".join(words).encode("windows-1252")
    except UnicodeEncodeError:
        found = next((path for path in FONTS if Path(path).is_file()), None)
        if found is not None:
            pdf.add_font(WIDE, "", found)
            return WIDE
    return PLAIN


def printable(words: str, family: str) -> str:
    """The words in the letters that the font has."""
    if family == WIDE:
        return words
    return words.encode("windows-1252", "replace").decode("windows-1252")
