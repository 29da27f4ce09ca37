"""A bare view that sends recorded statements by the bare driver, and does nothing else with them.

What a page would cost that finds out nothing, checks nothing and draws nothing, but asks the
database the same. Served as the program is (bench/served.py). RAW_URL is the database,
RAW_STATEMENTS a file with the statements for each form.
"""

import os
import pickle
import threading
from pathlib import Path
from typing import Any

from flask import Flask, request

from bench import recording

app = Flask(__name__)
TEXT = "x" * int(os.environ.get("BARE_BYTES", "0"))
STATEMENTS = pickle.loads(Path(os.environ["RAW_STATEMENTS"]).read_bytes())
_thread = threading.local()


@app.post("/balance")
def answer() -> str:
    """So many bytes, after the form's statements."""
    recording.replay(_connection(), STATEMENTS.get(request.get_data(), []))
    return TEXT


def _connection() -> Any:
    if not hasattr(_thread, "connection"):
        url = os.environ["RAW_URL"]
        _thread.connection = recording.connect(url)
        if url.startswith("sqlite"):
            _thread.connection.execute("PRAGMA synchronous = normal")
    return _thread.connection
