"""One address, two responses: the page, or for htmx the fragment of it that changed."""

import json
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request

from giftweb.web.http import security

Link = tuple[str, str]
"""Words, and the address that they lead to."""


def is_fragment() -> bool:
    """Whether htmx sent the request: by the header alone. A page for its history is a page."""
    environ = request.environ
    return (
        environ.get("HTTP_HX_REQUEST") == "true"
        and environ.get("HTTP_HX_HISTORY_RESTORE_REQUEST") != "true"
    )


def render(page: str, fragment: str, /, *, status: int = 200, **values: Any) -> Response:
    """The page, or the fragment for htmx; both templates get the same values."""
    response = make_response(render_template(fragment if is_fragment() else page, **values), status)
    response.vary.add("HX-Request")
    return response


def panel(partial: str, /, *, status: int = 200, **values: Any) -> Response:
    """The panel; without htmx the page of its folder, ``panel.html``, around it."""
    page = f"{partial.rpartition('/')[0]}/panel.html"
    return render(page, partial, status=status, partial=partial, **values)


def replaced(
    fragment: str,
    target: str,
    /,
    *,
    back_to: str,
    message: str = "",
    undo: str = "",
    link: Link | None = None,
    **values: Any,
) -> Response:
    """After a verb: htmx gets the fragment in place of the element ``#target``; a plain browser is
    redirected ``back_to`` the page. Both show ``message``, which is what was done.

    ``undo`` is an address that takes a POST; offer it only where no money has moved. ``link`` leads
    to what was created.
    """
    if not is_fragment():
        return redirect_to(back_to, message=message, link=link)
    response = make_response(render_template(fragment, **values))
    response.headers["HX-Retarget"] = f"#{target}"
    response.headers["HX-Reswap"] = "outerHTML"
    response.vary.add("HX-Request")
    return toast(response, message, undo=undo, link=link) if message else response


def toast(response: Response, text: str, *, undo: str = "", link: Link | None = None) -> Response:
    """Have the page show ``text`` for a few seconds, with **Undo** when there is an address, and a
    ``link`` to what was created.
    """
    payload = _toast(text, link) | ({"undo": undo} if undo else {})
    response.headers["HX-Trigger"] = json.dumps({"toast": payload})
    return response


def _toast(text: str, link: Link | None) -> dict[str, Any]:
    return {"text": text, "link": {"text": link[0], "href": link[1]}} if link else {"text": text}


def kept_for_back(response: Response) -> Response:
    """Let the browser's Back show this answer to a form again, where it would show an error.

    For pages without anything secret: the browser keeps them until it is closed, or one signs out.
    """
    name, value = security.KEPT_FOR_BACK
    response.headers[name] = value
    return response


def redirect_to(url: str, *, message: str = "", link: Link | None = None) -> Response:
    """303 to a page, which shows ``message`` and ``link`` at its top. htmx loads it as a whole
    page.
    """
    if message:
        kept: Any = _toast(message, link)
        flash(kept)
    if is_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
    else:
        response = make_response(redirect(url, 303))
    response.vary.add("HX-Request")
    return response
