"""Where anchors of the books go by HTTP: an address of the house's own choosing."""

import logging
import urllib.request
from urllib.error import URLError

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10


def post(url: str, anchor: str) -> None:
    """Post the anchor as a line of text. Without an answer the log says so; the next one comes in
    an hour.
    """
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    body = f"{anchor}\n".encode()
    # The address is a setting, by whoever runs the program.
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310
    try:
        urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS).close()  # noqa: S310
    except (URLError, OSError, ValueError) as problem:
        log.warning("anchors: %s was not reached: %s", url, problem)
