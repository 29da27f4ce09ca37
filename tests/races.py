"""Two things at once."""

import threading
from collections.abc import Callable

from giftweb import database


def at_once(*verbs: Callable) -> list:
    """What each verb gave or raised, all started at the same moment."""
    results: list = [None] * len(verbs)
    start = threading.Barrier(len(verbs))

    def run(number: int, verb: Callable) -> None:
        start.wait()
        try:
            results[number] = verb()
        except Exception as problem:
            results[number] = problem
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
