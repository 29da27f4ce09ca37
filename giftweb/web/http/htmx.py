"""One address, two answers: the page, or for htmx the fragment of it that changed."""

import json
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request


def is_fragment() -> bool:
    """Did htmx ask? By the header alone; a page fetched anew for the history is a page."""
    environ = request.environ
    return (
        environ.get("HTTP_HX_REQUEST") == "true"
        and environ.get("HTTP_HX_HISTORY_RESTORE_REQUEST") != "true"
    )


def render(page: str, fragment: str, /, *, status: int = 200, **values: Any) -> Response:
    """The page, or the fragment when htmx asks; both templates get the same values."""
    response = make_response(render_template(fragment if is_fragment() else page, **values), status)
    response.vary.add("HX-Request")
    return response


def changed(
    fragment: str,
    target: str,
    /,
    *,
    back_to: str,
    say: str = "",
    undo: str = "",
    **values: Any,
) -> Response:
    """After a verb: htmx gets the changed partial in place of the element ``#target``; a plain
    browser goes ``back_to`` the page. Both are told what was done, in the words ``say``.

    ``undo`` is an address that takes a POST; offer it only where no money has moved.
    """
    if not is_fragment():
        return back(back_to, say=say)
    response = make_response(render_template(fragment, **values))
    response.headers["HX-Retarget"] = f"#{target}"
    response.headers["HX-Reswap"] = "outerHTML"
    response.vary.add("HX-Request")
    return toast(response, say, undo=undo) if say else response


def toast(response: Response, text: str, *, undo: str = "") -> Response:
    """Have the page say ``text`` for a few seconds, with **Undo** when there is an address."""
    told = {"text": text, "undo": undo} if undo else {"text": text}
    response.headers["HX-Trigger"] = json.dumps({"toast": told})
    return response


def back(url: str, *, say: str = "") -> Response:
    """303 to a page, which says ``say`` at its top. htmx is sent there as a whole page."""
    if say:
        flash(say)
    if is_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
    else:
        response = make_response(redirect(url, 303))
    response.vary.add("HX-Request")
    return response
