"""The desk's lists are compressed: the same words stand in fifty rows.

A secret that is compressed together with what a stranger can put on the page could be guessed from
the length of the answer. Lists show no code; their one secret, the token of the forms, lies in a
block of its own, which shares no history with what stands before and after it.
"""

import re
import zlib

from flask import Flask, Response, request

LISTS = frozenset(
    {
        *("orders.index", "gift_cards.index", "customers.index", "awaited_payments.index"),
        *("finding.index", "audit.index", "outbox.index", "people.index", "products.index"),
    }
)
"""The endpoints whose pages are compressed. None of them shows a code."""

SMALLEST = 4096
"""Below so many bytes nothing is gained."""

_TOKEN = re.compile(rb'(?<=name="csrf_token" value=")[^"]+')
_GZIP = 16 + zlib.MAX_WBITS


def install(app: Flask) -> None:
    """Compress the lists for who can read it."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """The response; a list in gzip."""
    if request.endpoint not in LISTS or response.mimetype != "text/html":
        return response
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) >= SMALLEST and request.accept_encodings["gzip"]:
        response.headers["Content-Encoding"] = "gzip"
        response.set_data(compressed(body))
    return response


def compressed(page: bytes) -> bytes:
    """The page in gzip, with each token of its forms in a block of its own."""
    squeezer, found, at = zlib.compressobj(wbits=_GZIP), [], 0
    for token in _TOKEN.finditer(page):
        for part in (page[at : token.start()], token[0]):
            found += [squeezer.compress(part), squeezer.flush(zlib.Z_FULL_FLUSH)]
        at = token.end()
    return b"".join((*found, squeezer.compress(page[at:]), squeezer.flush()))
