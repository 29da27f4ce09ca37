"""Nobody else on the machine reads the database: what is made is its owner's alone."""

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from giftweb import database, installation
from giftweb.config import from_environment
from giftweb.environment import SettingUnusable
from giftweb.errors import Refused
from tests.served import ROOT

pytestmark = [pytest.mark.no_database, pytest.mark.proves("X25")]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def settings_in(folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{folder}/giftweb.db",
        "GIFTWEB_KEYS": str(folder / "keys.json"),
    }


@pytest.fixture
def old_umask():
    """The mask of most machines, under which others read what is written."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def config_in(folder: Path):
    return from_environment(settings_in(folder))


@pytest.mark.parametrize("entry", ["app", "wsgi"])
def test_what_the_command_makes_is_its_owners_alone(old_umask, tmp_path, entry):
    folder = tmp_path / "instance"
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", entry, "db", "upgrade"],
        cwd=ROOT,
        env={**os.environ, **settings_in(folder)},
        check=True,
        capture_output=True,
    )
    assert (folder / "giftweb.db").is_file()
    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.iterdir()} == {0o600}


def test_what_an_older_version_left_wider_is_narrowed_with_a_line(old_umask, tmp_path, caplog):
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o755)
    names = ("giftweb.db", "giftweb.db-wal", "giftweb.db-shm", "throttle.db", "throttle.db-wal")
    for name in names:
        (folder / name).touch(0o644)
    installation.keep_private(config_in(folder))
    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.iterdir()} == {0o600}
    assert all(str(folder / name) in caplog.text for name in names)
    caplog.clear()
    installation.keep_private(config_in(folder))
    assert not caplog.text


def test_a_folder_that_is_not_ours_alone_is_left_as_it_is(old_umask, tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    installation.keep_private(config_in(folder))
    assert mode(folder) == 0o755


START = b"SQLite format 3\x00"


@pytest.mark.parametrize("content", [b"a letter", b"SQLite format 2\x00", None])
def test_a_wrong_setting_changes_nothing_that_it_names(old_umask, tmp_path, content):
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o755)
    if content is None:
        (folder / "giftweb.db").mkdir(mode=0o755)
    else:
        (folder / "giftweb.db").write_bytes(content)
    for name in ("giftweb.db-wal", "throttle.db"):
        (folder / name).write_bytes(START)
    before = {path: mode(path) for path in (folder, *folder.iterdir())}
    installation.keep_private(config_in(folder))
    assert {path: mode(path) for path in (folder, *folder.iterdir())} == before
    with pytest.raises(SettingUnusable, match=r"^DATABASE_URL is sqlite:///.*: it must name a"):
        database.connect(settings_in(folder)["DATABASE_URL"])
    assert {path: mode(path) for path in (folder, *folder.iterdir())} == before


def test_only_what_is_a_database_is_narrowed_beside_one(old_umask, tmp_path):
    (tmp_path / "giftweb.db").write_bytes(START + b"more")
    (tmp_path / "throttle.db").write_text("notes")
    (tmp_path / "giftweb.db-wal").mkdir(mode=0o755)
    installation.keep_private(config_in(tmp_path))
    assert mode(tmp_path / "giftweb.db") == 0o600
    assert mode(tmp_path / "throttle.db") == 0o644
    assert mode(tmp_path / "giftweb.db-wal") == 0o755


def test_a_folder_in_which_no_database_is_yet_is_left_as_it_is(old_umask, tmp_path):
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o755)
    installation.keep_private(config_in(folder))
    assert mode(folder) == 0o755


def test_a_file_of_somebody_elses_is_refused_with_what_to_do(old_umask, tmp_path, monkeypatch):
    (tmp_path / "giftweb.db").touch(0o644)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(Refused, match=r"run: chmod 600 .*/giftweb\.db"):
        installation.keep_private(config_in(tmp_path))


def test_another_database_has_no_files_of_ours(old_umask, tmp_path):
    config = replace(config_in(tmp_path), database_url="postgresql://localhost/giftweb")
    installation.keep_private(config)
    assert os.umask(0o022) == 0o077


@pytest.mark.parametrize("module", ["giftweb.serving.web", "giftweb.serving.supervisor"])
def test_every_server_takes_the_mask_before_it_starts_anything(tmp_path, module):
    script = f"import os, {module} as it; os.environ['PORT'] = 'none'; os.umask(0o022)\n"
    script += "it.main(); print(oct(os.umask(0)))"
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip().endswith("0o77")
