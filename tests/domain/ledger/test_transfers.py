"""The ledger by itself: positions, movements, and the rows that they write."""

from datetime import timedelta

import pytest

from giftweb import clock, database, models
from giftweb.domain import audit, cards, ledger
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.ledger.transfers import CARD, Movement, Position
from giftweb.errors import NotFound
from tests.factories import make_card
from tests.orders import place

pytestmark = pytest.mark.tampers

TRANSFER = (
    *("id", "kind", "card_id", "from_account", "to_account", "amount_minor", "currency", "is_test"),
    *("version", "balance_after_minor", "created_at", "parent_id", "order_id", "audit_id"),
    *("idempotency_key", "sales_minor", "goodwill_minor", "promotions_minor", "imports_minor"),
    *("adjustments_minor", "seal"),
)
"""The columns of a transfer in the order in which its seal covers them."""
SOLD = {
    **{"sales_minor": 500, "goodwill_minor": 0, "promotions_minor": 0},
    **{"imports_minor": 0, "adjustments_minor": 0},
}


@pytest.fixture
def entry() -> str:
    """An entry of the log that transfers may name."""
    return audit.record(by=SYSTEM, action="test", subject="test")


def topping_up(entry: str, amount: int = 500, **more) -> Movement:
    return Movement("top_up", "sales", CARD, amount, entry, **more)


def account(card_id: str) -> dict:
    columns = tuple(models.Account._meta.columns)
    row = database.row(f"SELECT {', '.join(columns)} FROM account WHERE id = ?", card_id)
    found = dict(zip(columns, row, strict=True))
    return found | {"seal": bytes(found["seal"]), "is_test": bool(found["is_test"])}


def transfer(transfer_id: str) -> dict:
    row = database.row(f"SELECT {', '.join(TRANSFER)} FROM transfer WHERE id = ?", transfer_id)
    found = dict(zip(TRANSFER, row, strict=True))
    return found | {"seal": bytes(found["seal"]), "is_test": bool(found["is_test"])}


def locked(card_id: str) -> Position:
    return cards.locking.lock_one(card_id).position


@database.transactional
def posted(card_id: str, *movements: Movement, **more: int):
    position = locked(card_id)
    done = []
    for movement in movements:
        position, transfer_id = ledger.post(position, movement, **more)
        done.append(transfer_id)
    return position, done


def test_cards_are_locked_by_id_and_each_has_to_be_there():
    one, other = make_card("5.00 USD").card, make_card("7.00 EUR", is_test=True).card
    with database.transaction():
        found = cards.locking.lock([other.id, one.id, one.id])
    assert list(found) == sorted([one.id, other.id])
    usd, eur = found[one.id].position, found[other.id].position
    assert (usd.balance_minor, usd.currency) == (500, "USD")
    assert (eur.is_test, usd.is_test) == (True, False)
    with pytest.raises(NotFound), database.transaction():
        cards.locking.lock([one.id, "gc_nobody"])


def test_what_is_available_is_neither_spent_nor_held():
    card = make_card("5.00 USD").card
    with database.transaction():
        position = ledger.change_held(locked(card.id), 200)
    assert (position.available_minor, position.held_minor, position.version) == (300, 200, 1)
    assert (account(card.id)["held_minor"], account(card.id)["version"]) == (200, 1)
    with database.transaction():
        position = ledger.change_held(position, -50)
    assert (position.available_minor, account(card.id)["held_minor"]) == (350, 150)
    with pytest.raises(AttributeError):
        position.balance_minor = 1


@pytest.mark.proves("I1")
def test_a_movement_adds_to_the_card_or_takes_from_it(entry):
    assert topping_up(entry).effect_minor == 500
    assert Movement("capture", CARD, "redemptions", 500, entry).effect_minor == -500
    bare = topping_up(entry)
    assert (bare.parent_id, bare.order_id, bare.idempotency_key) == (None, None, None)
    with pytest.raises(AttributeError):
        bare.amount_minor = 1


@pytest.mark.proves("I4", "I7")
def test_a_transfer_is_written_with_all_that_its_movement_says(entry):
    card = make_card("5.00 USD").card
    first = database.scalar("SELECT id FROM transfer WHERE card_id = ?", card.id)
    before = account(card.id)
    named = {"parent_id": first, "order_id": place().id, "idempotency_key": "key"}
    position, (done,) = posted(card.id, topping_up(entry, **named))
    written = transfer(done)
    sealed = audit.seal(before["seal"], *list(written.values())[:-1])
    assert written == named | {
        **{"id": done, "kind": "top_up", "card_id": card.id, "audit_id": entry},
        **{"from_account": "sales", "to_account": card.id, "amount_minor": 500},
        **{"currency": "USD", "is_test": False, "version": 2, "balance_after_minor": 1000},
        **{"created_at": position.moved_at, "seal": sealed},
        **SOLD,
    }
    assert account(card.id) == before | {
        **{
            "balance_minor": 1000,
            "sales_minor": 500,
            "version": 2,
            "moved_at": position.moved_at,
            "seal": sealed,
        }
    }


@pytest.mark.proves("I4")
def test_the_times_of_one_card_rise_strictly_even_when_the_clock_stands_or_goes_back(entry):
    card = make_card("5.00 USD").card
    start = account(card.id)["moved_at"]
    with clock.moved(timedelta(hours=-1)):
        _, (one, two) = posted(card.id, topping_up(entry), topping_up(entry))
    assert transfer(one)["created_at"] == start + 1
    assert transfer(two)["created_at"] == start + 2
    with clock.moved(timedelta(hours=1)):
        _, (later,) = posted(card.id, topping_up(entry))
    assert transfer(later)["created_at"] > start + 3_599_000_000


def test_two_transfers_of_one_transaction_stand_on_each_other(entry):
    card = make_card("5.00 USD").card
    out = Movement("capture", CARD, "redemptions", 300, entry)
    position, (one, two) = posted(card.id, topping_up(entry), out)
    assert [transfer(each)["balance_after_minor"] for each in (one, two)] == [1000, 700]
    assert (transfer(two)["from_account"], transfer(two)["to_account"]) == (card.id, "redemptions")
    assert (account(card.id)["balance_minor"], position.balance_minor) == (700, 700)


@pytest.mark.proves("I10")
def test_a_transfer_frees_the_hold_that_it_captures_in_the_same_write(entry):
    card = make_card("5.00 USD").card
    with database.transaction():
        ledger.change_held(locked(card.id), 300)
    out = Movement("capture", CARD, "redemptions", 300, entry)
    position, _ = posted(card.id, out, freed_minor=300)
    kept = account(card.id)
    assert (kept["balance_minor"], kept["held_minor"], position.held_minor) == (200, 0, 0)


@pytest.mark.proves("I1")
@pytest.mark.parametrize(
    ("kind", "source", "target"),
    [("top_up", CARD, "sales"), ("capture", "redemptions", CARD), ("refund", "sales", CARD)],
)
def test_no_transfer_goes_where_its_kind_does_not(entry, kind, source, target):
    card = make_card("5.00 USD").card
    with pytest.raises(ValueError, match=rf"^no {kind} goes from {source} to {target}$"):
        posted(card.id, Movement(kind, source, target, 1, entry))


@pytest.mark.proves("I1")
@pytest.mark.parametrize("amount", [0, -1])
def test_a_transfer_moves_something(entry, amount):
    card = make_card("5.00 USD").card
    with pytest.raises(ValueError, match=r"^a transfer moves a positive amount$"):
        posted(card.id, topping_up(entry, amount))
    position, _ = posted(card.id, topping_up(entry, 1))
    assert position.balance_minor == 501


@pytest.mark.parametrize("is_test", [True, False])
def test_an_account_opens_empty_or_with_its_first_transfer(entry, is_test):
    first = Movement("issue", "goodwill", CARD, 250, entry)
    with database.transaction():
        empty, none = ledger.open_with("gc_a", currency="USD", is_test=is_test, movement=None)
        full, done = ledger.open_with("gc_b", currency="USD", is_test=is_test, movement=first)
    assert none is None
    assert account("gc_a") == {
        **{"id": "gc_a", "currency": "USD", "is_test": is_test, "balance_minor": 0},
        **{"held_minor": 0, "version": 0, "moved_at": empty.moved_at, "seal": b""},
        **dict.fromkeys(SOLD, 0),
    }
    written = transfer(done)
    assert account("gc_b") == account("gc_a") | {
        **{"id": "gc_b", "balance_minor": 250, "version": 1, "seal": written["seal"]},
        **{"goodwill_minor": 250, "moved_at": full.moved_at},
    }
    assert (written["version"], written["created_at"]) == (1, full.moved_at)
    assert (full.held_minor, full.available_minor) == (0, 250)


@pytest.mark.parametrize("is_test", [True, False])
def test_an_opening_is_what_open_with_writes(entry, is_test):
    first = Movement("issue", "imports", CARD, 250, entry)
    with database.transaction():
        position, opened = ledger.opening("gc_a", currency="USD", is_test=is_test, movement=first)
        _, done = ledger.open_with("gc_b", currency="USD", is_test=is_test, movement=first)
    alike = transfer(str(done))
    own = {"id", "card_id", "to_account", "created_at", "seal"}
    assert {name: opened[name] for name in opened if name not in own} == {
        name: alike[name] for name in alike if name not in own
    }
    assert tuple(opened) == TRANSFER
    *sealed, seal = opened.values()
    assert seal == audit.seal(b"", *sealed)
    assert ledger.account_row(position) == account("gc_b") | {
        "id": "gc_a",
        "moved_at": opened["created_at"],
        "seal": seal,
    }
