"""What shops load into their own pages: the widget's script, its typings, and their hashes.

A released version of the script never changes, so a shop may name its hash (PCI DSS 6.4.3); the
address without a version moves on to the newest.
"""

import base64
import hashlib
import re
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"
VERSIONS = {
    int(found[1]): path
    for path in STATIC.glob("widget-*.js")
    if (found := re.fullmatch(r"widget-([1-9][0-9]*)\.js", path.name))
}
"""Every version of the script that shops may name."""

NEWEST = max(VERSIONS)
SCRIPT, TYPINGS = "/widget.js", "/widget.d.ts"
FILES = {
    SCRIPT: VERSIONS[NEWEST],
    TYPINGS: STATIC / "widget.d.ts",
    **{f"/widget-{number}.js": path for number, path in VERSIONS.items()},
}
"""By address."""

OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Any page may load it, also one that checks its hash or is isolated from other sites."""


def headers(address: str) -> dict[str, str]:
    """What is sent with one of FILES besides its type."""
    is_versioned = address not in (SCRIPT, TYPINGS)
    kept = "public, max-age=31536000, immutable" if is_versioned else "public, max-age=3600"
    return OPEN | {"Cache-Control": kept}


def integrity(number: int) -> str:
    """The hash of a version, as the attribute ``integrity`` of a script names it."""
    digest = hashlib.sha384(VERSIONS[number].read_bytes()).digest()
    return f"sha384-{base64.b64encode(digest).decode()}"


def versions(base_url: str) -> dict[str, object]:
    """What a shop that checks scripts reads: the address and hash of each version."""
    listed = [
        {"version": number, "src": f"{base_url}/widget-{number}.js", "integrity": integrity(number)}
        for number in sorted(VERSIONS, reverse=True)
    ]
    return {"newest": NEWEST, "versions": listed}
