"""docs/api.md: its commands are run as they stand, against a real server."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import factories

DOCUMENT = Path(__file__).parents[3] / "docs/api.md"


def commands() -> list[str]:
    """The curl commands of the document, in order."""
    blocks = re.findall(r"```sh\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    text = "\n".join(blocks)
    return [each for each in re.split(r"\n(?=curl|export|flask)", text) if each.startswith("curl")]


@pytest.mark.proves("B5")
def test_the_walk_through_works_as_it_is_written(served_by_one):
    if shutil.which("curl") is None:
        pytest.fail("The documents' commands need curl: apt-get install curl")
    key = factories.make_api_key(factories.make_campaign().id, is_test=True)
    known = {"GIFTWEB": f"{served_by_one}/api/v1", "KEY": key, "PATH": "/usr/bin:/bin"}
    answers = []
    for command in commands():
        done = subprocess.run(
            ["sh", "-c", command], env=known, check=True, capture_output=True, text=True
        )
        answer = json.loads(done.stdout)
        answers.append(answer)
        known |= remembered(answer)
    *good, refused = answers
    assert not [
        answer for answer in good if "code" in answer and "status" in answer and "title" in answer
    ]
    assert {fault["field"] for fault in refused["errors"]} == {"amount", "holder.email"}
    confirmed, shown = [each for each in good if str(each.get("id")).startswith("ref_")]
    assert confirmed["status"] == "succeeded"
    assert shown == confirmed


def remembered(answer: dict) -> dict[str, str]:
    """What a reader would write down from an answer for the commands that follow."""
    names = {"gc": "CARD", "chk": "CHECKOUT", "ord": "ORDER"}
    found = {}
    prefix = str(answer.get("id", "")).partition("_")[0]
    if prefix in names:
        found[names[prefix]] = answer["id"]
    if prefix == "gc" and "code" in answer:
        found["CODE"] = answer["code"]
    asked = [each for each in answer.get("data", ()) if each.get("status") == "requested"]
    return found | ({"REFUND": asked[0]["id"]} if asked else {})
