"""The files for the front of a real installation, and what is said without one."""

import os
import subprocess
import sys

import pytest

from giftweb.serving.listen import Place
from tests.postgres import free_port
from tests.served import ROOT

pytestmark = pytest.mark.proves("X3")

NGINX = ROOT / "deploy/nginx.conf"
CADDY = ROOT / "deploy/Caddyfile"


@pytest.mark.no_database
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "cards.example.com"])
def test_who_lets_strangers_in_without_a_proxy_reads_what_to_do(host):
    place = Place.read({"HOST": host})
    assert "deploy/" in place.why_unsafe(proxies=0)
    assert place.why_unsafe(proxies=1) == ""


@pytest.mark.no_database
@pytest.mark.parametrize("host", ["", "127.0.0.1", "::1", "localhost"])
def test_on_this_machine_alone_there_is_no_warning(host):
    assert Place.read({"HOST": host}).why_unsafe(proxies=0) == ""


@pytest.mark.no_database
def test_the_line_is_printed_at_the_start(tmp_path, keys_path):
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/x.db", "GIFTWEB_KEYS": str(keys_path)}
    started = subprocess.run(
        [sys.executable, "-m", "giftweb.serving.web"],
        cwd=ROOT,
        env={**os.environ, **settings, "HOST": "0.0.0.0", "PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert "no proxy is trusted" in started.stderr


@pytest.mark.no_database
def test_both_fronts_overwrite_what_a_caller_says_of_its_address():
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX.read_text()
    assert "$proxy_add_x_forwarded_for" not in NGINX.read_text()
    assert "header_up X-Forwarded-For {remote_host}" in CADDY.read_text()
