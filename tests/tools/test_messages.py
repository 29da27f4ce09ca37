"""The catalogues of the languages are whole, and the tool that keeps them writes what it read."""

import pytest
from babel.messages.catalog import Catalog

from tools import messages

pytestmark = pytest.mark.no_database


@pytest.mark.proves("B17")
def test_every_catalogue_is_whole() -> None:
    assert list(messages.faults()) == []


def test_the_texts_of_the_macros_are_among_them() -> None:
    assert messages.extracted().get("Take this filter off") is not None


def test_a_line_of_a_text_that_looks_like_a_line_of_the_header_stays(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"Empty: {'everybody takes part in it, ' * 6}and nobody is left out."
    catalog = Catalog(locale="de", charset="utf-8")
    catalog.add(text, "Leer: alle.")
    monkeypatch.setattr(messages, "TRANSLATIONS", tmp_path)
    messages.path_of("de").parent.mkdir(parents=True)

    messages.path_of("de").write_text(messages._written(catalog))

    assert [message.id for message in messages._read("de") if message.id] == [text]
