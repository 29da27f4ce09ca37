"""A shop's statement of settlement on paper: A4 or US letter, as many pages as it takes."""

from collections.abc import Sequence
from dataclasses import dataclass

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from giftweb.language import gettext
from giftweb.web.present import fonts
from giftweb.web.present.paper import PAPERS

_MARGIN = 18
_INK, _SOFT = (21, 24, 28), (83, 91, 103)
_HEAD, _TEXT, _SMALL = 18, 10, 9


@dataclass(frozen=True, slots=True)
class Table:
    """A heading and a table below it, in words; its last row is the sum."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """What is on the paper, in words. ``results``: what it comes to."""

    title: str
    lines: Sequence[str]
    results: Sequence[str]
    tables: Sequence[Table]
    foot: str


def draw(document: Document, *, paper: str = "a4") -> bytes:
    """The PDF."""
    pdf = _Paper(document, paper)
    pdf.add_page()
    pdf.write_line(document.title, size=_HEAD, bold=True)
    for line in document.lines:
        pdf.write_line(line, size=_TEXT, soft=True)
    pdf.ln(3)
    for line in document.results:
        pdf.write_line(line, size=_TEXT + 1, bold=True)
    for table in document.tables:
        pdf.write_table(table)
    return bytes(pdf.output())


class _Paper(FPDF):
    """The pages while they are drawn."""

    def __init__(self, document: Document, paper: str):
        super().__init__(format=PAPERS[paper])
        self.core_fonts_encoding = "windows-1252"
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(True, _MARGIN + 6)
        self.set_title(document.title)
        self.set_creator("giftweb")
        self.document = document
        words = [*document.lines, *document.results, document.title]
        words += [cell for table in document.tables for cell in (table.title, *_cells(table))]
        self.family = fonts.family(self, words)

    def footer(self) -> None:
        """What it is of, and which page."""
        self.set_y(-_MARGIN)
        self.use(_SMALL, soft=True)
        page = gettext("Page {number}", number=self.page_no())
        self.cell(0, 5, self.letters(f"{self.document.foot} · {page}"))

    def use(self, size: int, *, bold: bool = False, soft: bool = False) -> None:
        """Write in this size from now on."""
        self.set_font(self.family, "B" if bold and self.family == fonts.PLAIN else "", size)
        self.set_text_color(*(_SOFT if soft else _INK))

    def letters(self, words: str) -> str:
        """The words in the letters that the font has."""
        return fonts.printable(words, self.family)

    def write_line(self, words: str, *, size: int, bold: bool = False, soft: bool = False) -> None:
        """Write lines below the last."""
        self.use(size, bold=bold, soft=soft)
        self.multi_cell(
            0, size * 0.5, self.letters(words), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def write_table(self, table: Table) -> None:
        """Write a table below; its heads come again on the next page."""
        self.ln(6)
        if self.will_page_break(30):
            self.add_page()
        self.write_line(table.title, size=_TEXT + 2, bold=True)
        self.ln(1)
        self.use(_TEXT)
        is_bold = "BOLD" if self.family == fonts.PLAIN else None
        strong = FontFace(emphasis=is_bold)
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=strong,
            line_height=6,
            text_align=[Align.L, *[Align.R] * (len(table.heads) - 1)],
        ) as drawn:
            for cells in (table.heads, *table.rows):
                drawn.row([self.letters(cell) for cell in cells])
            if table.total:
                drawn.row([self.letters(cell) for cell in table.total], style=strong)


def _cells(table: Table) -> list[str]:
    return [cell for row in (table.heads, *table.rows, table.total) for cell in row]
