"""Addresses: ready to be built when one is first asked for, and known once they were met."""

from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.routing import MapAdapter, Rule

Known = dict[tuple[str, str], tuple[Rule, Mapping[str, Any]]]
"""Where a method and a path lead: the rule, and what stands in the path's variable parts."""

_MOST_KNOWN = 2048
_LONGEST_KNOWN = 120


class Adapter(MapAdapter):
    """Finds the rule of a request. What has led somewhere is remembered in ``known``: to look it up
    costs a tenth of going through the map, and a shop's addresses are few."""

    known: Known

    def match(self, *args: Any, **options: Any) -> tuple[Any, Mapping[str, Any]]:
        if args or options != {"return_rule": True}:
            return super().match(*args, **options)
        asked = (self.default_method, self.path_info)
        found = self.known.get(asked)
        if found is None:
            found = super().match(return_rule=True)
            self._remember(asked, found)
        rule, values = found
        return rule, dict(values)

    def _remember(self, asked: tuple[str, str], found: tuple[Rule, Mapping[str, Any]]) -> None:
        if len(self.path_info) > _LONGEST_KNOWN:
            return
        if len(self.known) >= _MOST_KNOWN:
            self.known.clear()
        self.known[asked] = found


class LazyRule(Rule):
    """Compiling the two builders of each rule takes a sixth of a web process's start."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Any]:
        compile_now = super()._compile_builder
        compiled: list[Callable[..., Any]] = []

        def build(*args: Any, **values: Any) -> Any:
            if not compiled:
                compiled.append(compile_now(append_unknown))
            return compiled[0](*args, **values)

        return build
