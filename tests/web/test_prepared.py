"""A template that is rendered once and then filled: as safe as one rendered each time."""

import html
from typing import NamedTuple

import pytest
from jinja2 import DictLoader, Environment
from markupsafe import Markup

from giftweb.web.pages.prepared import Prepared

pytestmark = pytest.mark.no_database

TEMPLATE = "{% if loud %}<b>{{ name }}</b>!{% else %}<i>{{ name }}</i>{% endif %} 100% {{ count }}"


class Nothing(NamedTuple):
    """There is nothing to decide."""


class Loud(NamedTuple):
    """Whether the greeting is loud."""

    loud: bool


@pytest.fixture
def env():
    return Environment(
        loader=DictLoader({"greeting.html": TEMPLATE}), autoescape=True, auto_reload=False
    )


@pytest.fixture
def greeting():
    return Prepared("greeting.html", "name", "count")


@pytest.mark.parametrize("loud", [True, False])
@pytest.mark.parametrize(
    "name",
    ["Ann", "<script>", 'O\'Neil & "Sons"', "%s %(count)s %", "\x02count\x03", Markup("<br>"), ""],
)
def test_it_gives_what_the_template_gives(env, greeting, loud, name):
    for _ in range(2):
        filled = greeting.render(env, Loud(loud), {"name": name, "count": 7})
        plain = env.get_template("greeting.html").render(loud=loud, name=name, count=7)
        assert filled == plain


def test_the_template_is_rendered_once_for_each_variant(env, greeting):
    first = greeting.pattern(env, Loud(True))
    env.loader.mapping["greeting.html"] = "changed"
    assert greeting.pattern(env, Loud(True)) is first
    assert greeting.row(env, Loud(True)) == "<b>%s</b>! 100%% %s"


def test_where_templates_are_reloaded_nothing_is_kept(greeting):
    env = Environment(loader=DictLoader({"greeting.html": "{{ name }}"}), auto_reload=True)
    greeting.pattern(env, Nothing())
    env.loader.mapping["greeting.html"] = "Dear {{ name }}"
    assert greeting.pattern(env, Nothing()) == "Dear %(name)s"


def test_a_template_is_kept_in_ascii_and_shows_the_same_and_values_stay_as_they_are():
    text = '<p title="a – b">•••• {{ name }}</p>'
    env = Environment(loader=DictLoader({"card.html": text}), auto_reload=False)
    card = Prepared("card.html", "name")
    assert card.pattern(env, Nothing()).isascii()
    filled = card.render(env, Nothing(), {"name": "Zoë"})
    assert filled != (plain := env.get_template("card.html").render(name="Zoë"))
    assert html.unescape(filled) == plain


def test_one_value_that_needs_escaping_leaves_the_others_as_they_are(env, greeting):
    filled = greeting.render(env, Loud(False), {"name": Markup("<br>"), "count": "1 < 2"})
    assert filled == "<i><br></i> 100% 1 &lt; 2"
