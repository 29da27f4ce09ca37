"""A gift card's life, verb by verb: what each moves, refuses, tells and remembers."""

from datetime import timedelta

import pytest

from giftweb import clock, codes, database, errors, language
from giftweb.domain import cards, carts, checkout
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import refusals, values
from giftweb.domain.cards.values import Issued
from giftweb.domain.payments.payments import Tender
from giftweb.money import LIMIT_MINOR, Money
from tests.factories import (
    ADMIN,
    AGENT,
    amount_of,
    goods,
    make_campaign,
    make_card,
    make_checkout,
)
from tests.orders import balance, now

USD = amount_of
API = Actor("api", "key_1", "A shop")


def tomorrow(days: int = 1):
    return clock.today() + timedelta(days=days)


def hold(card: Issued, amount: str = "10.00 USD", **more) -> str:
    """An authorised checkout that holds this much of the card; its id."""
    opened = make_checkout(goods(amount), shipping="0.00 USD", **more)
    opened = carts.apply(opened.id, code=card.code)
    checkout.authorise(opened.id, by=API)
    return opened.id


def spend(card: Issued, amount: str = "10.00 USD", **more):
    opened = hold(card, amount, **more)
    due = carts.find(opened).due
    rest = [Tender(method="cash", amount=due, state="captured")] if due else []
    return checkout.capture(opened, tenders=rest, by=API)


def lines(card) -> list[tuple[str, str, str]]:
    """The history, oldest first: the word, the signed amount, the balance after it."""
    found = cards.history(now(card)).lines
    return [(line.type, str(line.amount), str(line.balance_after)) for line in found][::-1]


def moves(card) -> list[tuple[str, str, str, int, str | None]]:
    """The rows of the ledger: kind, from, to, minor units, parent's id; the card as ``card``."""
    found = database.rows(
        "SELECT kind, from_account, to_account, amount_minor, parent_id FROM transfer"
        " WHERE card_id = ? ORDER BY version",
        card.id,
    )
    return [tuple("card" if value == card.id else value for value in row) for row in found]


def audited(card_id: str) -> list[tuple[str, str, str | None]]:
    return database.rows(
        "SELECT action, actor_id, reason FROM audit_entry WHERE subject = ? ORDER BY id", card_id
    )


# Issue


@pytest.mark.proves("S14", "S53", "I1", "I8", "I30")
def test_an_issued_card_has_its_money_its_mail_and_its_reason(mailbox):
    issued = make_card("50.00 USD", holder=" Ann@Example.COM ", note="late parcel", by=AGENT)
    card = issued.card
    assert card == cards.find(card.id)
    assert cards.find_by_code(issued.code).id == card.id
    assert (card.status, str(card.balance), card.holder_email) == (
        "active",
        "50.00 USD",
        "ann@example.com",
    )
    assert moves(card) == [("issue", "goodwill", "card", 5000, None)]
    assert [(mail.kind, mail.to) for mail in mailbox.all()] == [("card_issued", "ann@example.com")]
    assert audited(card.id) == [("gift_card.issued", AGENT.id, "late parcel")]


@pytest.mark.proves("I28")
def test_the_code_stands_nowhere_in_plain():
    issued = make_card("50.00 USD", note="a note")
    spend(issued)
    kept = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if database.is_postgres():
        kept = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    for (table,) in database.rows(kept):
        for row in database.rows(f'SELECT * FROM "{table}"'):
            text = repr([bytes(value) if isinstance(value, memoryview) else value for value in row])
            assert issued.code not in text, table
            assert codes.grouped(issued.code) not in text, table


@pytest.mark.proves("I9")
@pytest.mark.parametrize(
    ("minor", "sentence"),
    [
        (0, "Enter an amount of 0.01 or more, such as 25.00."),
        (-1, "Enter an amount of 0.01 or more, such as 25.00."),
        (LIMIT_MINOR + 1, "Enter an amount of 10000000000.00 or less."),
    ],
)
def test_no_card_is_issued_with_nothing_or_with_too_much(minor, sentence):
    new = cards.NewCard(amount=Money(minor, "USD"), holder_email=None)
    with pytest.raises(errors.Invalid) as refused:
        cards.issue(new, by=AGENT)
    assert refused.value.errors == [("amount", sentence)]
    assert not database.scalar("SELECT COUNT(*) FROM account")


@pytest.mark.proves("I9")
def test_a_card_may_hold_a_million_million_and_not_a_cent_more():
    card = make_card(f"{LIMIT_MINOR // 100}.00 USD").card
    for verb in (
        lambda: cards.top_up(card.id, amount=USD("0.01 USD"), by=AGENT),
        lambda: cards.adjust(card.id, change=USD("0.01 USD"), reason="x", by=AGENT),
    ):
        with pytest.raises(errors.Invalid) as refused:
            verb()
        assert refused.value.field == "amount"
    assert now(card).balance_minor == LIMIT_MINOR


@pytest.mark.proves("D15")
def test_a_card_is_not_issued_with_a_date_that_has_passed():
    with pytest.raises(errors.Invalid) as refused:
        make_card(expires_on=tomorrow(-1))
    assert refused.value.field == "expires_on"
    assert make_card(expires_on=clock.today()).card.status == "active"


@pytest.mark.proves("I25")
def test_one_bad_card_stops_them_all():
    news = [cards.NewCard(amount=USD("5.00 USD"), holder_email="ann@example.com")] * 3
    bad = cards.NewCard(amount=USD("0.00 USD"), holder_email="ann@example.com")
    with pytest.raises(errors.Invalid):
        cards.issue_many([*news, bad], by=AGENT)
    assert not database.scalar("SELECT COUNT(*) FROM gift_card")
    assert not database.scalar("SELECT COUNT(*) FROM mail")
    made = cards.issue_many(news, by=AGENT)
    assert len({issued.code for issued in made}) == 3
    assert database.scalar("SELECT COUNT(*) FROM mail") == 3


@pytest.mark.proves("I30")
def test_nobody_gives_money_to_their_own_address():
    own = f" {str(AGENT.email).upper()}"
    with pytest.raises(errors.NotAllowed):
        make_card(holder=own, by=AGENT)
    card = make_card(holder=own, by=ADMIN).card
    for verb in (
        lambda: cards.top_up(card.id, amount=USD("1.00 USD"), by=AGENT),
        lambda: cards.adjust(card.id, change=USD("1.00 USD"), reason="x", by=AGENT),
        lambda: cards.holder.resend(card.id, by=AGENT),
        lambda: cards.holder.resend(make_card().card.id, email=own, by=AGENT),
        lambda: cards.holder.correct_holder(make_card().card.id, email=own, name=None, by=AGENT),
    ):
        with pytest.raises(errors.NotAllowed):
            verb()
    assert balance(card) == "50.00 USD"


# Recharge and adjust


@pytest.mark.proves("S12", "D11", "I8")
def test_a_recharge_is_a_movement_a_mail_and_a_line(mailbox):
    card = make_card("5.00 USD").card
    line = cards.top_up(card.id, amount=USD("20.00 USD"), by=ADMIN, note="sorry", source="sales")
    assert line == cards.history(now(card)).lines[0]
    assert lines(card)[1:] == [("recharged", "20.00 USD", "25.00 USD")]
    assert moves(card)[1] == ("top_up", "sales", "card", 2000, None)
    assert mailbox.kinds() == ["card_issued", "card_recharged"]
    assert audited(card.id)[-1] == ("gift_card.recharged", ADMIN.id, "sorry")


@pytest.mark.parametrize("amount", ["0.00 USD", "5.00 EUR"])
def test_nothing_and_another_currency_cannot_be_recharged(amount):
    card = make_card().card
    with pytest.raises(errors.Invalid):
        cards.top_up(card.id, amount=USD(amount), by=AGENT)
    with pytest.raises(errors.Invalid):
        cards.adjust(card.id, change=USD(amount), reason="x", by=AGENT)


@pytest.mark.proves("D11", "I8", "I30")
def test_a_balance_is_corrected_up_and_down_with_a_reason():
    card = make_card("5.00 USD").card
    cards.adjust(card.id, change=USD("2.00 USD"), reason="miscounted", by=ADMIN)
    cards.adjust(card.id, change=-USD("7.00 USD"), reason="wrong card", by=ADMIN)
    assert lines(card)[1:] == [
        ("adjusted", "2.00 USD", "7.00 USD"),
        ("adjusted", "-7.00 USD", "0.00 USD"),
    ]
    assert now(card).status == "used_up"
    assert [entry[2] for entry in audited(card.id)[1:]] == ["miscounted", "wrong card"]
    with pytest.raises(errors.Invalid) as refused:
        cards.adjust(card.id, change=USD("2.00 USD"), reason="  ", by=ADMIN)
    assert refused.value.field == "reason"


@pytest.mark.proves("I5", "I10")
def test_held_money_is_not_corrected_away():
    card = make_card("50.00 USD")
    hold(card, "30.00 USD")
    with pytest.raises(errors.InsufficientBalance):
        cards.adjust(card.card.id, change=-USD("20.01 USD"), reason="x", by=ADMIN)
    cards.adjust(card.card.id, change=-USD("20.00 USD"), reason="x", by=ADMIN)
    assert str(now(card.card).available) == "0.00 USD"


# Freeze


@pytest.mark.proves("D12", "D19")
def test_a_frozen_card_pays_nothing_until_it_is_unfrozen():
    card = make_card("50.00 USD")
    assert cards.freeze(card.card.id, by=AGENT, reason="lost").status == "frozen"
    assert cards.freeze(card.card.id, by=AGENT).status == "frozen"
    with pytest.raises(errors.CardNotUsable):
        hold(card)
    assert cards.unfreeze(card.card.id, by=AGENT).status == "active"
    assert cards.unfreeze(card.card.id, by=AGENT).status == "active"
    spend(card)
    assert [entry[0] for entry in audited(card.card.id)][1:] == [
        "gift_card.frozen",
        "gift_card.unfrozen",
    ]


@pytest.mark.proves("I29")
def test_the_campaign_of_a_card_hears_what_became_of_it():
    campaign = make_campaign()
    card_id = make_card(campaign_id=campaign.id).card.id
    cards.freeze(card_id, by=AGENT)
    cards.holder.correct_holder(
        card_id, email="bea@example.com", name="Bea", reason="Misheard", by=AGENT
    )
    reported = database.rows("SELECT type FROM event WHERE subject = ? ORDER BY id", card_id)
    assert reported == [("gift_card.issued",), ("gift_card.updated",), ("gift_card.updated",)]


@pytest.mark.proves("I30")
def test_why_a_card_was_frozen_and_unfrozen_stands_in_the_log():
    card_id = make_card().card.id
    cards.freeze(card_id, by=AGENT, reason="lost in a taxi")
    cards.unfreeze(card_id, by=AGENT, reason="found again")
    found = database.rows(
        "SELECT reason FROM audit_entry WHERE subject = ? ORDER BY number DESC LIMIT 2", card_id
    )
    assert found == [("found again",), ("lost in a taxi",)]


def test_a_frozen_card_may_be_recharged():
    card = make_card("50.00 USD").card
    cards.freeze(card.id, by=AGENT)
    cards.top_up(card.id, amount=USD("1.00 USD"), by=AGENT)
    assert (now(card).status, balance(card)) == ("frozen", "51.00 USD")


# Statuses and history


@pytest.mark.proves("D12", "I22")
def test_the_status_is_what_the_rows_say():
    card = make_card("10.00 USD", expires_on=tomorrow())
    assert now(card.card).status == "active"
    spend(card)
    assert now(card.card).status == "used_up"
    cards.freeze(card.card.id, by=AGENT)
    assert now(card.card).status == "frozen"
    with clock.moved(timedelta(days=2)):
        assert now(card.card).status == "expired"
    cancelled = make_card().card
    cards.endings.cancel(cancelled.id, by=AGENT)
    assert now(cancelled).status == "cancelled"
    replaced = make_card().card
    cards.endings.replace_card(replaced.id, by=AGENT)
    assert now(replaced).status == "replaced"


@pytest.mark.proves("I22", "D15")
def test_a_card_is_good_until_the_end_of_its_last_day():
    card = make_card(expires_on=tomorrow())
    with clock.moved(timedelta(days=1)):
        hold(card)
    with clock.moved(timedelta(days=2)), pytest.raises(errors.CardNotUsable):
        hold(card)


@pytest.mark.proves("S55", "I4")
def test_the_times_of_a_card_rise_strictly_also_within_one_transaction():
    card = make_card("5.00 USD").card
    with database.transaction():
        for _ in range(5):
            cards.top_up(card.id, amount=USD("1.00 USD"), by=AGENT)
    with clock.moved(timedelta(hours=-1)):
        cards.top_up(card.id, amount=USD("1.00 USD"), by=AGENT)
    found = cards.history(now(card)).lines
    assert [line.version for line in found] == list(range(7, 0, -1))
    times = [line.created_at for line in found]
    assert times == sorted(set(times), reverse=True)


@pytest.mark.proves("S55")
def test_a_long_history_is_read_page_by_page():
    card = make_card("5.00 USD").card
    for _ in range(4):
        cards.top_up(card.id, amount=USD("1.00 USD"), by=AGENT)
    first = cards.history(now(card), limit=3)
    rest = cards.history(now(card), limit=3, before=first.next_before)
    assert [line.version for line in (*first.lines, *rest.lines)] == [5, 4, 3, 2, 1]
    assert (first.next_before, rest.next_before) == (3, None)


# What keeps it in its holder's hands


@pytest.mark.proves("B9", "I30")
def test_a_card_is_sent_again_to_its_holder_or_elsewhere(mailbox):
    card = make_card(send_email=False).card
    assert cards.holder.resend(card.id, by=AGENT) == "ann@example.com"
    assert cards.holder.resend(card.id, by=AGENT, email="bob@example.com") == "bob@example.com"
    assert [mail.to for mail in mailbox.all()] == ["ann@example.com", "bob@example.com"]
    assert now(card).holder_email == "ann@example.com"
    assert len(audited(card.id)) == 3
    with pytest.raises(errors.Invalid):
        cards.holder.resend(make_card(holder="").card.id, by=AGENT)


@pytest.mark.proves("B9")
def test_the_holder_is_corrected_and_no_name_enters_the_audit_log():
    card = make_card().card
    cards.holder.correct_holder(
        card.id, email="Bob@Example.com", name="Bob", by=AGENT, reason="typing error"
    )
    assert (now(card).holder_email, now(card).holder_name) == ("bob@example.com", "Bob")
    assert audited(card.id)[-1] == ("gift_card.holder_corrected", AGENT.id, "typing error")
    assert "bob" not in repr(database.rows("SELECT * FROM audit_entry")).lower()


@pytest.mark.proves("S72", "I30")
def test_who_saw_a_code_and_why_is_kept():
    issued = make_card()
    with pytest.raises(errors.Invalid):
        cards.holder.reveal(issued.card.id, by=ADMIN, reason=" ")
    assert len(audited(issued.card.id)) == 1
    assert cards.holder.reveal(issued.card.id, by=ADMIN, reason="on the phone") == issued.code
    assert audited(issued.card.id)[1] == ("gift_card.code_shown", ADMIN.id, "on the phone")


def test_an_unknown_card_is_not_found():
    for verb in (
        lambda: cards.find("gc_none"),
        lambda: cards.top_up("gc_none", amount=USD("1.00 USD"), by=AGENT),
        lambda: cards.freeze("gc_none", by=AGENT),
        lambda: cards.endings.cancel("gc_none", by=AGENT),
        lambda: cards.holder.reveal("gc_none", by=AGENT, reason="x"),
        lambda: cards.find_by_code(codes.generate()),
    ):
        with pytest.raises(errors.NotFound):
            verb()


@pytest.mark.proves("B17")
@pytest.mark.parametrize("status", values.STATUSES)
def test_why_a_card_cannot_be_used_is_one_sentence_in_each_language(status):
    english = refusals.unusable(status)
    assert english.startswith("This card cannot be used: it is ")
    for spoken in ("de", "fr", "es", "pt"):
        with language.use(spoken):
            assert refusals.unusable(status) not in (english, "")
