"""The least a page could cost: a Flask view that answers as many bytes, and does nothing else.

Served as the program is (bench/served.py). BARE_BYTES says how many.
"""

import os

from flask import Flask

app = Flask(__name__)
TEXT = "x" * int(os.environ.get("BARE_BYTES", "0"))


@app.get("/")
@app.post("/balance")
def answer() -> str:
    """So many bytes."""
    return TEXT
