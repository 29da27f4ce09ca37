"""``flask worker``: mails, webhooks and what time does."""

import logging
import signal

import click
from flask import current_app

from giftweb import installation
from giftweb.serving.worker import Worker
from giftweb.web.text import log_lines


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then exit.")
def worker(once: bool) -> None:
    """Deliver mails and webhooks, and write down lapses and expiries."""
    log_lines.install(logging.INFO)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    config = app.config["GIFTWEB"]
    worker_process = Worker(app)
    if once:
        installation.check(config)
        worker_process.drain()
        return
    installation.check_when_reachable(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker_process.stop())
    worker_process.run()
