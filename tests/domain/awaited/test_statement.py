"""A bank statement's lines: what fits exactly pays, and everything else says why it does not."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from giftweb import database
from giftweb.domain import awaited
from giftweb.domain.awaited.statement import MOST_LINES, Line, Problem
from giftweb.errors import Invalid
from tests.factories import ROOT, amount_of, goods, make_campaign
from tests.orders import paid_by, place


def awaited_order(reference: str = "W-1002", total: str = "1250.50 USD", **more):
    return place(
        goods(total),
        reference=reference,
        shipping=f"0 {total[-3:]}",
        method="bank_transfer",
        paid_as=more.pop("paid_as", reference),
        state="pending",
        **more,
    )


def line_of(text: str) -> Line:
    (line,) = awaited.statement.read(text)
    return line


@pytest.mark.proves("D21", "E1")
@pytest.mark.parametrize(
    "text",
    [
        "W-1002 1250.50",
        "W-1002\t1250,50",
        "1,250.50 W-1002",
        "2026-11-28;Ann Smith;W-1002;1.250,50",
        "28.11.2026\tSEPA credit Ann Smith\tw-1002\t+1 250,50",
        '"28.11.2026","Ann Smith","W-1002","1250.50"',
        "28.11. Ann Smith, ref: W-1002, USD 1250.50",
        "W-1002 $1,250.50",
        "W-1002: 1250.50 USD",
        "transfer 4711 W-1002 1250.50",
    ],
)
def test_a_line_with_the_reference_and_the_amount_pays_in_every_spelling(text):
    order = awaited_order()
    line = line_of(text)
    assert line.problem is None
    assert line.payment
    assert line.payment.order_number == order.number


@pytest.mark.proves("D21", "E1", "D28")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("W-1003 1250.50", Problem.NO_REFERENCE),
        ("W1002 1250.50", Problem.NO_REFERENCE),
        ("W-10021 1250.50", Problem.NO_REFERENCE),
        ("1250.50", Problem.NO_REFERENCE),
        ("W-1002", Problem.NO_AMOUNT),
        ("28.11.2026 W-1002", Problem.NO_AMOUNT),
        ("W-1002 1250.51", Problem.OTHER_AMOUNT),
        ("W-1002 1250", Problem.OTHER_AMOUNT),
        ("W-1002 1250.50 0.35", Problem.SEVERAL_AMOUNTS),
        ("W-1002 1.250", Problem.UNCLEAR_AMOUNT),
        ("W-1002 -1250.50", Problem.PAID_OUT),
        ("W-1002 1250.50-", Problem.PAID_OUT),
        ("W-1002 (1250.50)", Problem.NO_AMOUNT),
        ("W-1002 1250.50 EUR", Problem.OTHER_CURRENCY),
        ("W-1002 EUR 1250.50", Problem.OTHER_CURRENCY),
    ],
)
def test_a_line_that_does_not_fit_exactly_pays_nothing(text, problem):
    awaited_order()
    line = line_of(text)
    assert (line.payment, line.problem) == (None, problem)


@pytest.mark.proves("D21", "E1")
def test_what_could_mean_two_payments_is_left_to_a_person():
    first, second = awaited_order(), awaited_order("W-1003", "10.00 USD")
    both = line_of("W-1002 W-1003 1250.50")
    assert (both.problem, both.orders) == (Problem.SEVERAL_ORDERS, (first.number, second.number))
    twice = awaited.statement.read("W-1003 10.00\nW-1002 1250.50\n\nW-1003 10.00")
    assert [(each.number, each.problem) for each in twice] == [
        (1, Problem.TWICE),
        (2, None),
        (4, Problem.TWICE),
    ]
    same = awaited_order("W-1002", campaign_id=make_campaign(name="Another shop").id, paid_as="X-1")
    assert line_of("W-1002 1250.50").problem is Problem.SEVERAL_ORDERS
    assert line_of("X-1 1250.50").payment.order_number == same.number


@pytest.mark.proves("D21", "E1")
def test_a_payment_that_has_come_is_not_paid_again():
    order = awaited_order()
    awaited.receive(paid_by(order, "bank_transfer").id, by=ROOT)
    line = line_of("W-1002 1250.50")
    assert (line.problem, line.orders) == (Problem.NOT_AWAITED, (order.number,))


@pytest.mark.proves("D21", "E19")
def test_amounts_are_read_in_the_currency_of_their_order():
    dinars = awaited_order("K-1", "12.500 KWD", campaign_id=make_campaign(currency="KWD").id)
    yen = awaited_order("J-1", "5000 JPY", campaign_id=make_campaign(currency="JPY").id)
    lines = awaited.statement.read("K-1 12.500\nJ-1 5,000\nJ-1x 5000")
    assert [each.payment and each.payment.order_number for each in lines] == [
        dinars.number,
        yen.number,
        None,
    ]


@pytest.mark.proves("D21")
def test_an_empty_statement_and_one_too_long_are_refused_on_their_field():
    for text in (" \n\t\n", "W-1 1.00\n" * (MOST_LINES + 1)):
        with pytest.raises(Invalid) as caught:
            awaited.statement.read(text)
        assert caught.value.field == "statement"
    awaited_order()
    assert line_of(f"{'word ' * 50_000} W-1002 1250.50").payment


@pytest.mark.proves("D21")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(
        alphabet=st.sampled_from("W-1002 1250.,;\t'\"+$€EURUSD()x"), min_size=1, max_size=40
    ).filter(str.strip)
)
def test_no_line_pays_unless_it_says_both_word_for_word(text, once_awaited):
    for line in awaited.statement.read(text):
        if line.payment:
            assert "w-1002" in line.text.casefold()
            digits = "".join(each for each in line.text if each.isdigit())
            assert "125050" in digits


@pytest.fixture
def once_awaited():
    return awaited_order()


@pytest.mark.proves("D21", "E1")
def test_the_list_is_searched_by_amount_reference_customer_and_order():
    first = awaited_order(paid_as="B-77")
    second = awaited_order("W-2000", "25.00 USD")
    place(goods("25.00 USD"), reference="W-3000")

    def found(text: str = "", **more) -> list[int]:
        return [each.order_number for each in awaited.search.search(text, **more).items]

    assert found() == [first.number, second.number]
    assert found(sort="amount") == [second.number, first.number]
    for text in ("W-1002", "W-10", "B-77", "1,250.50", "1250.50 USD", "usd 1250,50"):
        assert found(text) == [first.number], text
    for text in ("25", "25.00", str(second.number), f"#{second.number}"):
        assert found(text) == [second.number], text
    for text in ("W-3000", "25.00 EUR", "12", "no such", "%", "10" * 30):
        assert found(text) == [], text
    assert found(mode="test") == []
    assert found("25", mode="live") == [second.number]
    assert amount_of("25.00 USD") == awaited.search.search("25").items[0].amount
    page = awaited.search.search(limit=1)
    assert page.count == 2
    assert [e.order_number for e in awaited.search.search(limit=1, after=page.after).items] == [
        second.number
    ]


def test_lines_that_name_nothing_cost_no_query_each(monkeypatch):
    awaited_order()
    sent, send = [], database.db.obj.execute_sql

    def note(sql, params=None):
        sent.append(sql)
        return send(sql, params)

    monkeypatch.setattr(database.db.obj, "execute_sql", note)
    counts = []
    for lines in (1, 100):
        del sent[:]
        found = awaited.statement.read("\n".join(f"X-{number} 5.00" for number in range(lines)))
        assert {line.problem for line in found} == {Problem.NO_REFERENCE}
        counts.append(len(sent))
    assert counts[0] == counts[1]
