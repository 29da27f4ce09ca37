"""Lists by page: any order, several ways to fit, a count that stops, and the indexes at work."""

from dataclasses import dataclass
from datetime import datetime

import peewee
import pytest
from peewee import JOIN

from giftweb import database
from giftweb.database import records
from giftweb.database.listings import Listing, literal
from giftweb.domain import search_terms
from giftweb.models import Account, GiftCard


@dataclass(frozen=True)
class Slip:
    """Some of a card's columns."""

    id: str
    last4: str
    holder_name: str | None
    balance_minor: int
    created_at: datetime


CARDS: Listing[Slip] = Listing(
    lambda: records.select(Slip, GiftCard, Account).join(
        Account, JOIN.LEFT_OUTER, on=Account.id == GiftCard.id
    ),
    key=GiftCard.id,
    sorts={
        "created": (GiftCard.created_at,),
        "holder": (peewee.fn.COALESCE(GiftCard.holder_name, ""),),
        "balance": (GiftCard.currency, Account.balance_minor),
    },
    default="-created",
    count_limit=4,
)
SORTED_BY = {
    "created": lambda slip: (slip.created_at, slip.id),
    "holder": lambda slip: (slip.holder_name or "", slip.id),
    "balance": lambda slip: (slip.balance_minor, slip.id),
}


@pytest.fixture
def four(make_card) -> list[Slip]:
    """Four cards, two of them with the same balance and two without a holder's name."""
    for amount, name in (("7", "Bo"), ("5", None), ("7", "Ann"), ("9", None)):
        make_card(f"{amount}.00 USD", holder_name=name)
    return list(CARDS.page(limit=9).items)


def walked(sort: str) -> list[str]:
    """Every id, a page of one at a time."""
    page = CARDS.page(sort=sort, limit=1)
    found = [*page.items]
    while page.has_more:
        page = CARDS.page(sort=sort, after=page.after, limit=1)
        found += page.items
    return [slip.id for slip in found]


@pytest.mark.parametrize("sort", CARDS.sorts)
def test_every_order_is_walked_without_a_gap_or_a_repetition(four, sort):
    wanted = sorted(four, key=SORTED_BY[sort.lstrip("-")], reverse=sort.startswith("-"))
    assert walked(sort) == [slip.id for slip in wanted]


def test_a_row_that_fits_in_two_ways_is_listed_and_counted_once(four):
    ways = (Account.balance_minor == 700, GiftCard.holder_name == "Ann")
    page = CARDS.page(ways, limit=9, uses_own_index=False)
    assert {slip.holder_name for slip in page.items} == {"Bo", "Ann"}
    assert (page.count, page.is_count_exact, page.has_more) == (2, True, False)


def test_counting_stops_and_too_many_to_sort_are_in_the_default_order(four, make_card):
    newest = make_card("1.00 USD").card.id
    page = CARDS.page(sort="balance", limit=2)
    assert (page.count, page.is_count_exact, page.sort) == (4, False, "-created")
    assert page.items[0].id == newest
    ways = (Account.balance_minor > 0, GiftCard.holder_name == "Ann")
    assert [slip.id for slip in CARDS.page(ways, limit=9).items] == walked("-created")


def test_a_page_without_a_count_knows_whether_more_follow(four):
    page = CARDS.uncounted([Account.balance_minor >= 700, GiftCard.last4 != ""], limit=2)
    rest = CARDS.uncounted([Account.balance_minor >= 700], after=page.after, limit=2)
    assert (page.count, page.has_more, len(rest.items), rest.has_more) == (None, True, 1, False)


def test_after_a_row_that_is_not_there_comes_everything(four):
    assert CARDS.page(after="gc_none", limit=9).items == tuple(four)
    assert CARDS.page(sort="no such order", limit=9).items == tuple(four)


def test_portions_hold_everything_once(four):
    portions = list(CARDS.portions([Account.balance_minor > 0], size=3))
    assert [len(portion) for portion in portions] == [3, 1]
    assert [slip for portion in portions for slip in portion] == four


def test_a_few_are_suggested(four):
    names = search_terms.person_begins(GiftCard.holder_name, "an")
    assert [slip.holder_name for slip in CARDS.suggest(names, limit=3)] == ["Ann"]


def plan_of(query: peewee.Node) -> str:
    sql, params = query.sql()
    return "\n".join(str(line[-1]) for line in database.rows(f"EXPLAIN QUERY PLAN {sql}", *params))


@pytest.mark.engines("sqlite")
def test_ways_are_counted_by_their_indexes_and_without_the_joined_table():
    ways = [
        GiftCard.last4 == "7K2Q",
        (GiftCard.state != literal("open")) & (GiftCard.state == literal("frozen")),
        *search_terms.person_begins(GiftCard.holder_name, "smith"),
    ]
    plan = plan_of(CARDS._ids(ways, 11).bind(database.db))
    for index in ("last4", "state", "holder_name", "holder_last_name"):
        assert f"INDEX gift_card_{index} " in plan
    assert "sqlite_autoindex_account" not in plan
    assert "SCAN t" not in plan


@pytest.mark.engines("sqlite")
def test_the_next_page_of_the_newest_is_read_from_an_index(four):
    columns = CARDS._columns["created"]
    (beyond,) = CARDS._beyond(columns, True, four[1].id)
    query = CARDS._query().where(beyond).order_by(*(column.desc() for column in columns)).limit(2)
    plan = plan_of(query)
    assert "gift_card_created ((created_at,id)<(?,?))" in plan
    assert "TEMP B-TREE" not in plan
