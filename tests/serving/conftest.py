"""``server`` is a mail server on this machine, for one test."""

from collections.abc import Iterator

import pytest

from tests.mail_server import MailServer


@pytest.fixture
def server() -> Iterator[MailServer]:
    made = MailServer()
    yield made
    made.stop()
