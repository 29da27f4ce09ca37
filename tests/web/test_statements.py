"""The statement of settlement of each shop: whose cards were taken, who owes whom (B19)."""

import re
from datetime import timedelta
from html import unescape

import pytest

from giftweb import clock
from giftweb.domain import audit, refunds, reports
from tests.factories import AGENT, amount_of, goods, make_campaign, make_card
from tests.orders import paid_by, place
from tests.web.test_paper import words

pytestmark = pytest.mark.proves("B19", "D25")


@pytest.fixture(params=["summed up", "not summed up"])
def shops(request):
    """B took 30.00 of A's card and gave 12.00 back; A took 5.00 of B's; B took 7.00 of the
    house's. Last month B took 1.00 of A's."""
    a, b = (make_campaign(name).id for name in ("Ana & Co", "Bücher Müller"))
    card = make_card("50.00 USD", campaign_id=a)
    with clock.moved(timedelta(days=-40)):
        old = make_card("1.00 USD", campaign_id=a)
        pay("1.00 USD", old, b)
    order = pay("30.00 USD", card, b, reference="B-77")
    refunds.refund(paid_by(order, "gift_card").id, amount=amount_of("12.00 USD"), by=AGENT)
    pay("5.00 USD", make_card("5.00 USD", campaign_id=b), a)
    pay("7.00 USD", make_card("7.00 USD"), b)
    pay("3.00 USD", make_card("3.00 USD", campaign_id=b), b)
    test = make_card("9.00 USD", campaign_id=a, is_test=True)
    place(goods("9.00 USD"), cards=[test], campaign_id=b, is_test=True)
    if request.param == "summed up":
        audit.checkpoints_by_day.write_all()
    return a, b


def pay(amount, card, campaign_id, **more):
    return place(goods(amount), cards=[card], campaign_id=campaign_id, shipping="0.00 USD", **more)


def period() -> str:
    today = clock.today()
    return f"from={today - timedelta(days=5)}&until={today}"


def test_each_shop_sees_who_owes_whom(shops, staff_client):
    a, b = shops
    finance = staff_client("finance")
    page = unescape(finance.get(f"/staff/reports/settlement/{b}?{period()}").text)
    assert "Ana & Co owes Bücher Müller $13.00." in page
    assert "Head office (no campaign) owes Bücher Müller $7.00." in page
    assert "Gift cards of Ana & Co, taken by Bücher Müller" in page
    assert "$18.00" in page
    assert "$3.00" not in page
    assert "$9.00" not in page
    other = unescape(finance.get(f"/staff/reports/settlement/{a}?{period()}").text)
    assert "Ana & Co owes Bücher Müller $13.00." in other
    assert "$7.00" not in other
    (link, *_) = re.findall(r'href="(/staff/reports/transfers[?][^"]*)"', other)
    assert "No transfer is behind it" not in finance.get(link).text


def test_its_sums_are_those_of_the_settlement(shops):
    _, b = shops
    wanted = reports.wanted()
    found = reports.statements.find(b, wanted)
    sums = {
        (section.issuer_id, section.acceptor_id): section.total.owed.minor
        for section in found.sections
    }
    report = reports.find("settlement", wanted)
    assert sums == {
        (row["issuer_campaign_id"], row["acceptor_campaign_id"]): row["owed"] for row in report.rows
    }
    entries = list(reports.statements.entries(b, wanted))
    assert sum(entry.amount.minor for entry in entries) == sum(sums.values())


def test_it_is_handed_over_as_a_pdf(shops, staff_client):
    _, b = shops
    finance = staff_client("finance")
    answer = finance.get(f"/staff/reports/settlement/{b}.pdf?{period()}")
    assert answer.mimetype == "application/pdf"
    text = words(answer.data)
    assert "Ana & Co owes Bücher Müller $13.00." in text
    assert "Gift cards of Ana & Co, taken by Bücher Müller" in text
    for figure in ("$30.00", "$12.00", "$18.00"):
        assert figure in text
    assert b"/MediaBox [0 0 595" in answer.data
    letter = finance.get(f"/staff/reports/settlement/{b}.pdf?paper=letter")
    assert b"/MediaBox [0 0 612" in letter.data


def test_its_file_has_every_transfer(shops, staff_client):
    _, b = shops
    finance = staff_client("finance")
    text = finance.get(f"/staff/reports/settlement/{b}.csv?{period()}").text
    assert text.count("\n") == 5
    assert '"Ana & Co","Bücher Müller","capture"' in text
    assert '"B-77","30.00","USD"' in text
    assert '"B-77","-12.00","USD"' in text
    workbook = finance.get(f"/staff/reports/settlement/{b}.xlsx?{period()}")
    assert workbook.data.startswith(b"PK")


def test_the_settlement_leads_to_the_statement_of_each_shop(shops, staff_client):
    finance = staff_client("finance")
    page = finance.get(f"/staff/reports/settlement?{period()}").text
    links = re.findall(r'href="(/staff/reports/settlement/cmp_[^"]*)"', page)
    assert len(links) == 2
    for link in links:
        assert "$" in finance.get(unescape(link)).text


def test_without_any_settlement_it_says_so(staff_client):
    shop = make_campaign("Alone").id
    finance = staff_client("finance")
    assert "Nothing to settle" in finance.get(f"/staff/reports/settlement/{shop}").text
    pdf = finance.get(f"/staff/reports/settlement/{shop}.pdf")
    assert "Nothing to settle" in words(pdf.data)
    wrong = finance.get(f"/staff/reports/settlement/{shop}?from=2027-02-01&until=2027-01-01")
    assert "The period ends before it begins." in wrong.text
    assert finance.get("/staff/reports/settlement/cmp_none").status_code == 404
    assert finance.get(f"/staff/reports/settlement/{shop}.txt").status_code == 404


@pytest.mark.parametrize(("role", "status"), [("marketing", 403), ("root", 200), ("cashier", 403)])
def test_only_finance_and_root_see_it(staff_client, role, status):
    shop = make_campaign("Alone").id
    client = staff_client(role)
    for address in (shop, f"{shop}.pdf", f"{shop}.csv"):
        assert client.get(f"/staff/reports/settlement/{address}").status_code == status
