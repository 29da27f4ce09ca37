"""``pytest tests/browser --slow 300``: a server, and pages, that take their time.

The server holds each answer, and a page holds what has come before a script sees it. So a test that
asks too early fails each time, and not once in a hundred runs on a busy machine.
"""

from playwright.sync_api import BrowserContext

OPTION = "--slow"

LATE = """(delay) => {
    const later = (done) => (...values) => setTimeout(done, delay, ...values);
    const { send } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.send = function (body) {
        if (this.onload) this.onload = later(this.onload.bind(this));
        send.call(this, body);
    };
    const { fetch } = window;
    window.fetch = async (...request) => {
        const answer = await fetch(...request);
        return new Promise((done) => later(done)(answer));
    };
}"""


def hold_answers(context: BrowserContext, milliseconds: int) -> None:
    """All pages of this profile get what their scripts ask for so much later."""
    context.add_init_script(f"({LATE})({milliseconds})")
