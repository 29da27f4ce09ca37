"""A WSGI application behind the front that the program has: BENCH_VIEW names it."""

import os
import sys
from importlib import import_module

from giftweb.serving.front import Front
from giftweb.serving.listen import Place
from giftweb.serving.web import prepare_process, serve


def make_front() -> Front:
    """The application, in a new process."""
    prepare_process()
    module, _, name = os.environ["BENCH_VIEW"].partition(":")
    return Front(getattr(import_module(module), name))


if __name__ == "__main__":
    sys.exit(serve("bench.served:make_front", Place.read(os.environ)))
