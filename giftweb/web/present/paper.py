"""A gift card on paper: a sheet that is folded once, its picture outside, code and words inside.

A4 or US letter.
"""

from dataclasses import dataclass
from io import BytesIO

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from giftweb.language import gettext
from giftweb.web.present import fonts, qr

PAPERS = {"a4": "A4", "letter": "Letter"}
_MARGIN = 15
_QR_SIZE = 42
_LOGO_HEIGHT = 8
_INK, _SOFT, _LINE = (21, 24, 28), (83, 91, 103), (160, 166, 176)
_SIZES = {"title": 20, "text": 11, "small": 9, "amount": 34, "code": 19}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is on the paper, in words. ``picture`` is a JPEG, 16 wide to 10 high; None: the shop's
    ``colour`` and a ribbon. ``logo``: the shop's, as a JPEG. ``link`` is what the QR code says.
    """

    shop: str
    colour: str
    amount: str
    code: str
    link: str
    spend_at: str = ""
    recipient: str = ""
    sender: str = ""
    message: str = ""
    until: str = ""
    picture: bytes | None = None
    logo: bytes | None = None
    is_test: bool = False


def draw(sheet: Sheet, *, paper: str = "a4") -> bytes:
    """The PDF, of one page."""
    pdf = FPDF(format=PAPERS[paper])
    pdf.core_fonts_encoding = "windows-1252"
    pdf.set_auto_page_break(False)
    pdf.set_margins(_MARGIN, _MARGIN)
    pdf.set_title(gettext("Gift card"))
    pdf.set_creator("giftweb")
    pdf.add_page()
    words = (sheet.shop, sheet.recipient, sheet.sender, sheet.message, sheet.amount, sheet.until)
    page = _Page(pdf, fonts.family(pdf, words))
    page.outside(sheet)
    page.fold()
    page.inside(sheet)
    if sheet.is_test:
        page.test_mark()
    return bytes(pdf.output())


class _Page:
    """The page while it is drawn."""

    def __init__(self, pdf: FPDF, family: str):
        self.pdf = pdf
        self.family = family
        self.half = pdf.h / 2
        self.width = pdf.w - 2 * _MARGIN

    def text(
        self, words: str, *, size: str, bold: bool = False, soft: bool = False, width: float = 0
    ) -> None:
        """Write lines below the last, at the left of the current column."""
        if not words:
            return
        pdf = self.pdf
        self.use(size, bold=bold)
        pdf.set_text_color(*(_SOFT if soft else _INK))
        height = _SIZES[size] * 0.47
        pdf.multi_cell(
            width,
            height,
            fonts.printable(words, self.family),
            align="L",
            new_x=XPos.LEFT,
            new_y=YPos.NEXT,
        )

    def use(self, size: str, *, bold: bool = False) -> None:
        """Write in this size from now on; the font with more letters has one weight."""
        self.pdf.set_font(
            self.family, "B" if bold and self.family == fonts.PLAIN else "", _SIZES[size]
        )

    def outside(self, sheet: Sheet) -> None:
        """The picture in the upper half, or the shop's colour with a ribbon."""
        pdf, height = self.pdf, min(self.width * 10 / 16, self.half - _MARGIN - 14)
        width = height * 16 / 10
        left = (pdf.w - width) / 2
        if sheet.picture:
            pdf.image(BytesIO(sheet.picture), left, _MARGIN, width, height)
        else:
            self._ribbon(sheet, left, width, height)
        below = _MARGIN + height + 3
        if sheet.logo:
            drawn = pdf.image(BytesIO(sheet.logo), left, below - 1, h=_LOGO_HEIGHT)
            left, width = left + drawn.rendered_width + 3, width - drawn.rendered_width - 3
        pdf.set_xy(left, below)
        self.text(sheet.shop, size="text", bold=True, soft=True, width=width)

    def _ribbon(self, sheet: Sheet, left: float, width: float, height: float) -> None:
        pdf, colour = self.pdf, _rgb(sheet.colour)
        pdf.set_fill_color(*colour)
        pdf.rect(left, _MARGIN, width, height, style="F", round_corners=True, corner_radius=5)
        pdf.set_fill_color(*(int(part * 0.72) for part in colour))
        across, down = _MARGIN + height * 0.34, left + width * 0.7
        pdf.rect(left, across, width, 7, style="F")
        pdf.rect(down, _MARGIN, 7, height, style="F")
        middle = (down + 3.5, across + 3.5)
        for side in (-1, 1):
            tip = middle[0] + side * 15
            pdf.polygon((middle, (tip, middle[1] - 8), (tip, middle[1] + 8)), style="F")
        pdf.set_xy(left + 10, _MARGIN + height - 24)
        self.use("amount", bold=True)
        pdf.set_text_color(255, 255, 255)
        pdf.cell(width - 20, 14, fonts.printable(sheet.amount, self.family))

    def fold(self) -> None:
        """Where the sheet is folded."""
        pdf = self.pdf
        pdf.set_draw_color(*_LINE)
        pdf.set_dash_pattern(dash=2, gap=2)
        pdf.line(0, self.half, pdf.w, self.half)
        pdf.set_dash_pattern()
        pdf.set_xy(_MARGIN, self.half - 4.5)
        self.text(gettext("Fold here"), size="small", soft=True, width=self.width)

    def inside(self, sheet: Sheet) -> None:
        """Words at the left, amount and code below, the QR code at the right."""
        pdf, top = self.pdf, self.half + 10
        column = self.width - _QR_SIZE - 10
        pdf.set_xy(_MARGIN, top)
        self.text(_headline(sheet), size="title", bold=True, width=column)
        pdf.set_y(pdf.get_y() + 1)
        pdf.set_x(_MARGIN)
        self.text(sheet.message, size=self._fitting(sheet.message), width=column)
        self._qr(sheet, top)
        self._money(sheet)

    @staticmethod
    def _fitting(message: str) -> str:
        lines = sum(1 + len(line) // 62 for line in message.splitlines())
        return "text" if lines <= 8 else "small"

    def _qr(self, sheet: Sheet, top: float) -> None:
        """The code's modules as rectangles: sharp at any size, and no picture to decode."""
        pdf, rows = self.pdf, qr.matrix(sheet.link)
        side, left = _QR_SIZE / len(rows), self.pdf.w - _MARGIN - _QR_SIZE
        pdf.set_fill_color(0, 0, 0)
        for y, row in enumerate(rows):
            x = 0
            while x < len(row):
                run = x
                while run < len(row) and row[run]:
                    run += 1
                if run > x:
                    pdf.rect(left + x * side, top + y * side, (run - x) * side, side, style="F")
                x = run + 1
        pdf.set_xy(left, top + _QR_SIZE + 2)
        self.text(gettext("Scan it to see what is left."), size="small", soft=True, width=_QR_SIZE)

    def _money(self, sheet: Sheet) -> None:
        pdf = self.pdf
        pdf.set_xy(_MARGIN, pdf.h - 78)
        self.text(sheet.amount, size="amount", bold=True, width=self.width)
        pdf.set_draw_color(*_LINE)
        top = pdf.get_y() + 2
        pdf.rect(_MARGIN, top, self.width, 15, round_corners=True, corner_radius=2)
        pdf.set_xy(_MARGIN, top)
        pdf.set_font("Courier", "B", _SIZES["code"])
        pdf.set_text_color(*_INK)
        pdf.cell(self.width, 15, sheet.code, align="C")
        pdf.set_xy(_MARGIN, top + 18)
        if sheet.spend_at:
            where = gettext(
                "Spend it at {shop}: {address}", shop=sheet.shop, address=sheet.spend_at
            )
            self.text(where, size="text", width=self.width)
        self.text(sheet.until, size="text", width=self.width)
        keep = gettext("Whoever has the code can spend the card, so keep it to yourself.")
        self.text(keep, size="small", soft=True, width=self.width)

    def test_mark(self) -> None:
        """That it is no money, across the sheet."""
        pdf = self.pdf
        pdf.set_font(fonts.PLAIN, "B", 90)
        pdf.set_text_color(190, 60, 40)
        with pdf.local_context(fill_opacity=0.35), pdf.rotation(30, pdf.w / 2, pdf.h / 2):
            pdf.set_xy(0, pdf.h / 2 - 20)
            pdf.cell(pdf.w, 40, "TEST", align="C")


def _headline(sheet: Sheet) -> str:
    if sheet.recipient and sheet.sender and sheet.recipient != sheet.sender:
        return gettext(
            "For {recipient}, from {sender}", recipient=sheet.recipient, sender=sheet.sender
        )
    if sheet.recipient:
        return gettext("A gift card for {recipient}", recipient=sheet.recipient)
    return gettext("A gift card for you")


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue
