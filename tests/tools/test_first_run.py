"""What `make run` prints of the demo shop, at the first start and at each later one."""

import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.factories import make_campaign
from tools.first_run import demo_path, kept_demo, write_privately

pytestmark = pytest.mark.proves("E34")


@pytest.mark.no_database
def test_each_start_prints_the_sign_ins_and_the_shop_at_the_address_of_base_url(tmp_path):
    def start(base_url: str) -> str:
        environ = {
            **{"DATABASE_URL": f"sqlite:///{tmp_path}/x.db", "BASE_URL": base_url},
            "GIFTWEB_KEYS": str(tmp_path / "keys.json"),
        }
        prepare = "from tools import first_run; first_run.prepare_database()"
        return subprocess.run(
            [sys.executable, "-c", prepare],
            check=True,
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    first, again = start("http://localhost:8000"), start("http://localhost:9000")
    password = re.search(r"root@giftweb\.example\s+(\S+)", first)[1]
    assert "First run" in first
    assert "First run" not in again
    assert re.search(r"root@giftweb\.example\s+(\S+)", again)[1] == password
    assert re.search(r"Demo shop: http://localhost:9000/shop/cmp_\w+/", again)
    assert "localhost:8000" not in again
    assert (tmp_path / "demo-shop.json").stat().st_mode & 0o777 == 0o600


def test_the_demo_of_another_database_is_not_printed(config, tmp_path):
    config = replace(config, keys_path=tmp_path / "keys.json")
    assert kept_demo(config) is None
    here, elsewhere = make_campaign().id, "cmp_00000000000000000000000000"
    for campaign_id, expected in ((elsewhere, None), (here, f"/shop/{here}/")):
        text = f"/shop/{campaign_id}/"
        write_privately(demo_path(config), {"base_url": "http://x", "text": text})
        assert kept_demo(config) == expected
