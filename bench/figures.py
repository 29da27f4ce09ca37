"""What a benchmark answers: figures with their target, their spread and the absolute numbers.

Contenders are measured in turn, round by round, so that whatever else the machine does hits all of
them; a ratio is taken within its round and the median of the rounds is the figure.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

ROUNDS = 7
"""How many rounds count; one more goes first and is thrown away."""


@dataclass(frozen=True)
class Figure:
    """``value`` against ``target``: at least it, or with ``is_ceiling`` at most it."""

    name: str
    value: float
    low: float
    high: float
    target: float | None
    is_ceiling: bool
    unit: str
    absolute: dict[str, str]

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached; None when there is none."""
        if self.target is None:
            return None
        return self.value <= self.target if self.is_ceiling else self.value >= self.target

    def to_json(self) -> dict[str, Any]:
        """For bench/results.json."""
        return asdict(self) | {"is_met": self.is_met}


def interleave(
    contenders: dict[str, Callable[[], float]], *, rounds: int = ROUNDS
) -> dict[str, list[float]]:
    """Measure every contender once a round; who goes first changes each round."""
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        names = list(contenders)
        for name in names if number % 2 else reversed(names):
            measured = contenders[name]()
            if number:
                samples[name].append(measured)
    return samples


def ratio(
    name: str,
    samples: dict[str, list[float]],
    *,
    of: str,
    to: str,
    at_least: float | None = None,
    at_most: float | None = None,
    unit: str = "/s",
) -> Figure:
    """``of`` divided by ``to``, round by round."""
    quotients = [one / other for one, other in zip(samples[of], samples[to], strict=True)]
    absolute = {side: _text(median(samples[side]), unit) for side in (of, to)}
    return _figure(name, quotients, at_least, at_most, "", absolute)


def single(
    name: str,
    samples: Sequence[float],
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    unit: str,
    absolute: dict[str, str] | None = None,
) -> Figure:
    """A figure that is a measured number itself, such as seconds or MB."""
    return _figure(name, samples, at_least, at_most, unit, absolute or {})


def _figure(
    name: str,
    samples: Sequence[float],
    at_least: float | None,
    at_most: float | None,
    unit: str,
    absolute: dict[str, str],
) -> Figure:
    return Figure(
        name=name,
        value=median(samples),
        low=min(samples),
        high=max(samples),
        target=at_most if at_least is None else at_least,
        is_ceiling=at_most is not None,
        unit=unit,
        absolute=absolute,
    )


def _text(value: float, unit: str) -> str:
    digits = 0 if abs(value) >= 100 else 3
    return f"{value:,.{digits}f} {unit}".replace(" /s", "/s")
