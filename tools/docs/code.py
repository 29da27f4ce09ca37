"""The code as a text that is read, not run: its modules, their imports, the floors of the house."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PRODUCT = "giftweb"
DOMAIN = f"{PRODUCT}.domain"


_LATER = re.compile(rf"{PRODUCT}(\.\w+)+:\w+")


@dataclass(frozen=True)
class Floors:
    """Packages by floor, the highest first: what stands on one may import what stands below."""

    floors: tuple[tuple[str, ...], ...]

    @property
    def packages(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(name for floor in self.floors for name in floor)


@cache
def modules() -> dict[str, Path]:
    """Every module of the product by its dotted name; a package is its ``__init__``."""
    found = {}
    for path in sorted((ROOT / PRODUCT).glob("**/*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree_of(path: Path) -> ast.Module:
    """The file, parsed."""
    return ast.parse(path.read_text(), filename=str(path))


@cache
def imports_of(module: str) -> frozenset[str]:
    """The modules of the product that a module imports, or names to import them when needed."""
    return imports_in(modules()[module])


def imports_in(path: Path) -> frozenset[str]:
    """The modules of the product that a file imports, or names to import them when needed."""
    found = (name if name in modules() else name.rpartition(".")[0] for name in _named_in(path))
    return frozenset(name for name in found if name in modules() and name != PRODUCT)


def _named_in(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and _LATER.fullmatch(str(node.value)):
            yield node.value.partition(":")[0]


def package_of(module: str, packages: Iterable[str]) -> str | None:
    """The innermost of the packages that a module belongs to."""
    owners = [name for name in packages if module == name or module.startswith(f"{name}.")]
    return max(owners, key=len, default=None)


def arrows(packages: tuple[str, ...]) -> set[tuple[str, str]]:
    """(from, to) for each of the packages that imports another one."""
    found = set()
    for module in modules():
        source = package_of(module, packages)
        for imported in imports_of(module) if source else ():
            target = package_of(imported, packages)
            if source and target and source != target:
                found.add((source, target))
    return found


def without_detours(edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The arrows that no way over other packages stands for."""
    below: dict[str, set[str]] = {}
    for source, target in edges:
        below.setdefault(source, set()).add(target)

    @cache
    def reached(name: str) -> frozenset[str]:
        return frozenset(below.get(name, ())).union(*map(reached, below.get(name, ())))

    return {
        (source, target)
        for source, target in edges
        if not any(target in reached(other) for other in below[source] - {target})
    }


@cache
def contracts() -> dict[str, Floors]:
    """The contracts of import-linter that put all that a package holds on floors."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    found = {}
    for contract in settings["contracts"]:
        for container in contract.get("containers", ()):
            floors = (_floor(layer, container) for layer in contract["layers"])
            found[container] = Floors(tuple(floors))
    return found


def _floor(layer: str, container: str) -> tuple[str, ...]:
    named = layer.replace("|", ":").split(":")
    return tuple(f"{container}.{name.strip(' ()')}" for name in named)


def domain_floors() -> Floors:
    """The floors of the domain."""
    return contracts()[DOMAIN]


def house_floors() -> Floors:
    """The floors of the whole house. The domain is one package of it; others that have floors of
    their own stand there with them."""
    found: list[tuple[str, ...]] = []
    for floor in contracts()[PRODUCT].floors:
        split = [name for name in floor if name in contracts() and name != DOMAIN]
        plain = tuple(name for name in floor if name not in split)
        inner = [each for name in split for each in contracts()[name].floors]
        found += [(*plain, *inner[0]), *inner[1:]] if inner else [floor]
    return Floors(tuple(found))
