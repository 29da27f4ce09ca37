"""What the tests of pages share."""

from dataclasses import replace

import pytest


@pytest.fixture
def with_mail_server(app, config):
    """``with_mail_server()``: from now on a mail server is set."""
    before = app.config["GIFTWEB"]
    server = replace(config, mail_server="127.0.0.1", mail_port=1)
    yield lambda: app.config.update(GIFTWEB=server)
    app.config["GIFTWEB"] = before
