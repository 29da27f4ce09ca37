"""Values filled by peewee and by plain SQL, and rows made of values: one list of names for all."""

from dataclasses import dataclass
from datetime import date, datetime

import pytest

from giftweb import database
from giftweb.database import records
from giftweb.domain import cards
from giftweb.domain.cards.values import Card
from giftweb.models import Account, GiftCard, OrderItem
from tests.factories import make_card

READER = records.Reader(Card, g=GiftCard, a=Account)


@dataclass(frozen=True, slots=True)
class Slip:
    """Some of a card's columns, and one that is computed."""

    id: str
    is_test: bool
    balance_minor: int
    expires_on: date | None
    created_at: datetime
    doubled: int


def by_peewee(card: Card) -> list[Card]:
    found = records.select(Card, GiftCard, Account)
    return list(found.join(Account, on=Account.id == GiftCard.id).where(GiftCard.id == card.id))


def by_sql(card: Card) -> Card:
    sql = f"SELECT {READER.columns} FROM gift_card g JOIN account a ON a.id = g.id WHERE g.id = ?"
    return READER.read(database.row(sql, card.id))


def test_peewee_and_plain_sql_fill_the_same_value():
    card = make_card("50.00 USD", holder_name="Ann", expires_on=date(2099, 12, 31)).card
    assert by_peewee(card) == [by_sql(card)] == [cards.find(card.id)]


def test_a_field_may_be_computed_in_either_way():
    card = make_card("50.00 USD", is_test=True).card
    doubled = records.select(Slip, GiftCard, Account, doubled=Account.balance_minor * 2)
    (slip,) = doubled.join(Account, on=Account.id == GiftCard.id)
    assert (slip.doubled, slip.is_test, slip.created_at) == (10_000, True, card.created_at)
    reader = records.Reader(Slip, {"doubled": "a.balance_minor * 2"}, g=GiftCard, a=Account)
    row = database.row(f"SELECT {reader.columns} FROM gift_card g JOIN account a ON a.id = g.id")
    assert reader.read(row) == slip


def test_a_value_goes_back_into_the_columns_it_came_from():
    card = make_card("50.00 USD", expires_on=date(2099, 12, 31)).card
    row = records.stored(GiftCard, card, last4="0000")
    assert (row["expires_on"], row["last4"]) == ("2099-12-31", "0000")
    assert isinstance(row["created_at"], int)
    assert records.columns(GiftCard, card)["expires_on"] == card.expires_on
    assert "balance_minor" not in row


def test_a_field_that_is_no_column_is_an_error_at_once():
    with pytest.raises(LookupError, match="has a column balance_minor"):
        records.select(Card, GiftCard)
    with pytest.raises(KeyError, match="doubled"):
        records.Reader(Slip, g=GiftCard, a=Account)


def test_a_foreign_key_is_read_by_its_column(make_card):
    @dataclass(frozen=True)
    class Bought:
        id: str
        order_id: str

    assert "order_id" in records.select(Bought, OrderItem).sql()[0]
