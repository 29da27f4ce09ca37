"""Codes that a camera or a hand scanner has read, and the photo of one (B21).

Pillow and zxing-cpp are read when a photo comes, and by nobody else.
"""

import io
import warnings
from urllib.parse import parse_qs, unquote

from giftweb.errors import Invalid
from giftweb.language import gettext

MAX_PHOTO_BYTES = 8 * 1024 * 1024
_MAX_PIXELS = 30_000_000
_LONGEST_SIDE = 1800
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")


def code_of(text: str) -> str:
    """The code in what was read: alone, or in the fragment of a link such as our cards have."""
    _, mark, fragment = text.strip().partition("#")
    if not mark:
        return text.strip()
    named = parse_qs(fragment)
    return next((values[0] for values in named.values()), unquote(fragment)).strip()


def code_in(photo: bytes) -> str:
    """The code in a photo's QR code or barcode. The photo is kept nowhere.

    Raises: Invalid (photo).
    """
    import zxingcpp

    for found in zxingcpp.read_barcodes(_grey(photo)):
        if found.text.strip():
            return code_of(found.text)
    sentence = gettext("No code can be read in this photo. Come closer, or type the code.")
    raise Invalid(sentence, field="photo")


def _grey(photo: bytes):
    """The photo without colours, small enough to be searched quickly.

    Raises: Invalid (photo).
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(photo), formats=_FORMATS)
            if picture.width * picture.height > _MAX_PIXELS:
                raise Invalid(gettext("This photo is too large."), field="photo")
            picture.draft("L", (_LONGEST_SIDE, _LONGEST_SIDE))
            grey = ImageOps.exif_transpose(picture).convert("L")
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, Warning) as problem:
        sentence = gettext("This is no photo that can be read. Take a JPEG or PNG.")
        raise Invalid(sentence, field="photo") from problem
    grey.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    return grey
