"""Where money on a card came from, followed through everything that moves it (D29, I35)."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from giftweb import database, models
from giftweb.domain import audit, cards, ledger
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.ledger.transfers import CARD, Movement
from giftweb.models import FUNDED, FUNDING
from tests.factories import make_card

pytestmark = pytest.mark.tampers

SOURCES = FUNDING[:-1]
AMOUNTS = st.integers(1, 40)

Step = tuple[str, str, int]
"""What happens, a source where there is one, and how much: of the balance, at most all of it."""

BRINGING = st.tuples(st.sampled_from(("top_up", "up")), st.sampled_from(SOURCES), AMOUNTS)
TAKING = st.tuples(st.sampled_from(("capture", "down", "cancel")), st.just(""), AMOUNTS)
RETURNING = st.tuples(st.just("refund"), st.just(""), AMOUNTS)
REPLACING = st.just(("replace", "", 0))

examples = settings(
    max_examples=25,
    # To look for the smallest case takes minutes: each step is a transaction.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Walk:
    """A card, and what a plain queue of its money says: the oldest is spent first."""

    def __init__(self, source: str) -> None:
        self.entry = audit.record(by=SYSTEM, action="test", subject="test")
        self.card_id = make_card("0.20 USD", source=source).card.id
        first = database.scalar("SELECT id FROM transfer WHERE card_id = ?", self.card_id)
        self.queue: list[list] = [[first, source, 20]]
        self.captures: dict[str, int] = {}

    def follow(self, step: Step) -> None:
        kind, source, amount = step
        if kind == "top_up":
            self._bring(Movement("top_up", source, CARD, amount, self.entry))
        elif kind == "up":
            self._bring(Movement("adjust", "adjustments", CARD, amount, self.entry))
        elif kind == "refund":
            self._refund(amount)
        elif kind == "replace":
            self.card_id = cards.endings.replace_card(self.card_id, by=SYSTEM).card.id
        elif amount := min(amount, sum(left for _, _, left in self.queue)):
            self._take(kind, amount)

    def _bring(self, movement: Movement) -> None:
        self.queue.append([self._post(movement), movement.source, movement.amount_minor])

    def _take(self, kind: str, amount: int) -> None:
        parent = None
        order = list(self.queue)
        if kind == "down":
            movement = Movement("adjust", CARD, "adjustments", amount, self.entry)
            order.sort(key=lambda credit: credit[1] != "adjustments")
        elif kind == "cancel":
            parent, source, left = next(
                (each for each in reversed(self.queue) if each[2] and each[1] != "adjustments"),
                (None, "", 0),
            )
            if parent is None:
                return
            amount = min(amount, left)
            movement = Movement("cancel", CARD, source, amount, self.entry, parent)
            order.sort(key=lambda credit: credit[0] != parent)
        else:
            movement = Movement("capture", CARD, "redemptions", amount, self.entry)
        done = self._post(movement)
        if kind == "capture":
            self.captures[done] = amount
        for credit in order:
            part = min(credit[2], amount)
            credit[2], amount = credit[2] - part, amount - part

    def _refund(self, amount: int) -> None:
        for capture, left in self.captures.items():
            if part := min(left, amount):
                self._post(
                    Movement("refund", "redemptions", CARD, part, self.entry, parent_id=capture)
                )
                self.captures[capture] -= part
                return

    @database.transactional
    def _post(self, movement: Movement) -> str:
        locked = cards.locking.lock_one(self.card_id)
        return cards.locking.move(locked, movement)[1]

    @property
    def expected(self) -> Counter:
        found = Counter()
        for _, source, left in self.queue:
            found[source] += left
        return +found


def parts_of(table: str, row_id: str) -> Counter:
    row = database.row(f"SELECT {', '.join(FUNDED)} FROM {table} WHERE id = ?", row_id)
    return +Counter(dict(zip(FUNDING, row, strict=True)))


def walked(source: str, steps: Sequence[Step]) -> Walk:
    walk = Walk(source)
    for step in steps:
        walk.follow(step)
        row = database.row(
            f"SELECT balance_minor, {', '.join(FUNDED)} FROM account WHERE id = ?", walk.card_id
        )
        assert sum(row[1:]) == row[0]
        assert min(row) >= 0
    return walk


@pytest.mark.proves("I35", "D29", "E9")
@examples
@given(st.sampled_from(SOURCES), st.lists(BRINGING | TAKING | REPLACING, max_size=12))
def test_the_oldest_money_is_spent_first_through_every_replacement(source, steps):
    walk = walked(source, steps)
    assert parts_of("account", walk.card_id) == walk.expected


@pytest.mark.proves("I35", "D29", "E9")
@examples
@given(
    st.sampled_from(SOURCES),
    st.lists(BRINGING | TAKING | RETURNING | REPLACING, max_size=14),
)
def test_refunds_put_back_of_each_source_what_their_purchase_took(source, steps):
    walk = walked(source, steps)
    for capture, left in walk.captures.items():
        back = Counter()
        for refund in models.Transfer.select().where(models.Transfer.parent == capture):
            back += parts_of("transfer", refund.id)
        taken = parts_of("transfer", capture)
        assert all(back[each] <= taken[each] for each in FUNDING)
        assert left or back == taken
    assert [each for each in audit.checks.run() if each.check.startswith("I35")] == []


@pytest.mark.proves("I35", "D29")
@examples
@given(st.sampled_from(SOURCES), st.lists(BRINGING | TAKING, max_size=10), AMOUNTS)
def test_a_purchase_that_is_given_back_leaves_the_card_as_it_was(source, steps, amount):
    walk = walked(source, steps)
    before = parts_of("account", walk.card_id)
    walk.captures.clear()
    walk.follow(("capture", "", amount))
    for part in (amount // 3, amount):
        walk.follow(("refund", "", part))
    assert parts_of("account", walk.card_id) == before


@pytest.mark.proves("D29")
def test_a_part_of_a_purchase_comes_back_of_the_money_that_it_took_last():
    walk = walked("goodwill", [("top_up", "sales", 30), ("capture", "", 45)])
    (capture,) = walk.captures
    assert parts_of("transfer", capture) == {"goodwill": 20, "sales": 25}
    walk.follow(("top_up", "goodwill", 7))
    walk.follow(("refund", "", 10))
    assert parts_of("account", walk.card_id) == {"goodwill": 7, "sales": 15}
    walk.follow(("refund", "", 20))
    assert parts_of("account", walk.card_id) == {"goodwill": 12, "sales": 30}


@pytest.mark.proves("D29")
def test_a_correction_downwards_first_undoes_one_upwards():
    walk = walked("sales", [("up", "", 10), ("down", "", 10)])
    assert parts_of("account", walk.card_id) == {"sales": 20}
    walk.follow(("down", "", 5))
    assert parts_of("account", walk.card_id) == {"sales": 15}


@pytest.mark.proves("D29", "E9")
def test_what_is_left_of_each_credit_is_known_the_oldest_first():
    walk = walked(
        "goodwill",
        [("top_up", "sales", 30), ("capture", "", 25), ("replace", "", 0), ("up", "", 5)],
    )
    found = ledger.funding.remainders(walk.card_id, cards.find(walk.card_id).parts)
    assert [(remainder.source, remainder.left_minor) for remainder in found] == [
        ("goodwill", 0),
        ("sales", 25),
        ("adjustments", 5),
    ]
    held = ledger.funding.after_spending(found, 26)
    assert [remainder.left_minor for remainder in held] == [0, 0, 4]
    sold = str(found[1].credit_id)
    assert ledger.funding.left_of(sold, found) == 25
    walk.follow(("refund", "", 21))
    again = ledger.funding.remainders(walk.card_id, cards.find(walk.card_id).parts)
    assert ledger.funding.left_of(sold, again) == 46
