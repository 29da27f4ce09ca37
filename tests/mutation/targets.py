"""Whose mutants are made, and which tests should notice them."""

from tests.mutation.trials import Copy, Outcome

ON_SQLITE = ("-k", "not postgresql")
"""Most faults are seen on either engine; the tests on SQLite alone take a quarter of the time."""

MONEY = "tests/domain/test_money.py"
CODES = ("tests/domain/test_codes.py", "tests/domain/test_key_rotation.py")
CARDS = ("tests/domain/test_cards.py", "tests/domain/test_card_endings.py")
BUYING = (
    "tests/domain/test_allocation.py",
    "tests/domain/test_carts.py",
    "tests/domain/test_checkout.py",
    "tests/domain/test_orders.py",
    "tests/domain/test_recharges.py",
)
RECHARGES = "tests/domain/test_recharges.py"
REFUNDS = ("tests/domain/test_refunds.py", "tests/domain/test_bonus.py", RECHARGES)
LEDGER = ("tests/domain/test_ledger.py", *CARDS, "tests/domain/test_card_files.py", *BUYING)

TARGETS: dict[str, tuple[str, ...]] = {
    "giftweb/money.py": (MONEY,),
    "giftweb/codes.py": CODES,
    "giftweb/domain/ledger.py": LEDGER,
    "giftweb/domain/allocation.py": BUYING,
    "giftweb/domain/holds.py": (*BUYING, *CARDS),
    "giftweb/domain/card_locks.py": (*CARDS, *BUYING),
    "giftweb/domain/payments.py": (*BUYING, *REFUNDS),
    "giftweb/domain/checkout.py": BUYING,
    "giftweb/domain/orders.py": (*BUYING, *REFUNDS),
    "giftweb/domain/refunds.py": REFUNDS,
    "giftweb/domain/refunds_to_cards.py": REFUNDS,
    "giftweb/domain/recharges.py": (RECHARGES,),
    "giftweb/domain/fundings.py": (RECHARGES, *REFUNDS[:2]),
    "giftweb/domain/cards.py": CARDS,
    "giftweb/domain/card_endings.py": CARDS,
}
"""Each file that money depends on, and its tests, the quickest first."""

WRITING_TOGETHER = {"giftweb/domain/ledger.py": (LEDGER[0], "-k", "postgresql")}
"""What only PostgreSQL shows, where writes travel together: tried when nobody has noticed yet."""

WHOLE = ("giftweb/money.py", "giftweb/domain/ledger.py")
"""Of these every mutant has to be noticed."""


def is_noticed(copy: Copy, path: str, text: str) -> bool:
    """Whether a test turns red while the file has this text."""
    runs = [(*TARGETS[path], *ON_SQLITE)]
    if path in WRITING_TOGETHER:
        runs.append(WRITING_TOGETHER[path])
    return any(copy.try_out(path, text, tests) is not Outcome.GREEN for tests in runs)
