"""What the company owes (I33, B11)."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest

from giftweb import clock
from giftweb.domain import cards, refunds, reports, time_zones
from giftweb.web.text import charts
from tests.factories import ADMIN, AGENT, amount_of, goods, make_campaign, make_card
from tests.orders import paid_by, place

pytestmark = pytest.mark.proves("I33", "B11")


def owed(**asked) -> dict[str, int]:
    """What is owed in each currency."""
    found = reports.find("liability", reports.wanted(**asked))
    return {each["currency"]: each["amount"] for each in found.totals}


def test_the_report_is_the_sum_of_live_balances_by_source():
    make_card("50.00 USD")
    make_card("20.00 USD", source="sales", origin="purchase")
    make_card("99.00 USD", is_test=True)
    make_card("5.00 EUR")
    found = reports.find("liability", reports.wanted())
    assert [(row["currency"], row["source"], row["amount"]) for row in found.rows] == [
        ("EUR", "goodwill", 5_00),
        ("USD", "goodwill", 50_00),
        ("USD", "sales", 20_00),
    ]
    assert owed() == {"EUR": 5_00, "USD": 70_00}


def test_any_past_day_is_as_it_was():
    with clock.moved(-timedelta(days=10)):
        card = make_card("50.00 USD").card
    cards.adjust(card.id, change=-amount_of("30.00 USD"), reason="x", by=ADMIN)
    assert owed(as_of=clock.today() - timedelta(days=5)) == {"USD": 50_00}
    assert owed() == {"USD": 20_00}
    assert owed(as_of=clock.today() - timedelta(days=30)) == {}


def test_finance_reads_it_and_takes_it_away(staff_client):
    make_card("50.00 USD")
    finance = staff_client("finance")
    assert "$50.00" in finance.get("/staff/reports/").text
    assert "$50.00" in finance.get("/staff/reports/liability").text
    answer = finance.get("/staff/reports/liability.csv")
    assert '"USD","","goodwill","1","50.00"' in answer.text
    assert finance.get("/staff/reports/liability?as_of=nonsense").status_code == 200
    assert staff_client("marketing").get("/staff/reports/").status_code == 403


@pytest.mark.parametrize("name", reports.NAMES)
def test_every_report_has_a_page_and_files(staff_client, name):
    campaign = make_campaign()
    card = make_card("50.00 USD", source="promotions", campaign_id=campaign.id)
    place(goods("30.00 USD"), cards=[card], campaign_id=make_campaign().id)
    finance = staff_client("finance")
    page = finance.get(f"/staff/reports/{name}")
    assert page.status_code == 200
    assert "<td" in page.text
    assert f"/staff/reports/{name}.csv" in page.text
    assert finance.get(f"/staff/reports/{name}.csv").text.count("\n") > 1
    workbook = finance.get(f"/staff/reports/{name}.xlsx")
    assert workbook.data.startswith(b"PK")
    assert finance.get(f"/staff/reports/{name}.pdf").status_code == 404
    assert (
        "Nothing to report"
        in finance.get(
            f"/staff/reports/{name}?as_of=2001-01-01&from=2001-01-01&until=2001-01-01"
        ).text
    )
    for nonsense in ("campaign=cmp_none", "from=2002-01-01&until=2001-01-01"):
        answer = finance.get(f"/staff/reports/{name}?{nonsense}")
        assert answer.status_code == 200
        assert 'role="alert"' in answer.text


def test_a_figure_leads_to_the_transfers_behind_it(staff_client):
    issuer, acceptor = make_campaign("Issuer"), make_campaign("Acceptor")
    card = make_card("50.00 USD", campaign_id=issuer.id)
    place(goods("30.00 USD"), cards=[card], campaign_id=acceptor.id)
    make_card("7.00 USD")
    finance = staff_client("finance")
    page = finance.get("/staff/reports/movements").text
    link, of_total = re.findall(r'href="([^"]*transfers[^"]*movement=redeemed[^"]*)"', page)
    assert "campaign" not in of_total
    behind = finance.get(unescape(link)).text
    assert "-$30.00" in behind
    assert "$50.00" not in behind
    page = finance.get("/staff/reports/settlement").text
    links = re.findall(r'href="([^"]*/transfers[^"]*)"', page)
    assert "-$30.00" in finance.get(unescape(links[0])).text
    page = finance.get("/staff/reports/liability").text
    house, *_ = re.findall(r'href="([^"]*/transfers[^"]*campaign=none[^"]*)"', page)
    behind = finance.get(unescape(house)).text
    assert "$7.00" in behind
    assert "$50.00" not in behind


@pytest.mark.proves("D25")
@pytest.mark.parametrize(
    ("zone", "issued", "day"),
    [
        ("Pacific/Kiritimati", "2026-03-28T10:00", "2026-03-29"),
        ("Pacific/Kiritimati", "2026-03-28T09:59", "2026-03-28"),
        ("Europe/Berlin", "2026-03-29T21:59", "2026-03-29"),
        ("Europe/Berlin", "2026-03-29T22:00", "2026-03-30"),
        ("UTC", "2026-03-29T23:59", "2026-03-29"),
        ("America/New_York", "2026-03-30T03:59", "2026-03-29"),
        ("America/New_York", "2026-03-30T04:00", "2026-03-30"),
    ],
)
def test_its_day_is_a_day_of_the_shop(staff_client, zone, issued, day):
    """The 29th of March 2026 has 23 hours in Berlin."""
    make_campaign(time_zone=zone)
    with clock.moved(datetime.fromisoformat(issued).replace(tzinfo=UTC) - clock.now()):
        make_card("50.00 USD")
    on = date.fromisoformat(day)
    before = on - timedelta(days=1)
    assert owed(as_of=before) == {}
    assert owed(as_of=on) == {"USD": 50_00}
    finance = staff_client("finance")
    page = finance.get(f"/staff/reports/liability?as_of={on}").text
    assert f"({zone})" in page
    assert "$50.00" in page
    assert "$50.00" not in finance.get(f"/staff/reports/liability?as_of={before}").text
    assert "50.00" in finance.get(f"/staff/reports/liability.csv?as_of={on}").text
    assert "50.00" not in finance.get(f"/staff/reports/liability.csv?as_of={before}").text


@pytest.mark.proves("D25")
def test_the_day_of_shops_in_several_zones_is_utc():
    assert time_zones.of_house() == "UTC"
    make_campaign(time_zone="Asia/Tokyo")
    make_campaign(time_zone="Asia/Tokyo")
    assert time_zones.of_house() == "Asia/Tokyo"
    make_campaign()
    assert time_zones.of_house() == "UTC"


@pytest.mark.proves("D25")
def test_a_day_that_has_not_begun_in_the_shop_is_today(staff_client):
    make_campaign(time_zone="America/New_York")
    with clock.moved(datetime(2027, 1, 10, 3, tzinfo=UTC) - clock.now()):
        page = staff_client("finance").get("/staff/reports/liability?as_of=2027-01-10").text
    assert 'name="as_of" value="2027-01-09"' in page


LINKS = re.compile(r'href="(/staff/reports/transfers[?][^"]*)"')


@pytest.mark.parametrize("name", reports.NAMES)
def test_every_figure_of_every_report_leads_to_its_transfers(staff_client, name):
    issuer, acceptor = make_campaign("Issuer"), make_campaign("Acceptor")
    sold = make_card("50.00 USD", source="sales", campaign_id=issuer.id)
    bonus = make_card("20.00 USD", source="promotions", campaign_id=acceptor.id)
    place(goods("70.00 USD"), cards=[sold, bonus], campaign_id=acceptor.id, shipping="0.00 USD")
    make_card("9.00 USD", source="goodwill", campaign_id=issuer.id)
    finance = staff_client("finance")
    links = [unescape(link) for link in LINKS.findall(finance.get(f"/staff/reports/{name}").text)]
    assert links
    for link in links:
        behind = finance.get(link).text
        assert "No transfer is behind it" not in behind, link
        assert "$" in behind


SUMMED = ("liability", "ageing", "movements", "settlement", "campaigns", "bonuses")


@pytest.mark.parametrize("name", SUMMED)
@pytest.mark.parametrize("only", [False, True])
def test_the_transfers_behind_a_total_add_up_to_it(staff_client, name, only):
    issuer, acceptor = make_campaign("Issuer"), make_campaign("Acceptor")
    sold = make_card("50.00 USD", source="sales", campaign_id=issuer.id)
    bonus = make_card("20.00 USD", source="promotions", campaign_id=acceptor.id)
    order = place(goods("30.00 USD"), cards=[sold], campaign_id=acceptor.id, shipping="0.00 USD")
    refunds.refund(paid_by(order, "gift_card").id, amount=amount_of("1.00 USD"), by=AGENT)
    place(goods("3.00 USD"), cards=[bonus], campaign_id=issuer.id, shipping="0.00 USD")
    make_card("9.00 USD")
    make_card("4.00 USD", source="promotions", campaign_id=issuer.id)
    finance = staff_client("finance")
    address = f"/staff/reports/{name}?campaign={issuer.id if only else ''}"
    (total,) = re.findall(r"<tfoot>.*?</tfoot>", finance.get(address).text, re.DOTALL)
    figures = [pair for pair in re.findall(r'href="([^"]*)">(.*?)</a>', total) if "$" in pair[1]]
    assert figures
    for link, figure in figures:
        if "movement=redeemed" in link and name == "bonuses":
            continue
        behind = LINES.findall(finance.get(unescape(link)).text)
        assert abs(sum(map(minor, behind))) == abs(minor(figure)), link


LINES = re.compile(r'<td class="number" data-label="Amount">(.*?)</td>')


def minor(text: str) -> int:
    """An amount of a page in cents."""
    bare = re.sub(r"<[^>]*>|[^0-9-]", "", text)
    return int(bare)


@pytest.mark.parametrize(
    ("name", "column", "amounts", "others"),
    [
        ("ageing", "movement=came", ["$9.00"], ["-$"]),
        ("breakage", "movement=spent", ["-$30.00"], ["$50.00"]),
        ("life", "movement=ended", ["-$5.00"], ["-$30.00", "$50.00"]),
        ("campaigns", "movement=sold", ["$50.00", "$5.00"], ["-$"]),
        ("journal", "transfer=", [], []),
    ],
)
def test_the_transfers_behind_a_figure_are_its_own(staff_client, name, column, amounts, others):
    campaign = make_campaign()
    with clock.moved(-timedelta(days=100)):
        old = make_card("9.00 USD", source="goodwill")
    card = make_card("50.00 USD", source="sales", campaign_id=campaign.id)
    small = make_card("5.00 USD", source="sales", campaign_id=campaign.id)
    for spent, amount in ((card, "30.00 USD"), (small, "5.00 USD")):
        place(goods(amount), cards=[spent], campaign_id=campaign.id, shipping="0.00 USD")
    finance = staff_client("finance")
    links = LINKS.findall(finance.get(f"/staff/reports/{name}").text)
    found = [unescape(link) for link in links if column in link]
    if name == "ageing":
        found = [link for link in found if "campaign=none" in link]
    behind = finance.get(found[0]).text
    assert [amount for amount in amounts if amount not in behind] == []
    assert [amount for amount in others if amount in behind] == []
    assert (old.card.last4 in behind) == (name == "ageing")


@pytest.mark.no_database
def test_a_bar_below_zero_goes_to_the_left_of_those_above():
    drawn = charts.bars([("Sold", 300), ("<Spent>", -100)], str, "What moved")
    assert re.findall(r'<rect x="(\d+)" width="(\d+)"', drawn) == [("250", "750"), ("0", "250")]
    assert '<bdi>&lt;Spent&gt;</bdi> <span class="money">-100</span>' in drawn


def test_the_transfers_behind_a_figure_say_which_they_are(staff_client):
    finance = staff_client("finance")
    address = "/staff/reports/transfers"
    assert "Cards of October 2026" in finance.get(f"{address}?cohort=2026-10").text
    assert "(UTC)" in finance.get(f"{address}?until=2026-10-31").text
    assert "(UTC)" not in finance.get(f"{address}?transfer=txn_1").text
    assert finance.get(f"{address}?cohort=nonsense").status_code == 200
