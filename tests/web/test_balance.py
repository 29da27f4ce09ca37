"""The balance page: what a code shows, what is wrong, what it never tells (S53 to S55, B6)."""

import html
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from giftweb import clock, codes, database
from giftweb.domain import cards, carts, checkout, throttle
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards.import_terms import Terms
from giftweb.money import Money
from tests.factories import ADMIN, AGENT, goods, make_campaign
from tests.proofs import solve

HTMX = {"HX-Request": "true"}
ELSEWHERE = {"REMOTE_ADDR": "198.51.100.1"}
COLUMNS = ["Transaction id", "Order Reference", "Type", "Date", "Amount"]


def ask(client, code: str, *, before: str | None = None, **options):
    """The answer to a typed code."""
    form = {"code": code} | ({} if before is None else {"before": before})
    return client.post("/balance", data=form, **options)


def words(answer) -> str:
    """What a person reads."""
    text = re.sub(r"<(script|style|head).*?</\1>", "", answer.text, flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def rows(answer) -> list[list[str]]:
    """The cells of the history."""
    body = re.search(r"<tbody>(.*?)</tbody>", answer.text, re.S)
    found = re.findall(r"<tr.*?</tr>", body[1], re.S) if body else []
    cells = (re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in found)
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells]


def placed_order(code: str, *, amount: str = "20.00 USD", reference: str = "WEB-7", make_checkout):
    """An order that the card paid."""
    opened = make_checkout(goods(amount), shipping="0.00 USD", reference=reference)
    carts.apply(opened.id, code=code)
    return checkout.capture(opened.id, tenders=(), by=SYSTEM)


def import_code(code: str) -> None:
    """A card with a code of another shop."""
    sheet = f"amount,currency,code\n5.00,USD,{code}\n".encode()
    cards.import_file.import_file(sheet, by=ADMIN, terms=Terms(accepts_guessable=True))


@pytest.mark.proves("S53", "S54")
@pytest.mark.parametrize("address", ["/", "/balance"])
def test_the_page_asks_for_nothing_but_the_code(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert re.findall(r'<input[^>]* name="(\w+)"', answer.text) == ["code"]


@pytest.mark.proves("S53", "S54")
def test_a_code_shows_status_balance_and_history(client, make_card):
    issued = make_card("50.00 USD")
    answer = ask(client, issued.code)
    assert answer.status_code == 200
    text = words(answer)
    for expected in ("$50.00", "Active", f"•••• {issued.card.last4}", "No expiry", "1 in all"):
        assert expected in text
    assert re.findall(r"<th [^>]*>(.*?)</th>", answer.text) == COLUMNS
    ((transaction, order, kind, at, amount),) = rows(answer)
    assert transaction.startswith("txn_")
    assert (order, kind, amount) == ("", "Issued", "+$50.00")
    assert at.startswith(f"{clock.now().day} ")


@pytest.mark.proves("S55", "D11")
def test_a_purchase_shows_the_orders_number_and_what_was_debited(client, make_card, make_checkout):
    issued = make_card("50.00 USD")
    order = placed_order(issued.code, make_checkout=make_checkout)
    cards.top_up(issued.card.id, amount=Money(500, "USD"), by=AGENT)
    recharged, purchase, first = rows(ask(client, issued.code))
    assert [row[2] for row in (recharged, purchase, first)] == ["Recharged", "Purchase", "Issued"]
    assert purchase[1] == f"{order.number} WEB-7"
    assert purchase[4] == "-$20.00"
    assert recharged[4] == "+$5.00"


@pytest.mark.proves("D9")
@pytest.mark.parametrize(
    "typed",
    [
        str.lower,
        codes.grouped,
        lambda code: f"  {' '.join(code)} ",
        lambda code: codes.grouped(code).replace("-", " – "),
        lambda code: code.replace("0", "o").replace("1", "l"),
        lambda code: code.replace("1", "I").replace("0", "O"),
    ],
)
def test_a_code_is_read_however_it_is_typed(client, make_card, typed):
    issued = make_card()
    answer = ask(client, typed(issued.code))
    assert answer.status_code == 200
    assert issued.card.last4 in words(answer)


@pytest.mark.proves("D9")
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the code of your gift card."),
        ("  ", "Enter the code of your gift card."),
        ("7GK2M", "This is not a gift card code."),
        ("7GK2M-XXXXX-XXXXY", "This is not a gift card code."),
        ("ÅÅÅÅÅ-ÅÅÅÅÅ-ÅÅÅÅÅ", "This is not a gift card code."),
        ("x" * 100_000, "This is not a gift card code."),
        ("<script>alert(1)</script>", "This is not a gift card code."),
    ],
)
def test_a_typing_error_is_reported_and_never_counted(client, typed, sentence):
    for _ in range(throttle.LOOK_UP.free + 5):
        answer = ask(client, typed)
        assert answer.status_code == 422
    assert sentence in words(answer)
    assert "<script>alert" not in answer.text


def test_an_error_keeps_what_was_typed(client):
    answer = ask(client, 'a "b" <c>')
    assert 'value="a &#34;b&#34; &lt;c&gt;"' in answer.text
    assert "<title>Error: " in answer.text


def test_an_unknown_code_has_its_own_sentence(client):
    answer = ask(client, codes.generate())
    assert answer.status_code == 404
    assert "No gift card has this code." in words(answer)


@pytest.mark.proves("B6")
def test_too_many_unknown_codes_have_to_wait(client):
    for _ in range(throttle.LOOK_UP.free + 1):
        assert ask(client, codes.generate()).status_code == 404
    answer = ask(client, codes.generate())
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    assert "Wait 1 second and try again." in words(answer)
    assert ask(client, codes.generate(), environ_base=ELSEWHERE).status_code == 404
    with clock.moved(timedelta(seconds=1)):
        assert ask(client, codes.generate()).status_code == 404


@pytest.mark.proves("B6", "X10")
def test_a_right_code_is_heard_whatever_others_do_from_the_same_address(client, make_card):
    issued = make_card()
    for _ in range(throttle.LOOK_UP.free + 3):
        ask(client, codes.generate())
    assert ask(client, codes.generate()).status_code == 429
    assert ask(client, issued.code).status_code == 200


@pytest.mark.proves("B6")
def test_a_thousand_wrong_codes_tell_nothing_and_disturb_nobody(client, make_card, monkeypatch):
    # A wait that does not end while the test runs, however slow the machine is.
    monkeypatch.setattr(throttle, "LOOK_UP", replace(throttle.LOOK_UP, first_wait=900))
    issued = make_card()
    reported = set()
    for number in range(1000):
        typed = codes.generate()
        answer = ask(client, typed)
        text = re.sub(r"Wait \d+", "Wait", answer.text.replace(typed, "CODE"))
        reported.add((answer.status_code, re.sub(r'data-challenge="[^"]+"', "", text)))
        if number % 100 == 50:
            assert ask(client, issued.code, environ_base=ELSEWHERE).status_code == 200
    statuses = sorted(status for status, _ in reported)
    assert set(statuses) == {404, 429}
    assert statuses.count(404) == 1
    assert statuses.count(429) <= 2


@pytest.fixture
def over_the_cap(monkeypatch):
    """As many codes have been wrong within this minute as are accepted from all addresses."""
    now = 1_800_000_000 * throttle.SECOND
    monkeypatch.setattr(clock, "micros", lambda: now + clock._offset_micros)
    monkeypatch.setattr(throttle, "LOOK_UP", replace(throttle.LOOK_UP, cap=40))
    for number in range(40):
        throttle.count(throttle.LOOK_UP, source=f"203.0.113.{number}")


@pytest.mark.proves("X10")
def test_guessing_from_everywhere_closes_the_page_to_nobody(client, make_card, over_the_cap):
    issued = make_card()
    assert ask(client, issued.code).status_code == 200
    assert ask(client, codes.generate()).status_code == 404
    assert ask(client, issued.code).status_code == 200
    waits = ask(client, codes.generate())
    assert waits.status_code == 429
    assert 0 < int(waits.headers["Retry-After"]) <= 60


@pytest.mark.proves("X10")
def test_a_second_typing_error_meanwhile_takes_a_proof_of_work_or_a_wait(client, over_the_cap):
    typed = codes.generate()
    assert ask(client, typed).status_code == 404
    waits = ask(client, typed)
    assert "Nothing is locked." in words(waits)
    proof = solve(re.search('data-challenge="([^"]+)"', waits.text)[1])
    assert client.post("/balance", data={"code": typed, "proof": proof}).status_code == 404
    assert client.post("/balance", data={"code": typed, "proof": proof}).status_code == 429
    with clock.moved(timedelta(minutes=1)):
        assert ask(client, typed).status_code == 404


@pytest.mark.proves("X17")
def test_a_short_code_of_an_import_waits_its_turn_even_when_it_is_right(client):
    import_code("12345678")
    assert ask(client, "12345678").status_code == 200
    for number in range(6):
        assert ask(client, f"8765432{number}").status_code == 404
    assert ask(client, "12345678").status_code == 429
    assert ask(client, "1234-5678", environ_base=ELSEWHERE).status_code == 200


@pytest.mark.proves("X17")
def test_above_sixty_wrong_short_codes_a_minute_all_prove_work(client, monkeypatch):
    now = 1_800_000_000 * throttle.SECOND
    monkeypatch.setattr(clock, "micros", lambda: now + clock._offset_micros)
    import_code("12345678")
    for number in range(60):
        there = {"REMOTE_ADDR": f"203.0.113.{number}"}
        assert ask(client, "87654321", environ_base=there).status_code == 404
    waits = ask(client, "12345678")
    assert waits.status_code == 429
    proof = solve(re.search('data-challenge="([^"]+)"', waits.text)[1])
    right = client.post("/balance", data={"code": "12345678", "proof": proof})
    assert right.status_code == 200


@pytest.mark.proves("B6")
def test_good_users_are_never_counted(client, make_card):
    issued = make_card()
    answers = {ask(client, issued.code).status_code for _ in range(100)}
    assert answers == {200}


@pytest.mark.proves("D12", "S53")
def test_every_status_is_stated_in_words(client, make_card, make_checkout):
    used, frozen, cancelled, replaced = (make_card("20.00 USD") for _ in range(4))
    placed_order(used.code, make_checkout=make_checkout)
    cards.freeze(frozen.card.id, by=AGENT)
    cards.endings.cancel(cancelled.card.id, by=AGENT)
    cards.endings.replace_card(replaced.card.id, by=ADMIN, reason="lost")
    expected = {
        used.code: ("$0.00", "Used up", "Nothing is left on this card."),
        frozen.code: ("$20.00", "Frozen", "cannot be used for now"),
        cancelled.code: ("$0.00", "Cancelled", "was withdrawn"),
        replaced.code: ("$0.00", "Replaced", "Use the code of the new card."),
    }
    for code, parts in expected.items():
        text = words(ask(client, code))
        for part in parts:
            assert part in text
    assert "Replaced" in [row[2] for row in rows(ask(client, replaced.code))]


@pytest.mark.proves("D12")
def test_a_card_says_until_when_it_is_good_and_that_it_is_over(client, make_card):
    issued = make_card(expires_on=clock.today() + timedelta(days=1))
    assert "Until" in words(ask(client, issued.code))
    with clock.moved(timedelta(days=3)):
        text = words(ask(client, issued.code))
    assert "Expired" in text
    assert "cannot be used any more" in text
    assert "No expiry" not in text


def test_reserved_money_is_shown_as_reserved(client, make_card, make_checkout):
    issued = make_card("50.00 USD")
    opened = make_checkout(goods("9.00 USD"), shipping="0.00 USD")
    carts.apply(opened.id, code=issued.code)
    assert "Reserved" not in words(ask(client, issued.code))
    checkout.authorise(opened.id, by=SYSTEM)
    text = words(ask(client, issued.code))
    assert "Balance $50.00" in text
    assert "Reserved for an open order -$9.00" in text
    assert "Left to spend $41.00" in text
    with clock.moved(timedelta(hours=1)):
        assert "Reserved" not in words(ask(client, issued.code))


@pytest.mark.proves("D17")
def test_a_test_card_says_test(client, make_card):
    assert "TEST" not in words(ask(client, make_card().code))
    text = words(ask(client, make_card(is_test=True).code))
    assert text.count("TEST") == 2
    assert "worth no money" in text


def history_of(client, make_card, count: int):
    issued = make_card()
    for number in range(1, count):
        cards.top_up(issued.card.id, amount=Money(number, "USD"), by=AGENT)
    return issued


def before_in(answer) -> str | None:
    found = re.search(r'name="before" value="(\d+)"', answer.text)
    return found and found[1]


@pytest.mark.proves("S55")
def test_a_long_history_has_pages(client, make_card):
    issued = history_of(client, make_card, 45)
    seen, before, heads = [], None, []
    while True:
        answer = ask(client, issued.code, before=before)
        seen += rows(answer)
        heads += re.findall(r"\d+ to \d+ of \d+", answer.text)
        before = before_in(answer)
        if before is None:
            break
    assert heads == ["1 to 20 of 45", "21 to 40 of 45", "41 to 45 of 45"]
    assert len({row[0] for row in seen}) == 45
    assert seen[0][4] == "+$0.44"
    assert seen[-1][2] == "Issued"


@pytest.mark.proves("S55")
@pytest.mark.parametrize(("count", "has_more"), [(19, False), (20, False), (21, True)])
def test_pages_begin_past_twenty_lines(client, make_card, count, has_more):
    answer = ask(client, history_of(client, make_card, count).code)
    assert len(rows(answer)) == min(count, 20)
    assert (before_in(answer) is not None) == has_more


@pytest.mark.parametrize("before", ["", "0", "-1", "x", "²", "9" * 30, "999999999", "1 OR 1=1"])
def test_a_strange_page_number_harms_nothing(client, make_card, before):
    issued = make_card()
    assert ask(client, issued.code, before=before).status_code == 200


def test_htmx_gets_the_part_of_the_page_that_changes(client, make_card):
    issued = history_of(client, make_card, 21)
    whole, part = ask(client, issued.code), ask(client, issued.code, headers=HTMX)
    assert "<!doctype html>" in whole.text
    assert part.text.startswith('<div class="balance" id="balance"')
    assert "hx-swap-oob" in part.text
    assert "hx-swap-oob" not in whole.text
    later = ask(client, issued.code, before=before_in(whole), headers=HTMX)
    assert later.text.startswith('<section class="box box-flush" id="history"')
    assert whole.headers["Vary"] == part.headers["Vary"] == "HX-Request"
    refused = ask(client, "nonsense", headers=HTMX)
    assert refused.status_code == 422
    assert refused.text.startswith('<div class="balance" id="balance"')


def test_the_page_knows_no_cookie_and_is_kept_nowhere(client, make_card):
    for answer in (client.get("/balance"), ask(client, make_card().code), ask(client, "x")):
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Cookie" not in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://[::bad"}, 403),
    ],
)
def test_a_form_of_another_site_is_refused(client, make_card, headers, status):
    assert ask(client, make_card().code, headers=headers).status_code == status


def test_the_code_stands_in_no_address(client, make_card):
    issued = make_card()
    answer = client.get(f"/balance?code={issued.code}")
    assert issued.card.last4 not in words(answer)
    text = ask(client, issued.code).text
    assert issued.code not in "".join(re.findall(r'(?:href|action|src|hx-\w+)="([^"]*)"', text))


def test_nobody_learns_whose_card_it_is(client, make_card):
    text = ask(client, make_card(holder="ann.smith@example.com", holder_name="Ann Smith").code).text
    assert "ann.smith" not in text
    assert "Ann Smith" not in text


@pytest.mark.proves("S53")
def test_the_page_carries_the_name_and_colour_of_the_cards_shop(client, make_card):
    shop = make_campaign(brand_name="O'Neil & Sons", brand_colour="teal")
    answer = ask(client, make_card(campaign_id=shop.id).code)
    assert "O'Neil & Sons" in words(answer)
    assert "<html" in answer.text
    assert 'lang="en" data-brand="teal"' in answer.text
    assert f'action="/balance?shop={shop.id}"' in answer.text


def test_a_shops_link_shows_its_name_before_a_code_is_typed(client):
    shop = make_campaign(brand_name="Harbour Books", brand_colour="plum")
    answer = client.get(f"/balance?shop={shop.id}")
    assert "Harbour Books" in words(answer)
    assert 'data-brand="plum"' in answer.text
    refused = client.post(f"/balance?shop={shop.id}", data={"code": "x"})
    assert "Harbour Books" in words(refused)


@pytest.mark.parametrize("shop", ["", "cmp_nobody", "<b>", "x" * 5000])
def test_a_strange_shop_harms_nothing(client, shop):
    answer = client.get("/balance", query_string={"shop": shop})
    assert answer.status_code == 200
    assert "Gift cards" in words(answer)


def test_percent_signs_and_marks_in_what_people_type_are_only_text(client, make_card):
    shop = make_campaign(brand_name="100% %(typed)s \x02typed\x03")
    answer = ask(client, make_card(campaign_id=shop.id).code)
    assert "100% %(typed)s" in words(answer)
    assert 'value="50%s"' in ask(client, "50%s").text


@pytest.mark.engines("postgresql")
def test_the_page_answers_again_when_the_server_was_away(client, engine, make_card):
    issued = make_card()
    assert ask(client, issued.code).status_code == 200
    backend = database.scalar("SELECT pg_backend_pid()")
    engine._owner.execute("SELECT pg_terminate_backend(%s)", (backend,))
    assert ask(client, issued.code).status_code == 200


def test_other_forms_than_a_browsers_are_read_too(client, make_card):
    issued = make_card()
    multipart = client.post(
        "/balance", data={"code": issued.code}, content_type="multipart/form-data"
    )
    assert multipart.status_code == 200
    assert client.post("/balance", json={"code": issued.code}).status_code == 422
    assert client.post("/balance").status_code == 422
    charset = {"content_type": "application/x-www-form-urlencoded; charset=UTF-8"}
    assert client.post("/balance", data=f"code={issued.code}", **charset).status_code == 200


def test_days_are_dates_of_the_calendar(client, make_card):
    issued = make_card(expires_on=date(2099, 1, 31))
    assert '<time datetime="2099-01-31">31 Jan 2099</time>' in ask(client, issued.code).text


def test_who_asks_for_the_head_alone_gets_no_page(client):
    whole, head = client.get("/balance"), client.head("/balance")
    assert head.data == b""
    assert head.headers == whole.headers
    assert int(head.headers["Content-Length"]) == len(whole.data)
