"""How long a gift card on paper takes to draw (B13): with a picture, the shop's logo and a message,
in letters that every PDF has, and in others, whose font is packed into it.
"""

import random
from io import BytesIO
from time import perf_counter

from PIL import Image

from bench.figures import Figure, interleave, single
from giftweb.web.present import paper, pictures

AT_MOST_MS = 150
MESSAGES = {
    "plain letters": "For the boat, and for all the summers that it has still to come. " * 3,
    "other letters": "Χρόνια πολλά! С днём рождения! Wszystkiego najlepszego! " * 3,
}


def run() -> list[Figure]:
    """Milliseconds for a sheet, on both papers by turns."""
    sheets = {name: _sheet(message) for name, message in MESSAGES.items()}
    for sheet in sheets.values():
        paper.draw(sheet)  # The first one of a process imports and reads fonts.
    found = interleave({name: lambda sheet=sheet: _ms(sheet) for name, sheet in sheets.items()})
    return [
        single(f"a gift card on paper, {name}", times, at_most=AT_MOST_MS, unit="ms")
        for name, times in found.items()
    ]


def _ms(sheet: paper.Sheet) -> float:
    started = perf_counter()
    for name in paper.PAPERS:
        paper.draw(sheet, paper=name)
    return 1000 * (perf_counter() - started) / len(paper.PAPERS)


def _sheet(message: str) -> paper.Sheet:
    picture = pictures.redraw(_noise(pictures.CARD.page), shape=pictures.CARD)
    logo = pictures.redraw_logo(_noise(pictures.LOGO.page))
    return paper.Sheet(
        shop="Sea & Sun",
        colour="#0f766e",
        amount="$1,250.00",
        code="7GK2M-4T9QX-1BC0Z",
        link="https://cards.shop.example/balance#gift-card=7GK2M4T9QX1BC0Z",
        spend_at="https://shop.example",
        recipient="Yuki",
        sender="Anna",
        message=message,
        until="31 Dec 2029",
        picture=pictures.to_jpeg(picture.webp),
        logo=pictures.to_jpeg(logo.webp),
    )


def _noise(size: tuple[int, int]) -> bytes:
    """A picture as hard to pack as a photo of leaves."""
    small = Image.frombytes("RGB", (80, 50), random.Random(1).randbytes(80 * 50 * 3))
    out = BytesIO()
    small.resize(size, Image.Resampling.BICUBIC).save(out, "PNG")
    return out.getvalue()
