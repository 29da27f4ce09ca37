"""A file of gift cards from upload to cards: recognised, mapped, checked, imported."""

import io
from datetime import timedelta

import pytest

from giftweb import clock
from giftweb.database import transactional
from giftweb.domain import audit, cards, desk, imports
from giftweb.domain.limits import LimitExceeded
from giftweb.errors import Refused
from giftweb.models import CardImport, CardImportPart
from tests.factories import limit_to, make_staff, no_limits
from tests.orders import signed_in

pytestmark = pytest.mark.proves("B8")

HEAD = (
    "Code,Id,Last Characters,Customer Name,Email,Initial Balance,Current Balance,Currency,"
    "Expires On,Expired?,Enabled?"
)


def row(number: int, *, balance: str = "10.00", email: str = "ann@example.com") -> str:
    code = f"SHOP-{number * 7919 % 10**8:08}-{number:04}"
    return f"{code},{number},{number:04},Ann,{email},50.00,{balance},USD,,false,true"


def export(*rows: str) -> bytes:
    return "\r\n".join([HEAD, *rows]).encode()


@pytest.fixture
def lead(staff_client):
    no_limits("USD")
    return staff_client("customer_service_admin")


def upload(client, content: bytes, name: str = "gift_cards_export.csv") -> str:
    """Upload without script; the address of the file's page."""
    answer = client.post("/staff/imports/", data={"file": (io.BytesIO(content), name)})
    assert answer.status_code == 303, answer.text
    return answer.location


def check(client, page: str, **fields: str):
    """Press **Check the file** as it is mapped, and let the worker work."""
    text = client.get(page).text
    columns = {}
    for part in text.split('<select class="input mapping-choice" id="column-')[1:]:
        place = part.split('"')[0]
        chosen = part.split("</select>")[0].split(" selected>")[0].rpartition('value="')
        is_chosen = " selected>" in part.split("</select>")[0]
        columns[f"column-{place}"] = chosen[2].rstrip('"') if is_chosen else ""
    data = {"format": "auto", "campaign_id": "", "source": "", "accepts_guessable": "y"}
    answer = client.post(f"{page}/check", data=data | columns | fields)
    assert answer.status_code == 303, answer.text
    assert imports.work.next_file() == 1
    return client.get(page).text


def start(client, page: str) -> str:
    answer = client.post(f"{page}/start")
    assert answer.status_code == 303, answer.text
    imports.work.next_file()
    return client.get(page).text


def test_a_shops_file_is_recognised_mended_and_imported_with_its_old_codes(lead):
    rows = [row(number) for number in range(1, 41)]
    bad = [row(50, balance="ten"), row(51, email="nobody"), rows[3]]
    page = upload(lead, export(*rows, *bad))
    shown = lead.get(page).text
    assert "a file of Shopify" in shown
    assert "SHOP-00007919-0001" in shown
    refused = check(lead, page)
    assert "3 cells cannot be used" in refused
    assert "the same code stands in row 5" in refused
    assert list(cards.select()) == []
    page = upload(lead, export(*rows))
    checked = check(lead, page)
    assert "Import 40 gift cards" in checked
    assert "$400.00" in checked
    assert list(cards.select()) == []
    done = start(lead, page)
    assert "Imported" in done
    card = cards.find_by_code("shop 00007919 0001")
    assert (str(card.balance), card.holder_email) == ("10.00 USD", "ann@example.com")
    assert sum(each.balance_minor for each in cards.select()) == 40_000
    assert CardImportPart.select().where(CardImportPart.file == page[-30:]).count() == 0


def test_the_same_file_is_noticed(lead):
    content = export(row(1))
    page = upload(lead, content)
    check(lead, page)
    start(lead, page)
    again = upload(lead, content)
    assert "This very file was imported before" in lead.get(again).text
    assert "was imported on" in check(lead, again)
    assert len(list(cards.select())) == 1


def test_columns_are_mapped_and_what_is_wrong_with_the_first_rows_is_named(lead):
    page = upload(lead, b"Karte;Rest;W\r\nKARTE-0001-2345;5,00;EUR\r\n", "alt.csv")
    shown = lead.get(page).text
    assert "there is no such column" in shown
    mapped = {"column-0": "code", "column-1": "balance", "column-2": "currency"}
    checked = check(lead, page, **mapped, source="sales")
    assert "Import 1 gift card" in checked
    start(lead, page)
    card = cards.find_by_code("karte00012345")
    assert [part.source for part in card.funding] == ["sales"]


def test_what_is_no_file_of_cards_says_so(lead):
    page = upload(lead, b"PK\x03\x04 nonsense", "cards.xlsx")
    assert "Save it as CSV" in lead.get(page).text
    assert lead.post("/staff/imports/", data={}).status_code == 422


def test_above_a_limit_another_person_approves_the_import(staff_client):
    limit_to("100.00 USD")
    lead, root = staff_client("customer_service_admin"), staff_client("root")
    page = upload(lead, export(*[row(number) for number in range(1, 21)]))
    check(lead, page)
    answer = lead.post(f"{page}/start")
    assert "waits for another person" in lead.get(answer.location).text
    assert imports.work.next_file() == 0
    listed = root.get("/staff/approvals/").text
    assert "Import of gift cards" in listed
    approval = listed.split("/staff/approvals/apr_")[1].split('"')[0].split("/")[0]
    assert root.post(f"/staff/approvals/apr_{approval}/approval").status_code in (204, 303)
    assert imports.work.next_file() == 1
    assert len(list(cards.select())) == 20


def ask(client, content: bytes) -> tuple[str, desk.approvals.Approval]:
    """Have a file checked whose import is above the limit, and ask for it; its page, what waits."""
    limit_to("100.00 USD")
    page = upload(client, content)
    check(client, page)
    client.post(f"{page}/start")
    (waiting,) = desk.approvals.waiting()
    return page, waiting


TWO_AMOUNTS = b"code,amount,rank,currency\nABCD-2345-EFGH-6789,6000,950000,USD\n"
BY_RANK = {"column-1": "", "column-2": "amount"}


@pytest.mark.proves("X5")
def test_what_waits_for_another_person_is_neither_mapped_otherwise_nor_forgotten(staff_client):
    lead, root = staff_client("customer_service_admin"), staff_client("root")
    page, waiting = ask(lead, TWO_AMOUNTS)
    assert ("Worth", "$6,000.00") in waiting.details
    shown = lead.get(page).text
    assert "The import of this file waits" in shown
    assert "Check the file" not in shown
    assert "Forget this file" not in shown
    for verb, data in (("check", BY_RANK | {"format": "auto"}), ("discard", {})):
        answer = lead.post(f"{page}/{verb}", data=data)
        assert answer.status_code == 409
        assert "take that request back first" in answer.text
    with clock.moved(imports.files.KEPT * 2):
        assert imports.files.prune() == 0
    assert root.post(f"/staff/approvals/{waiting.id}/approval").status_code in (204, 303)
    assert imports.work.next_file() == 1
    assert [str(card.balance) for card in cards.select()] == ["6000.00 USD"]


@pytest.mark.proves("X5")
def test_what_was_declined_is_mapped_otherwise_and_asked_for_again(staff_client):
    lead, root = staff_client("customer_service_admin"), staff_client("root")
    page, waiting = ask(lead, TWO_AMOUNTS)
    root.post(f"/staff/approvals/{waiting.id}/refusal")
    check(lead, page, **BY_RANK)
    lead.post(f"{page}/start")
    (again,) = desk.approvals.waiting()
    assert ("Worth", "$950,000.00") in again.details
    root.post(f"/staff/approvals/{again.id}/refusal")
    with clock.moved(imports.files.KEPT * 2):
        assert imports.files.prune() == 1


@pytest.mark.proves("X5")
def test_a_file_that_is_mapped_otherwise_while_it_is_asked_for_is_not_imported(staff_client):
    limit_to("100.00 USD")
    lead, by = staff_client("customer_service_admin"), signed_in("customer_service_admin")
    page = upload(lead, TWO_AMOUNTS)
    check(lead, page)
    with pytest.raises(LimitExceeded) as exceeded:
        imports.files.start(page.rpartition("/")[2], by=by)
    check(lead, page, **BY_RANK)
    desk.asking.ask(exceeded.value, by=by)
    (waiting,) = desk.approvals.waiting()
    with pytest.raises(Refused, match="has changed since"):
        desk.approvals.approve(waiting.id, by=signed_in("root"))


@pytest.mark.proves("X5")
@pytest.mark.parametrize(
    "change",
    [
        {"mapping": {"amount": "", "rank": "amount", "code": "code", "currency": "currency"}},
        {"digest": "0" * 64},
        {"format": "square"},
        {"source": "sales"},
        {"accepts_guessable": False},
        {"result": {"cards": 1, "totals": {"USD": 95_000_000}}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_file_that_was_changed_in_spite_of_that_is_not_imported(staff_client, change):
    lead = staff_client("customer_service_admin")
    page, waiting = ask(lead, TWO_AMOUNTS)
    transactional(audit.seals.change)(CardImport, page.rpartition("/")[2], **change)
    with pytest.raises(Refused, match="has changed since"):
        desk.approvals.approve(waiting.id, by=signed_in("root"))
    assert imports.work.next_file() == 0


def test_a_file_that_comes_to_something_else_by_now_is_not_imported(lead):
    ending = export(row(1), row(2).replace("USD,,", f"USD,{clock.today() + timedelta(days=1)},"))
    page = upload(lead, ending)
    check(lead, page)
    with clock.moved(timedelta(days=3)):
        imports.files.start(page.rpartition("/")[2], by=signed_in("root"))
        assert imports.work.next_file() == 1
    assert list(cards.select()) == []
    assert "comes to something else" in lead.get(page).text


def test_nobody_imports_money_for_themselves_or_a_colleague(lead):
    colleague = make_staff()
    page = upload(lead, export(row(1, email=lead.person.email), row(2, email=colleague.email)))
    refused = check(lead, page)
    assert "2 cells cannot be used" in refused


@pytest.mark.proves("B17")
def test_the_worker_says_what_is_wrong_in_the_language_of_whoever_had_it_checked(lead):
    lead.post("/staff/account/language", data={"language": "de"})
    twice = check(lead, upload(lead, export(row(1), row(1))))
    assert "derselbe Code steht in Zeile 2" in twice


def test_parts_that_a_browser_sends_become_one_file(lead):
    content = export(*[row(number) for number in range(1, 9)])
    file_id = ""
    for place, end in ((0, 100), (100, 300), (300, len(content))):
        data = {
            "file_id": file_id,
            "name": "parts.csv",
            "part": (io.BytesIO(content[place:end]), "p"),
        }
        if end == len(content):
            data["is_last"] = "y"
        answer = lead.post("/staff/imports/parts", data=data).json
        file_id = answer.get("file_id", file_id)
    assert imports.content.sheet_of(file_id).open().read() == content
    assert "Import 8 gift cards" in check(lead, answer["href"])


def test_the_content_lies_sealed_and_goes_when_it_is_forgotten(lead):
    page = upload(lead, export(row(1)))
    parts = [bytes(part.content) for part in CardImportPart.select()]
    assert parts
    assert all(b"SHOP" not in part for part in parts)
    assert lead.post(f"{page}/discard").status_code == 303
    assert CardImportPart.select().count() == 0
    assert "Forgotten" in lead.get("/staff/imports/").text


def test_a_file_that_nobody_imports_is_forgotten_by_itself(lead):
    upload(lead, export(row(1)))
    assert imports.files.prune() == 0
    with clock.moved(imports.files.KEPT * 2):
        assert imports.files.prune() == 1
    assert CardImport.get().state == "discarded"


def test_a_busy_file_draws_itself_again_and_works_without_script(lead):
    page = upload(lead, export(row(1)))
    lead.post(f"{page}/check", data={"format": "auto", "campaign_id": "", "source": ""})
    shown = lead.get(page).text
    assert 'hx-trigger="every 1s"' in shown
    assert "Look again" in shown
    assert lead.post(f"{page}/check", data={"format": "auto"}).status_code == 409


def test_a_worker_that_died_is_followed_by_another(lead):
    page = upload(lead, export(row(1)))
    lead.post(f"{page}/check", data={"format": "auto", "campaign_id": "", "source": ""})
    assert imports.work._claim() is not None
    assert imports.work.next_file() == 0
    with clock.moved(imports.work.LEASE * 2):
        assert imports.work.next_file() == 1
