"""Codes and amounts as people, and attackers, type them: each is read, or told as a fault."""

import random
import time
from contextlib import suppress

from giftweb import codes, money
from giftweb.errors import CodeMalformed, Invalid

CURRENCIES = ("USD", "JPY", "KWD", "EUR")
SPICE = "0123456789OIL-–— .,+eE_x\u0660\u0661\uff11\U0001d7ce\u00a0\u200b\0\nſßıABCXYZabcxyz'\"<%"
BATCH = 2_000


def run(seconds: int) -> dict[str, int]:
    """Type codes and amounts until the time is over."""
    chance = random.Random()
    counts = {"codes": 0, "amounts": 0}
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for code in (codes.generate() for _ in range(BATCH // 4)):
            check_code(code, chance)
        for _ in range(BATCH):
            check_amount(chance)
        counts["codes"] += BATCH
        counts["amounts"] += BATCH
    return counts


def check_code(code: str, chance: random.Random) -> None:
    """The code itself, one wrong character, one swap, and noise: four inputs."""
    typed = chance.choice((codes.grouped(code), code.lower(), f" {code} ", _looking_alike(code)))
    assert codes.read(typed) == [code], (code, typed)
    place = chance.randrange(codes.LENGTH)
    wrong = chance.choice(codes.ALPHABET.replace(code[place], ""))
    require_refused(code[:place] + wrong + code[place + 1 :])
    here, there = sorted(chance.sample(range(codes.LENGTH), 2))
    if code[here] != code[there]:
        swapped = list(code)
        swapped[here], swapped[there] = swapped[there], swapped[here]
        require_refused("".join(swapped))
    noise = "".join(chance.choices(SPICE, k=chance.randrange(40)))
    with suppress(CodeMalformed):
        assert all(codes.is_ours(read) for read in codes.read(noise)), noise


def _looking_alike(code: str) -> str:
    return code.replace("0", "O").replace("1", "l")


def require_refused(code: str) -> None:
    """A typing error has to be told as one."""
    try:
        read = codes.read(code)
    except CodeMalformed:
        return
    raise AssertionError(f"{code!r} was read as {read}")


def check_amount(chance: random.Random) -> None:
    """An amount is read exactly, or refused on its field with a sentence."""
    currency = chance.choice(CURRENCIES)
    if chance.random() < 0.5:
        minor = chance.randrange(1, money.LIMIT_MINOR + 1)
        text = money.decimal_text(minor, currency)
        assert money.parse(text, currency).minor == minor, (text, currency)
        return
    text = "".join(chance.choices(SPICE, k=chance.randrange(20)))
    with suppress(Invalid):
        assert 1 <= money.parse(text, currency).minor <= money.LIMIT_MINOR, text
