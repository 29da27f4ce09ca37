"""Uploaded pictures, drawn again: nothing of the file but what is seen is kept.

Its size is read before anything is unpacked, so a small file cannot become a large picture.
"""

import warnings
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError

from giftweb.domain.catalogue.designs import Redrawn
from giftweb.errors import Invalid
from giftweb.language import gettext

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_PIXELS = 40_000_000
"""A photo of a good camera; more is refused."""

LEAST_SIDE, LEAST_LOGO_SIDE = 200, 48
LOGO_LIMIT, LOGO_MAIL_LIMIT = 60_000, 20_000
WEBP_LIMIT, MAIL_LIMIT = 400_000, 70_000


class Shape(NamedTuple):
    """The size on pages, and in mails."""

    page: tuple[int, int]
    mail: tuple[int, int]


CARD = Shape((1280, 800), (640, 400))
GOODS = Shape((960, 960), (480, 480))
LOGO = Shape((480, 160), (360, 120))
"""A logo is not cut: it is at most so large."""


def redraw(content: bytes, *, shape: Shape) -> Redrawn:
    """The picture in this shape, cut to its middle.

    Raises: Invalid (picture).
    """
    picture = _read(content)
    page = ImageOps.fit(picture, shape.page, Image.Resampling.LANCZOS)
    mail = page.resize(shape.mail, Image.Resampling.LANCZOS)
    return Redrawn(
        webp=_within(page, WEBP_LIMIT, "WEBP", method=4),
        fallback=_within(mail, MAIL_LIMIT, "JPEG", optimize=True),
        width=shape.page[0],
        height=shape.page[1],
    )


def redraw_logo(content: bytes) -> Redrawn:
    """The whole picture, small enough to stand beside a name.

    Raises: Invalid (logo).
    """
    try:
        picture = _read(content, least=LEAST_LOGO_SIDE)
        page, mail = (ImageOps.contain(picture, size) for size in LOGO)
        return Redrawn(
            webp=_within(page, LOGO_LIMIT, "WEBP", method=4),
            fallback=_within(mail, LOGO_MAIL_LIMIT, "JPEG", optimize=True),
            width=page.width,
            height=page.height,
        )
    except Invalid as fault:
        raise Invalid(fault.sentence, field="logo") from fault


def to_jpeg(content: bytes) -> bytes:
    """A WebP of ours as a JPEG, for paper."""
    out = BytesIO()
    Image.open(BytesIO(content), formats=("WEBP",)).convert("RGB").save(out, "JPEG", quality=88)
    return out.getvalue()


def _read(content: bytes, *, least: int = LEAST_SIDE) -> Image.Image:
    unreadable = Invalid(gettext("Choose a JPEG, PNG, WebP or GIF picture."), field="picture")
    try:
        with warnings.catch_warnings():
            # Its own bound is below ours, and only warns.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(content), formats=FORMATS)
        _require_size(*picture.size, least=least)
        picture.draft("RGB", (2560, 2560))
        return _on_white(ImageOps.exif_transpose(picture))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as problem:
        raise unreadable from problem
    except Image.DecompressionBombError as problem:
        raise _too_large() from problem


def _require_size(width: int, height: int, *, least: int) -> None:
    if width * height > MOST_PIXELS:
        raise _too_large()
    if min(width, height) < least:
        sentence = gettext("Choose a picture of at least {count} pixels a side.", count=least)
        raise Invalid(sentence, field="picture")


def _too_large() -> Invalid:
    return Invalid(
        gettext("This picture has too many pixels: 40 million at most."), field="picture"
    )


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency, which a mail and paper do not have."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        white = Image.new("RGB", layer.size, (255, 255, 255))
        white.paste(layer, mask=layer.getchannel("A"))
        return white
    return picture.convert("RGB")


def _within(picture: Image.Image, limit: int, kind: str, **options: bool | int) -> bytes:
    """The picture in at most so many bytes, as good as they allow."""
    for quality in (82, 70, 55, 40, 25, 10):
        out = BytesIO()
        picture.save(out, kind, quality=quality, **options)
        if out.tell() <= limit:
            return out.getvalue()
    raise Invalid(gettext("This picture has too much detail. Choose another one."), field="picture")
