"""A progress bar on standard error; standard output holds the result alone."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@contextmanager
def bar() -> Iterator[Callable[[str, int, int], None]]:
    """A function that is told the step, how much of it is done, and how much there is.

    It is there from when it is first told, and draws when it is told, without a thread of its own:
    an import forks.
    """
    with ExitStack() as opened:
        shown: list[Progress] = []
        tasks: dict[str, TaskID] = {}

        def tell(step: str, done: int, total: int) -> None:
            if not shown:
                shown.append(opened.enter_context(_drawn()))
            if step not in tasks:
                tasks[step] = shown[0].add_task(step)
            shown[0].update(tasks[step], completed=done, total=total, refresh=True)

        yield tell


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
