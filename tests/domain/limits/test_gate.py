"""Nobody gives more than their role may: at a time, to one address, and in a day."""

import re
from datetime import timedelta
from functools import partial

import pytest

from giftweb import clock, database
from giftweb.domain import audit, cards, limits, operations
from giftweb.domain.audit.log import Actor
from giftweb.domain.limits import BONUS, LimitExceeded, Terms
from giftweb.errors import Invalid, NotAllowed
from giftweb.money import Money
from tests.factories import ADMIN, AGENT, ROOT, amount_of, make_card, no_limits
from tests.orders import balance
from tests.races import at_once

pytestmark = pytest.mark.proves("X7")


def give(amount: str, holder: str = "ann@example.com", *, by: Actor = AGENT, **more):
    return make_card(amount, holder=holder, by=by, **more).card


def used() -> dict[str, int]:
    """Today's use, by the first word of its counter."""
    found = database.rows("SELECT counter, amount FROM daily_use WHERE day = ?", str(clock.today()))
    return {counter.split()[0]: amount for counter, amount in found}


def just_below(text: str) -> str:
    """The amount of one minor unit less."""
    amount = amount_of(text)
    return str(Money(amount.minor - 1, amount.currency))


@pytest.mark.parametrize(
    ("by", "least_too_much", "limit"),
    [
        (AGENT, "100.01 USD", "$100.00"),
        (ADMIN, "1000.01 EUR", "€1,000.00"),
        (ROOT, "10000.01 GBP", "£10,000.00"),
        (AGENT, "10001 JPY", "¥10,000"),
        (AGENT, "100.001 KWD", "KWD\xa0100.000"),
        (AGENT, "1000000.01 IDR", "IDR\xa01,000,000.00"),
    ],
)
def test_from_the_first_run_each_role_has_a_limit_in_every_currency(by, least_too_much, limit):
    with pytest.raises(LimitExceeded, match=re.escape(f"above your limit of {limit} at a time")):
        give(least_too_much, by=by)
    assert f"{give(just_below(least_too_much), by=by).balance}" == limit


@pytest.mark.proves("E32")
def test_two_that_are_each_below_the_limit_are_above_it_together():
    limits.terms.put("customer_service", currency="USD", terms=Terms(None, None, 10_000), by=ROOT)
    give("99.00 USD", "ann@example.com")
    with pytest.raises(LimitExceeded, match=r"You can give \$1\.00 more today"):
        give("99.00 USD", "bob@example.com")
    give("1.00 USD", "carl@example.com")
    with pytest.raises(LimitExceeded, match=r"You can give \$0\.00 more today"):
        give("0.01 USD", "dora@example.com")


def test_a_batch_counts_as_a_whole():
    news = [
        cards.NewCard(amount=amount_of("20.00 USD"), holder_email=f"c{number}@example.com")
        for number in range(6)
    ]
    with pytest.raises(LimitExceeded, match="at a time"):
        cards.issue_many(news, by=AGENT)
    assert used() == {}
    cards.issue_many(news[:5], by=AGENT)
    assert used()["staff"] == 10_000


def test_what_one_address_gets_from_everybody_together_is_limited_however_it_is_written():
    give("100.00 USD", "Ann@Example.com")
    give("100.00 USD", "ann+x@example.com", by=ADMIN)
    for holder in ("ann@example.com", "ａnn@example.com", "ANN+2@EXAMPLE.COM"):
        with pytest.raises(LimitExceeded, match=r"One address can get \$0\.00 more today"):
            give("1.00 USD", holder)
    give("1.00 USD", "anna@example.com")


def test_a_recharge_and_an_adjustment_count_with_what_was_issued():
    no_limits()
    limits.terms.put(
        "customer_service_admin", currency="USD", terms=Terms(None, None, 10_000), by=ROOT
    )
    card = give("50.00 USD", by=ADMIN)
    cards.top_up(card.id, amount=amount_of("20.00 USD"), by=ADMIN)
    cards.adjust(card.id, change=amount_of("20.00 USD"), reason="Late", by=ADMIN)
    cards.adjust(card.id, change=-amount_of("5.00 USD"), reason="Too much", by=ADMIN)
    for change in (amount_of("5.01 USD"), -amount_of("5.01 USD")):
        with pytest.raises(LimitExceeded, match=r"\$5\.00 more"):
            cards.adjust(card.id, change=change, reason="More", by=ADMIN)
    assert balance(card) == "85.00 USD"
    assert used() == {"staff": 9500, "receiver": 9000}


def test_what_is_taken_off_a_card_is_given_to_nobody():
    card = make_card("90.00 USD").card
    cards.adjust(card.id, change=-amount_of("90.00 USD"), reason="Typed wrong", by=AGENT)
    assert used() == {"staff": 9000}


def test_tomorrow_a_new_day_begins_and_old_days_are_forgotten():
    give("100.00 USD")
    give("100.00 USD")
    with pytest.raises(LimitExceeded):
        give("1.00 USD")
    with clock.moved(timedelta(days=1)):
        give("100.00 USD")
    with clock.moved(timedelta(days=limits.daily_use.KEPT_DAYS + 1)):
        assert operations.housekeeping.prune() == 2
    assert database.scalar("SELECT COUNT(*) FROM daily_use") == 2


def test_what_fails_has_used_nothing():
    card = give("40.00 USD")
    with pytest.raises(Invalid, match="in USD"):
        cards.top_up(card.id, amount=amount_of("10.00 EUR"), by=AGENT)
    with pytest.raises(LimitExceeded):
        cards.top_up(card.id, amount=amount_of("100.01 USD"), by=AGENT)
    assert used() == {"staff": 4000, "receiver": 4000}


@pytest.mark.parametrize(
    "by",
    [
        audit.SYSTEM,
        Actor("cli", "cli", "Command line"),
        Actor("customer", "cus_x", "Ann"),
        Actor("api", "key_x", "Corner Shop"),
        Actor("staff", "stf_agent", "Amy", "customer_service", approved_by="stf_root"),
    ],
)
def test_whoever_has_no_limits_leaves_nothing_behind(by):
    give("99999.00 USD", by=by)
    assert used() == {}


def test_test_money_is_not_counted():
    give("99999.00 USD", is_test=True)
    assert used() == {}


def test_a_card_that_was_paid_for_is_no_gift():
    give("500.00 USD", source="sales", origin="purchase")
    assert used() == {}


def test_two_at_once_never_pass_the_day_together():
    limits.terms.put("customer_service", currency="USD", terms=Terms(None, None, 10_000), by=ROOT)
    results = at_once(
        *[partial(give, "30.00 USD", f"c{number}@example.com") for number in range(6)]
    )
    assert sum(isinstance(each, LimitExceeded) for each in results) == 3
    assert used()["staff"] == 9000


def test_the_addresses_of_receivers_stand_nowhere():
    give("10.00 USD", "ann@example.com")
    counters = [counter for (counter,) in database.rows("SELECT counter FROM daily_use")]
    assert len(counters) == 2
    assert not any("example" in counter or "@" in counter for counter in counters)


# Root's terms


def test_what_root_sets_holds_for_that_role_and_currency_alone():
    limits.terms.put("customer_service", currency="USD", terms=Terms(700, None, 0), by=ROOT)
    assert limits.terms.of("customer_service", "USD") == Terms(700, None, 0)
    assert limits.terms.of("customer_service", "EUR") == Terms(10_000, 20_000, 50_000)
    assert limits.terms.of(BONUS, "USD") == Terms(10_000, None, 200_000)
    with pytest.raises(LimitExceeded):
        give("0.01 USD")
    (entry,) = database.rows("SELECT actor_id, data FROM audit_entry WHERE action = 'limit.set'")
    assert entry[0] == ROOT.id
    assert '"day":0' in entry[1]


def test_nobody_but_root_sets_a_limit():
    with pytest.raises(NotAllowed):
        limits.terms.put(
            "customer_service", currency="USD", terms=Terms(None, None, None), by=ADMIN
        )
    with pytest.raises(NotAllowed):
        limits.terms.put_codes("customer_service", count=None, by=ADMIN)


@pytest.mark.parametrize(("role", "currency"), [("nobody", "USD"), ("root", "XXQ")])
def test_a_limit_is_for_a_role_and_a_currency_that_exist(role, currency):
    with pytest.raises(Invalid):
        limits.terms.put(role, currency=currency, terms=Terms(1, 1, 1), by=ROOT)


def test_an_unknown_role_has_the_narrowest_limits():
    assert limits.terms.of("gardener", "USD") == limits.terms.of("customer_service", "USD")
    assert limits.terms.codes_of("gardener") == 10
