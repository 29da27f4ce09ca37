"""The steps of make: what is brought is what was pinned."""

import hashlib

import pytest

from tools import parts, vendor

pytestmark = pytest.mark.no_database


def test_a_vendored_file_that_is_another_one_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(vendor, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(vendor, "FILES", {"x.js": ("x.js", hashlib.sha256(b"known").hexdigest())})
    (tmp_path / "x.js").write_text("another")
    with pytest.raises(SystemExit, match=r"x\.js: the package carries another file"):
        vendor.copy(tmp_path)
    (tmp_path / "x.js").write_text("known")
    vendor.copy(tmp_path)
    assert (tmp_path / "vendor/x.js").read_text() == "known"


def test_what_is_there_is_not_brought_again(monkeypatch):
    monkeypatch.setattr(vendor, "install", lambda _: pytest.fail("the network was asked"))
    vendor.main()


def test_a_part_that_cannot_be_had_is_an_error_that_says_what_to_install(monkeypatch):
    missing = parts.Part(is_there=lambda: False, debian="chromium", without_root=None)
    monkeypatch.setitem(parts.PARTS, "chromium", missing)
    monkeypatch.setattr(parts, "_install", lambda _: None)
    with pytest.raises(SystemExit, match="As root: apt-get install chromium"):
        parts.bring("chromium")


def test_what_will_do_is_taken_where_the_quicker_part_cannot_be_had(monkeypatch):
    slower = parts.Part(
        is_there=lambda: False, debian="quick", without_root=None, will_do=lambda: True
    )
    monkeypatch.setitem(parts.PARTS, "chromium", slower)
    monkeypatch.setattr(parts, "_install", lambda _: None)
    parts.bring("chromium")
