"""Whose mutants are made, and which tests should notice them."""

from tests.mutation.trials import Copy, Outcome

ON_SQLITE = ("-k", "not postgresql")
"""Most faults are seen on either engine; the tests on SQLite alone take a quarter of the time."""

MONEY = "tests/language/test_money.py"
CODES = ("tests/language/test_codes.py", "tests/domain/operations/test_key_rotation.py")
CARDS = ("tests/domain/cards/test_lifecycle.py", "tests/domain/cards/test_endings.py")
BUYING = (
    "tests/domain/carts/test_allocation.py",
    "tests/domain/carts/test_carts.py",
    "tests/domain/checkout/test_checkout.py",
    "tests/domain/orders/test_placing.py",
    "tests/domain/orders/test_recharges.py",
)
RECHARGES = "tests/domain/orders/test_recharges.py"
REFUNDS = ("tests/domain/refunds/test_refunds.py", "tests/domain/orders/test_bonus.py", RECHARGES)
LEDGER = (
    "tests/domain/ledger/test_transfers.py",
    *CARDS,
    "tests/domain/cards/test_import_file.py",
    *BUYING,
)

CONSEQUENCES = "tests/domain/orders/test_consequences.py"

TARGETS: dict[str, tuple[str, ...]] = {
    "giftweb/money.py": (MONEY,),
    "giftweb/codes.py": CODES,
    "giftweb/domain/ledger/transfers.py": LEDGER,
    "giftweb/domain/carts/allocation.py": BUYING,
    "giftweb/domain/ledger/holds.py": (*BUYING, *CARDS),
    "giftweb/domain/cards/locking.py": (*CARDS, *BUYING),
    "giftweb/domain/payments/payments.py": (*BUYING, *REFUNDS),
    "giftweb/domain/checkout/checkout.py": BUYING,
    "giftweb/domain/orders/placing.py": (*BUYING, *REFUNDS),
    "giftweb/domain/refunds/refunds.py": REFUNDS,
    "giftweb/domain/refunds/results.py": REFUNDS,
    "giftweb/domain/refunds/to_cards.py": REFUNDS,
    "giftweb/domain/orders/recharges.py": (RECHARGES,),
    "giftweb/domain/orders/consequences.py": (CONSEQUENCES, RECHARGES, *REFUNDS[:2]),
    "giftweb/domain/orders/card_credits.py": (RECHARGES, *REFUNDS[:2]),
    "giftweb/domain/cards/lifecycle.py": CARDS,
    "giftweb/domain/cards/endings.py": CARDS,
}
"""Each file that money depends on, and its tests, the quickest first."""

WRITING_TOGETHER = {"giftweb/domain/ledger/transfers.py": (LEDGER[0], "-k", "postgresql")}
"""What only PostgreSQL shows, where writes travel together: tried when nobody has noticed yet."""

WHOLE = ("giftweb/money.py", "giftweb/domain/ledger/transfers.py")
"""Of these every mutant has to be noticed."""


def is_noticed(copy: Copy, path: str, text: str) -> bool:
    """Whether a test turns red while the file has this text."""
    runs = [(*TARGETS[path], *ON_SQLITE)]
    if path in WRITING_TOGETHER:
        runs.append(WRITING_TOGETHER[path])
    return any(copy.try_out(path, text, tests) is not Outcome.GREEN for tests in runs)
