"""A progress bar on standard error; standard output holds the result alone."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@contextmanager
def bar() -> Iterator[Callable[[str, int, int], None]]:
    """A function that takes the step, how much of it is done, and how much there is.

    The bar appears with the first call and is drawn with each, without a thread of its own:
    an import forks.
    """
    with ExitStack() as opened:
        bars: list[Progress] = []
        tasks: dict[str, TaskID] = {}

        def report(step: str, done: int, total: int) -> None:
            if not bars:
                bars.append(opened.enter_context(_drawn()))
            if step not in tasks:
                tasks[step] = bars[0].add_task(step)
            bars[0].update(tasks[step], completed=done, total=total, refresh=True)

        yield report


def _drawn() -> "Progress":
    # Loaded here: every other command, and every web worker, starts without it.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
    )
