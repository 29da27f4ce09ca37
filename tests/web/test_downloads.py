"""Lists as files: what the current search finds, in CSV and XLSX, without codes."""

import csv
import io
from decimal import Decimal

import pytest

from giftweb.domain import cards, customers
from giftweb.domain.sheet_files import SheetFile
from giftweb.models import AuditEntry
from tests.factories import AGENT, SYSTEM, amount_of, goods, make_card
from tests.orders import place

pytestmark = pytest.mark.proves("B8", "E46")


@pytest.fixture
def desk(staff_client):
    return staff_client("customer_service")


def rows_of(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200
    (_, header), *rows = SheetFile(answer.data).rows()
    return [dict(zip(header, cells, strict=True)) for _, cells in rows]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_cards_of_a_search(desk, suffix):
    issued = make_card("50.00 USD", holder="ann@example.com")
    make_card("20.00 USD", holder="bob@example.com")
    answer = desk.get(f"/staff/gift-cards/gift-cards.{suffix}?q=ann@example.com")
    (row,) = rows_of(answer)
    assert (row["id"], Decimal(row["balance"])) == (issued.card.id, 50)
    assert issued.code.encode() not in answer.data


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_movements_of_the_cards_of_a_search(desk, suffix):
    card = make_card("50.00 USD", holder="ann@example.com", source="sales")
    cards.top_up(card.card.id, amount=amount_of("5.00 USD"), by=SYSTEM)
    order = place(goods("20.00 USD"), cards=[card])
    make_card("20.00 USD", holder="bob@example.com")
    rows = rows_of(desk.get(f"/staff/gift-cards/transfers.{suffix}?q=ann@example.com"))
    assert [row["kind"] for row in rows] == ["issue", "top_up", "capture"]
    assert rows[2]["order_reference"] == order.reference
    assert [Decimal(row["amount"]) for row in rows] == [50, 5, -20]
    assert Decimal(rows[2]["sales"]) == -20


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_orders_of_a_search(desk, suffix):
    order = place(goods("20.00 USD"), customer_email="ann@example.com")
    place(goods("30.00 USD"), customer_email="bob@example.com")
    (row,) = rows_of(desk.get(f"/staff/orders/orders.{suffix}?q=ann@example.com"))
    assert (row["number"], row["customer_email"]) == (str(order.number), "ann@example.com")
    assert Decimal(row["total"]) == 29


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_customers_of_a_search(desk, suffix):
    customers.register(email="ann@example.com", name="Ann", by=AGENT)
    customers.register(email="bob@example.com", name="Bob", by=AGENT)
    (row,) = rows_of(desk.get(f"/staff/customers/customers.{suffix}?q=ann"))
    assert (row["email"], row["name"]) == ("ann@example.com", "Ann")
    entry = AuditEntry.get(AuditEntry.action == "customer.list_downloaded")
    assert entry.actor_id == desk.person.id


def test_lists_lead_to_their_files(desk):
    customers.register(email="ann@example.com", name="Ann", by=AGENT)
    shown = desk.get("/staff/customers/?q=ann&suffix=x").text
    assert "/staff/customers/customers.xlsx?q=ann" in shown
    assert desk.get("/staff/customers/customers.pdf").status_code == 404


def test_no_cell_of_a_csv_file_is_run(desk):
    customers.register(email="ann@example.com", name="=HYPERLINK(1)", by=AGENT)
    text = desk.get("/staff/customers/customers.csv").data.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["name"] == "'=HYPERLINK(1)"
