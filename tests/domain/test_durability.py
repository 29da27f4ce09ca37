"""Which commits wait for the disk: all that tell of money, and not a cart's.

Source: docs/decisions/0012-a-cart-does-not-wait-for-the-disk.md, I31.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from giftweb import database
from giftweb.database import transactional
from giftweb.domain import cards, carts, checkout
from giftweb.domain.audit import SYSTEM
from giftweb.errors import UnknownCode
from tests.factories import AGENT, amount_of, make_card, make_checkout


def is_durable() -> bool:
    """Whether a commit of this connection would wait for the disk now."""
    if database.is_postgres():
        return database.scalar("SHOW synchronous_commit") == "on"
    return database.scalar("PRAGMA synchronous") == 2


@transactional
def durable_verb() -> bool:
    return is_durable()


@transactional(durable=False)
def relaxed_verb(then: Callable[[], object] = is_durable) -> object:
    return then()


@contextmanager
def commits(monkeypatch) -> Iterator[list[bool]]:
    """Whether each commit was durable."""
    found: list[bool] = []
    handle = database.db.obj
    commit = handle.commit

    def noted() -> None:
        found.append(is_durable())
        commit()

    monkeypatch.setattr(handle, "commit", noted)
    yield found
    monkeypatch.undo()


@pytest.fixture(autouse=True)
def _synchronous(engine) -> Iterator[None]:
    """The test server does not wait for its disk; a connection may say what it would do."""
    if database.is_postgres():
        database.execute("SET synchronous_commit = on")
    yield
    database.close()


@pytest.mark.proves("I31")
def test_a_relaxed_verb_does_not_wait_and_the_next_one_on_the_same_connection_does():
    assert durable_verb()
    for _ in range(3):
        assert not relaxed_verb()
        assert is_durable()
        assert durable_verb()


@pytest.mark.proves("I31")
def test_after_a_relaxed_verb_that_failed_the_next_one_is_durable():
    def fail() -> None:
        raise UnknownCode

    with pytest.raises(UnknownCode):
        relaxed_verb(fail)
    assert is_durable()
    assert durable_verb()


@pytest.mark.proves("I31")
def test_a_relaxed_verb_leaves_the_durable_transaction_around_it_durable():
    with database.transaction():
        assert relaxed_verb()
        assert is_durable()
    assert not relaxed_verb(relaxed_verb)


@pytest.mark.proves("I31")
def test_a_durable_verb_cannot_be_part_of_a_relaxed_transaction():
    def open_transaction() -> None:
        with database.transaction():
            pytest.fail("this would be told done before it is")

    for verb in (durable_verb, open_transaction):
        with pytest.raises(RuntimeError, match="not durable"):
            relaxed_verb(verb)
    assert durable_verb()


@pytest.mark.proves("I31")
def test_only_the_cards_of_a_cart_are_written_without_waiting(monkeypatch):
    issued, opened = make_card("100.00 USD"), make_checkout()
    card_id, ten = issued.card.id, amount_of("10.00 USD")
    at_ease = (
        lambda: carts.apply(opened.id, code=issued.code),
        lambda: carts.limit(opened.id, card_id=card_id, most=ten),
        lambda: carts.reallocate(opened.id),
        lambda: carts.remove(opened.id, card_id=card_id),
    )
    with commits(monkeypatch) as found:
        for verb in at_ease:
            verb()
    assert found == [False] * 4
    carts.apply(opened.id, code=issued.code)
    money = (
        lambda: carts.change(opened.id, changes={"shipping_minor": 800}),
        lambda: checkout.authorise(opened.id, by=SYSTEM),
        lambda: checkout.void(opened.id, by=SYSTEM),
        lambda: cards.top_up(card_id, amount=ten, by=AGENT),
    )
    with commits(monkeypatch) as found:
        for verb in money:
            verb()
    assert len(found) >= 4
    assert all(found)
