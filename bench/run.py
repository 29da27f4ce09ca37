"""Run the benchmarks, print a table, write bench/results.json.

Every module of this package with a ``run()`` that answers a list of figures is a benchmark.
Those in ``ON_DEMAND`` take long and run only when they are named: ``make bench BENCH=scale``.
"""

import importlib
import json
import os
import pkgutil
import platform
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

import bench
from bench.figures import ROUNDS, Figure

RESULTS = Path(__file__).parent / "results.json"
ON_DEMAND = ("order_search", "page_import", "reports", "scale")


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all but those on demand; 1 when a target is missed."""
    # What the benchmarks start keeps compiled modules, as an installation does.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    console = Console(stderr=True)
    figures: dict[str, list[Figure]] = {}
    for name in names or [name for name in benchmarks() if name not in ON_DEMAND]:
        started = perf_counter()
        with console.status(f"{name} ..."):
            figures[name] = importlib.import_module(f"bench.{name}").run()
        console.print(f"{name}: {perf_counter() - started:.0f} s")
        write({name: figures[name]})
    Console(width=max(120, console.width)).print(table(figures))
    return int(any(figure.is_met is False for found in figures.values() for figure in found))


def benchmarks() -> list[str]:
    """The names of the modules that can be run."""
    modules = (module.name for module in pkgutil.iter_modules(bench.__path__))
    folder = Path(__file__).parent
    return sorted(
        name
        for name in modules
        if name != "run" and "\ndef run()" in (folder / f"{name}.py").read_text()
    )


def table(figures: dict[str, list[Figure]]) -> Table:
    """One line a figure."""
    drawn = Table(title=f"giftweb, {ROUNDS} interleaved rounds, medians; {machine()}")
    for heading in ("figure", "value", "spread", "target", ""):
        drawn.add_column(heading, justify="left" if heading == "figure" else "right")
    drawn.add_column("absolute")
    for found in figures.values():
        for figure in found:
            drawn.add_row(*_cells(figure))
    return drawn


def _cells(figure: Figure) -> tuple[str, ...]:
    unit = f" {figure.unit}" if figure.unit else ""
    sign = "<=" if figure.is_ceiling else ">="
    target = "" if figure.target is None else f"{sign} {figure.target:g}{unit}"
    verdict = {None: "", True: "[green]met[/]", False: "[red]missed[/]"}[figure.is_met]
    absolute = ", ".join(f"{side} {text}" for side, text in figure.absolute.items())
    spread = f"{figure.low:.3g} to {figure.high:.3g}"
    return figure.name, f"{figure.value:.3g}{unit}", spread, target, verdict, absolute


def machine() -> str:
    """What the figures were measured on."""
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def write(figures: dict[str, list[Figure]]) -> None:
    """Keep the results; those of benchmarks that did not run stay as they were."""
    kept = json.loads(RESULTS.read_text())["benchmarks"] if RESULTS.exists() else {}
    kept |= {name: [figure.to_json() for figure in found] for name, found in figures.items()}
    content = {"machine": machine(), "rounds": ROUNDS, "benchmarks": kept}
    RESULTS.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")
