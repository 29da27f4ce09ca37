"""The frame as the server hands it out: usable before anything else has been fetched."""

import base64
import hashlib
import re

import pytest

from tests.factories import make_campaign

pytestmark = pytest.mark.engines("sqlite")


@pytest.fixture
def frame(client):
    """``frame(**theme)``: the page, its style sheet and its policy."""

    def ask(**theme: str) -> tuple[str, str, str]:
        response = client.get(f"/widget/{make_campaign().id}/", query_string=theme)
        (style,) = re.findall(r"<style>(.*?)</style>", response.text, re.DOTALL)
        return response.text, style, response.headers["Content-Security-Policy"]

    return ask


@pytest.mark.parametrize("theme", [{}, {"scheme": "dark", "accent": "#7a3b1d"}])
def test_the_policy_names_the_hash_of_the_one_style_sheet(frame, theme):
    _, style, policy = frame(**theme)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}';" in policy
    assert "unsafe" not in policy


def test_the_field_is_there_and_sends_nothing_by_itself(frame):
    """The token is the script's alone; a form that went without it would lose what was typed."""
    page, _, _ = frame()
    (form,) = re.findall(r"<form[^>]*>", page)
    assert 'method="dialog"' in form
    assert '<input class="gift-code" id="code"' in page
    assert page.index('id="code"') < page.index('id="policy"')
    assert page.count("<link") == 0


def test_it_has_the_shops_colours_at_once(frame):
    theme = {
        "scheme": "only dark",
        "accent": "rgb(122 59 29 / 90.5%)",
        "on-accent": "white",
        "line": "oklch(0.7 0.1 40)",
        "radius": "0.5rem",
        "font": "\"Segoe UI\", 'Helvetica Neue', -apple-system, sans-serif",
    }
    _, style, _ = frame(**theme)
    assert style.endswith(
        "html.widget { color-scheme: only dark; --accent: rgb(122 59 29 / 90.5%);"
        " --on-accent: white; --line: oklch(0.7 0.1 40); --radius: 0.5rem;"
        " --font: \"Segoe UI\", 'Helvetica Neue', -apple-system, sans-serif; }\n"
    )


@pytest.mark.parametrize(
    "value",
    [
        "blurple",
        "red}body{display:none",
        "red;position:fixed",
        "</style><script>alert(1)</script>",
        "url(https://evil.example/)",
        "rgb(0,0,0)) url(x)",
        "rgb(1, 2 3)",
        "1.2.3px",
        "red/**/",
        "var(--text)",
        "r\u00e9d",
        "red\n",
        "",
    ],
)
@pytest.mark.parametrize("name", ["scheme", "accent", "background", "radius"])
def test_what_is_not_plainly_a_value_is_left_to_the_script(frame, name, value):
    _, plain, _ = frame()
    _, style, _ = frame(**{name: value})
    assert style == plain


@pytest.mark.parametrize(
    "font", ["Source Sans 3", '"Arial', "Arial, 'x", "a;b", "a}b", "a, url(x)"]
)
def test_a_font_that_has_to_be_quoted_is_left_to_the_script(frame, font):
    _, plain, _ = frame()
    _, style, _ = frame(font=font)
    assert style == plain
