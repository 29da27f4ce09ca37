"""Currency rates at the desk: whoever could set any would print money with cards of others."""

from datetime import timedelta

import pytest

from giftweb import clock
from giftweb.domain import catalogue, desk, outbox
from giftweb.domain.catalogue.rates import NewRate
from giftweb.domain.mail import letters
from giftweb.errors import NotAllowed
from giftweb.web.mail.letters import write
from tests.factories import set_rate
from tests.orders import signed_in

pytestmark = pytest.mark.proves("X5", "X7", "S66")


def file_of(*rates: str, days: int = 0, pair: str = "EUR,USD") -> bytes:
    on = clock.today() + timedelta(days=days)
    lines = [f"{on - timedelta(days=past)},{pair},{rate}" for past, rate in enumerate(rates)]
    return "\n".join(["date,base,quote,rate", *lines]).encode()


def held(base: str = "EUR", quote: str = "USD") -> str | None:
    return catalogue.rates.rate(base, quote)


def mailed(root) -> list[str]:
    return sorted(mail.data["what"] for mail in outbox.mails.of_address(root.email))


@pytest.fixture
def house(engine):
    """Rates that hold, a person of Finance and a Root."""
    set_rate("EUR", "USD", "1.10")
    return signed_in("finance"), signed_in("root")


def test_near_what_holds_a_person_stores_them_once_a_day_and_every_root_is_mailed(house):
    finance, root = house
    assert desk.exchange_rates.store(file_of("1.21"), by=finance) == (1, False)
    assert mailed(root) == ["rates.set"]
    assert desk.exchange_rates.store(file_of("1.22"), by=finance) == (1, True)
    assert held() == "1.21"
    with clock.moved(timedelta(days=1, seconds=1)):
        assert desk.exchange_rates.store(file_of("1.22"), by=finance) == (1, False)
        assert held() == "1.22"


@pytest.mark.parametrize(
    "content",
    [
        lambda: file_of("1.2101"),
        lambda: file_of("0.9899"),
        lambda: file_of("110"),
        lambda: file_of("110", days=30),
        lambda: file_of("1.10", "110"),
        lambda: file_of("0.00909", pair="USD,EUR"),
        lambda: file_of("1.10", pair="JPY,USD"),
    ],
)
def test_far_from_it_they_wait_for_a_person_who_is_another(house, content):
    finance, root = house
    before = catalogue.rates.pairs()
    count, waits = desk.exchange_rates.store(content(), by=finance)
    assert waits
    assert catalogue.rates.pairs() == before
    (waiting,) = desk.approvals.waiting()
    assert waiting.details
    with pytest.raises(NotAllowed):
        desk.approvals.approve(waiting.id, by=finance)
    with pytest.raises(NotAllowed, match="has to have the role Root"):
        desk.approvals.approve(waiting.id, by=signed_in("customer_service_admin"))
    desk.approvals.approve(waiting.id, by=root)
    assert catalogue.rates.pairs() != before
    assert mailed(root) == ["rates.asked", "rates.set"]
    assert count


def test_every_rate_that_is_far_from_what_holds_is_listed(house):
    finance, _ = house
    lines = [
        f"{clock.today()},EUR,{quote},2"
        for quote in ["CHF", "GBP", "JPY", "SEK", "NOK", "DKK", "PLN"]
    ]
    lines.append(f"{clock.today()},EUR,USD,1.10")
    desk.exchange_rates.store("\n".join(["date,base,quote,rate", *lines]).encode(), by=finance)
    (waiting,) = desk.approvals.waiting()
    assert [rate for _, rate in waiting.details] == ["2"] * 7 + ["1"]


def test_older_days_that_hold_no_more_are_stored_whatever_they_say(house):
    finance, _ = house
    catalogue.rates.set_rates([NewRate(clock.today(), "EUR", "USD", "1.10")], by=finance)
    with clock.moved(timedelta(days=2)):
        assert desk.exchange_rates.store(file_of("7.5", days=-9), by=finance) == (1, False)
        assert held() == "1.10"


def test_what_is_declined_is_not_stored_and_a_house_of_one_waits_for_nobody(house):
    finance, root = house
    desk.exchange_rates.store(file_of("110"), by=finance)
    (waiting,) = desk.approvals.waiting()
    desk.approvals.decline(waiting.id, by=root)
    assert held() == "1.10"


def test_in_a_house_of_one_nothing_waits():
    root = signed_in("root")
    assert desk.exchange_rates.store(file_of("110"), by=root) == (1, False)
    assert held() == "110"


def test_the_mails_have_words(house, app):
    finance, root = house
    desk.exchange_rates.store(file_of("110"), by=finance)
    desk.approvals.approve(desk.approvals.waiting()[0].id, by=root)
    for mail in outbox.mails.of_address(root.email):
        with app.app_context():
            written = write(letters.gather(mail))
        assert finance.name in written.text
        assert "/staff/" in written.html
