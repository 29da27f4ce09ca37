"""What the tests of pages share."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

import app as application
from giftweb.config import Config
from giftweb.serving.worker import Worker
from tests.mail_server import MailServer


@pytest.fixture
def with_mail_server(app, config):
    """``with_mail_server()``: from now on a mail server is set."""
    before = app.config["GIFTWEB"]
    server = replace(config, mail_server="127.0.0.1", mail_port=1)
    yield lambda: app.config.update(GIFTWEB=server)
    app.config["GIFTWEB"] = before


@pytest.fixture(scope="module")
def running_server() -> Iterator[MailServer]:
    """The mail server of all these tests, so that they share the applications that know it."""
    made = MailServer()
    yield made
    made.stop()


@pytest.fixture
def server(running_server) -> MailServer:
    running_server.taken.clear()
    running_server.answers.clear()
    return running_server


@pytest.fixture(scope="module")
def mailing_apps() -> dict[Config, Flask]:
    """The applications built so far, by their settings."""
    return {}


@pytest.fixture
def worker_for(config, engine, mailing_apps):
    """``worker_for(port)``: a worker whose mails go to that port."""

    def make(port: int) -> Worker:
        settings = replace(config, mail_server="127.0.0.1", mail_port=port)
        if settings not in mailing_apps:
            mailing_apps[settings] = application.create_app(settings)
            engine.use()
        return Worker(mailing_apps[settings])

    return make


@pytest.fixture
def worker(worker_for, server) -> Worker:
    return worker_for(server.port)
