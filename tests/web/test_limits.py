"""The page of the limits: by role and currency, and Root alone changes them."""

import pytest

from giftweb.domain import limits, outbox
from giftweb.domain.mail import letters
from giftweb.web.mail.letters import write
from tests.factories import forget_passwords_entered, make_campaign, no_limits

PLACE = "/staff/approvals/limits"


def text_of(answer) -> str:
    return " ".join(answer.get_data(as_text=True).split())


@pytest.mark.proves("X7")
def test_before_anybody_has_set_any_the_defaults_are_in_force(staff_client):
    make_campaign(currency="EUR")
    page = text_of(staff_client("root").get(PLACE))
    for words in ("EUR", "Customer Service", "€100.00", "€5,000.00", "€10,000.00", "(default)"):
        assert words in page, words
    assert "Limits in USD" not in page


@pytest.mark.proves("D14", "E32")
def test_root_sets_the_limits_of_a_role_and_reads_what_has_happened(staff_client):
    root, place = staff_client("root"), f"{PLACE}/customer_service/JPY"
    form = {"single": "500", "receiver": "", "day": "2000", "codes": "3"}
    done = root.post(place, data=form)
    assert done.location == f"{PLACE}?currency=JPY"
    message = "Customer Service: the limits in JPY are changed. What you left empty has no limit."
    assert message in text_of(root.get(done.location))
    assert limits.terms.of("customer_service", "JPY") == limits.Terms(500, None, 2000)
    assert limits.terms.codes_of("customer_service") == 3
    assert limits.terms.of("root", "JPY") == limits.defaults.of("root", "JPY")


@pytest.mark.proves("E32")
def test_a_limit_that_is_cleared_is_reported_as_gone(staff_client):
    root, place = staff_client("root"), f"{PLACE}/root/USD"
    empty = {"single": "", "receiver": "", "day": "", "codes": ""}
    page = text_of(root.post(place, data=empty, follow_redirects=True))
    assert "Root: there is no limit in USD any more." in page
    assert "are set" not in page
    assert limits.terms.of("root", "USD") == limits.Terms(None, None, None)
    assert limits.terms.codes_of("root") is None


@pytest.mark.proves("E32")
@pytest.mark.parametrize("cleared", ["single", "receiver", "day"])
def test_a_limit_that_is_cleared_beside_others_is_not_reported_as_set(staff_client, cleared):
    root, place = staff_client("root"), f"{PLACE}/customer_service/USD"
    amounts = {"single": "50", "receiver": "60", "day": "70", "codes": "3"}
    assert "are set." in text_of(root.post(place, data=amounts, follow_redirects=True))
    page = text_of(root.post(place, data=amounts | {cleared: ""}, follow_redirects=True))
    assert "the limits in USD are changed. What you left empty has no limit." in page
    assert "are set." not in page
    assert "are set." in text_of(
        root.post(place, data=amounts | {cleared: "", "codes": "4"}, follow_redirects=True)
    )


@pytest.mark.proves("E32")
def test_the_number_of_codes_is_a_limit_like_the_others(staff_client):
    root, place = staff_client("root"), f"{PLACE}/customer_service/USD"
    amounts = {"single": "50", "receiver": "60", "day": "70"}
    root.post(place, data=amounts | {"codes": "3"})
    page = text_of(root.post(place, data=amounts | {"codes": ""}, follow_redirects=True))
    assert "the limits in USD are changed. What you left empty has no limit." in page
    nothing = dict.fromkeys(amounts, "")
    page = text_of(root.post(place, data=nothing | {"codes": "3"}, follow_redirects=True))
    assert "the limits in USD are changed. What you left empty has no limit." in page
    assert "there is no limit" not in page


def test_the_bonus_of_a_campaign_has_no_receiver_and_no_codes(staff_client):
    root, place = staff_client("root"), f"{PLACE}/bonus/USD"
    page = root.get(place).get_data(as_text=True)
    assert 'name="single"' in page
    assert 'name="receiver"' not in page
    assert 'name="codes"' not in page
    root.post(place, data={"single": "50.00", "day": "70.00", "receiver": "1.00", "codes": "2"})
    assert limits.terms.of("bonus", "USD") == limits.Terms(5000, None, 7000)


@pytest.mark.parametrize(
    ("field", "typed"), [("single", "ten"), ("day", "-1"), ("codes", "2.5"), ("codes", "10001")]
)
def test_what_cannot_be_read_is_shown_on_its_field(staff_client, field, typed):
    root = staff_client("root")
    answer = root.post(
        f"{PLACE}/customer_service/USD", data={"single": "1", "day": "1"} | {field: typed}
    )
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.get_data(as_text=True)
    assert not limits.terms.is_set("customer_service", "USD")


@pytest.mark.parametrize("place", ["marketing/USD", "customer_service/XXQ", "nobody/USD"])
def test_what_has_no_limits_has_no_page(staff_client, place):
    assert staff_client("root").get(f"{PLACE}/{place}").status_code == 404


@pytest.mark.proves("X7")
def test_nobody_changes_a_limit_without_the_password_and_without_the_role(staff_client):
    root, place = staff_client("root"), f"{PLACE}/root/USD"
    forget_passwords_entered()
    assert root.post(place, data={"single": ""}).location.startswith("/staff/confirm?next=")
    assert staff_client("customer_service_admin").post(place).status_code == 403
    assert not limits.terms.is_set("root", "USD")


def test_a_currency_nobody_sells_in_can_be_looked_at(staff_client):
    root = staff_client("root")
    no_limits("CHF")
    page = text_of(root.get(f"{PLACE}?currency=krw"))
    for words in ("CHF", "No limit", "KRW", "₩100,000"):
        assert words in page, words


@pytest.mark.proves("X7")
def test_every_root_is_mailed_what_was_changed(staff_client, mailbox, app):
    root, other = staff_client("root"), staff_client("root")
    staff_client("customer_service_admin")
    root.post(f"{PLACE}/customer_service/USD", data={"single": "999.00", "codes": "10"})
    notices = [mail for mail in mailbox.all() if mail.kind == "house_notice"]
    assert [mail.to for mail in notices] == [root.person.email, other.person.email]
    mail = outbox.mails.of_address(other.person.email)[0]
    with app.app_context():
        written = write(letters.gather(mail))
    for words in (root.person.name, "Customer Service", "USD", "limits?currency=USD"):
        assert words in written.text, words
