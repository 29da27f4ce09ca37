"""Which language a page is in, and where the choice is kept."""

import html
import re

import pytest

from giftweb import language
from giftweb.domain import outbox, staff
from giftweb.domain.mail.letters import gather
from giftweb.web.http import languages
from giftweb.web.mail import letters
from giftweb.web.text import browsers
from tests.factories import make_campaign
from tests.orders import signed_in


def language_of(answer) -> str:
    return re.search(r'<html lang="([\w-]+)"', answer.text)[1]


@pytest.mark.proves("B17")
@pytest.mark.no_database
@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("it,fr-CH;q=0.7,en;q=0.8", "en"),
        ("fr-CH, en;q=0.5", "fr"),
        ("pt-BR;q=0.9", "pt"),
        ("it, ja", None),
        ("de;q=0, es", "es"),
        ("de;q=much, es;q=0.1", "es"),
        ("", None),
        ("*", None),
    ],
)
def test_the_browser_asks_for_a_language_by_weight(header, found):
    assert languages.accepted(header) == found


@pytest.mark.proves("B17")
def test_a_link_goes_before_the_browser(client):
    headers = {"Accept-Language": "fr"}
    assert language_of(client.get("/balance", headers=headers)) == "fr"
    assert language_of(client.get("/balance?lang=de", headers=headers)) == "de"
    assert language_of(client.get("/balance?lang=xx", headers=headers)) == "fr"
    assert language_of(client.get("/balance")) == "en"


@pytest.mark.proves("B17", "S54")
def test_the_balance_page_sets_no_cookie_for_its_language(client):
    assert client.get("/balance?lang=de").headers.getlist("Set-Cookie") == []


@pytest.mark.proves("B17")
def test_a_chosen_language_is_kept_where_cookies_are_set_anyway(client):
    address = f"/shop/{make_campaign().id}/"
    chosen = client.get(f"{address}?lang=es")
    assert language_of(chosen) == "es"
    assert any("giftweb_language=es" in each for each in chosen.headers.getlist("Set-Cookie"))
    assert language_of(client.get(address, headers={"Accept-Language": "fr"})) == "es"
    assert language_of(client.get(f"{address}?lang=en")) == "en"
    assert language_of(client.get("/balance", headers={"Accept-Language": "fr"})) == "en"


@pytest.mark.proves("B17")
def test_programs_are_answered_in_english(client):
    answer = client.get("/api/v1/gift-cards", headers={"Accept-Language": "de"})
    assert answer.status_code == 401
    assert "Schlüssel" not in answer.text


@pytest.mark.proves("B17")
def test_every_public_page_leads_to_itself_in_each_language(app):
    campaign = make_campaign(brand_name="Corner Shop")
    for address in ("/balance", f"/balance?shop={campaign.id}", f"/shop/{campaign.id}/", "/login"):
        client = app.test_client()
        page = client.get(address, headers={"Accept-Language": "de"})
        links = dict(re.findall(r'<a href="([^"]+)" lang="(\w\w)"', page.text))
        assert sorted(links.values()) == sorted(language.LANGUAGES), address
        assert 'lang="de" hreflang="de" aria-current="true"' in page.text
        (spanish,) = [html.unescape(link) for link, code in links.items() if code == "es"]
        assert f"shop={campaign.id}" in spanish or "?shop=" not in address
        found = client.get(spanish if spanish.startswith("/") else address.split("?")[0] + spanish)
        assert language_of(found) == "es", address


@pytest.mark.proves("B17", "S54")
def test_a_typing_error_in_a_code_is_named_in_the_readers_language(client, make_card):
    code = make_card("25.00 USD").code
    answer = client.post("/balance?lang=de", data={"code": code[:-1]})
    assert "Das ist kein Gutscheincode. Prüfen Sie ihn auf Tippfehler" in answer.text


@pytest.mark.proves("B17", "S54")
def test_the_balance_page_keeps_its_language_without_a_cookie(client, make_card):
    code = make_card("25.00 USD").code
    page = client.get("/balance?lang=fr")
    action = re.search(r'action="([^"]+)"', page.text)[1]
    found = client.post(html.unescape(action), data={"code": code})
    assert language_of(found) == "fr"
    assert "25,00" in found.text


@pytest.mark.proves("B17")
def test_staff_choose_the_language_of_the_desk_whatever_their_browser_asks_for(staff_client):
    client, french = staff_client("root"), {"Accept-Language": "fr"}
    place = "/staff/account"
    assert '<html lang="fr"' in client.get(place, headers=french).text
    answer = client.post(f"{place}/language", data={"language": "de"}, headers=french)
    assert answer.status_code == 303
    page = client.get(place, headers=french).text
    assert '<html lang="de"' in page
    assert "Ihre Sprache ist gespeichert." in page
    assert '<html lang="es"' in client.get(f"{place}?lang=es", headers=french).text
    client.post(f"{place}/language", data={"language": ""})
    client.delete_cookie("giftweb_language")
    assert '<html lang="fr"' in client.get(place, headers=french).text
    assert client.post(f"{place}/language", data={"language": "xx"}).status_code == 422


@pytest.mark.proves("B17", "D14")
def test_a_mail_to_staff_is_in_the_language_that_they_chose(app):
    person = signed_in("root")
    staff.languages.choose("de", by=person)
    staff.notices.to_person("staff.password_changed", person_id=person.id)
    with app.test_request_context():
        (mail,) = outbox.mails.of_address(person.email)
        written = letters.write(gather(mail))
    assert '<html lang="de"' in written.html
    staff.languages.choose(None, by=person)
    with app.test_request_context():
        assert '<html lang="en"' in letters.write(gather(mail)).html


@pytest.mark.proves("B17")
@pytest.mark.no_database
def test_a_browser_is_named_in_the_readers_language():
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
    with language.use("de"):
        assert browsers.name_of(agent) == "Chrome unter Linux"
        assert browsers.name_of("") == "Unbekannter Browser"
    assert browsers.name_of(agent) == "Chrome on Linux"
