"""Mutants that change nothing anybody could notice, and why."""

MONEY, CODES = "giftweb/money.py", "giftweb/codes.py"
LEDGER = "giftweb/domain/ledger/transfers.py"
_VALUE = "@dataclass(frozen=True, slots=True, order=False)"

EQUIVALENT: dict[tuple[str, str], str] = {
    (MONEY, "@cache => "): "remembers; answers the same",
    (MONEY, f"{_VALUE} => @dataclass(frozen=True, slots=True)"): "no order is the default",
    (MONEY, f"{_VALUE} => @dataclass(frozen=True, order=False)"): "slots save memory alone",
    (MONEY, f"{_VALUE} => @dataclass(frozen=True, slots=False, order=False)"): "as above",
    (MONEY, "_LONGEST = 40 => _LONGEST = 41"): "as many digits are too many",
    (
        MONEY,
        "smallest = typed_text(max(least, 1), currency)"
        " => smallest = typed_text(max(1, least), currency)",
    ): "the larger of two in either order",
    (
        LEDGER,
        "moved_at = max(clock.micros(), position.moved_at + 1)"
        " => moved_at = max(position.moved_at + 1, clock.micros())",
    ): "the larger of two in either order",
    (
        CODES,
        "def index(code: str, version: keys.CodeKeys | None=None) -> bytes:"
        " => def index(code: str, version: keys.CodeKeys | None='') -> bytes:",
    ): "both mean: the newest",
    (
        CODES,
        "return doubled ^ 37 if doubled & 32 else doubled"
        " => return doubled ^ 37 if doubled & 33 else doubled",
    ): "a doubled number is even",
    (
        CODES,
        "_TABLE = [[_weighted(position, value) for value in range(32)]"
        " for position in range(LENGTH - 1)] => _TABLE = [[_weighted(position, value)"
        " for value in range(32)] for position in range(LENGTH + 1)]",
    ): "nobody looks at the further rows",
}
"""(file, name of the mutant) -> why no test can tell it from the program."""
