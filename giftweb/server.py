"""granian, with the program read before its workers are forked.

The workers share what was read, so that they are small, and one that died is back at once.
"""

from granian.cli import entrypoint

import app  # noqa: F401

if __name__ == "__main__":
    entrypoint()
