"""Where a campaign's money and data go waits for a second person; what makes less holds at once."""

from dataclasses import replace

import pytest

from giftweb import models
from giftweb.database import transactional
from giftweb.domain import audit, campaigns, desk, outbox
from giftweb.domain.mail import letters
from giftweb.errors import Invalid, NotAllowed, Refused
from giftweb.web.mail.letters import write
from tests.factories import ROOT, make_campaign
from tests.orders import signed_in

pytestmark = pytest.mark.proves("X5")

URL = "https://shop.example/hooks"
IBAN = "IBAN DE02 1203 0000 0000 2020 51"
GENEROUS = {"issue_after_sales": True, "absolute_on": True, "absolute_minor": 999_900}


def change(campaign, *, by, reason: str | None = "As agreed", **settings) -> bool:
    wanted = replace(campaign.settings, **settings)
    return desk.money_paths.change(campaign.id, settings=wanted, reason=reason, by=by)


def now(campaign) -> campaigns.Campaign:
    return campaigns.find(campaign.id)


@pytest.mark.parametrize(
    ("settings", "label", "text"),
    [
        ({"bank_details": IBAN}, "Bank account for transfers", IBAN),
        (GENEROUS, "Absolute amount", "$9,999.00"),
        ({"issue_after_sales": True, "relative_hundredths": 9950}, "Percentage", "99.5%"),
        ({"ship_before_payment": True}, "Ship before the payment has come", "Yes"),
        (
            {"origins": ("https://evil.example",)},
            "Sites that may show the widget",
            "https://evil.example",
        ),
    ],
)
def test_what_moves_money_waits_and_all_else_holds_at_once(mailbox, settings, label, text):
    campaign, by, root = make_campaign(), signed_in("marketing"), signed_in("root")
    assert change(campaign, by=by, brand_name="Corner", **settings)
    assert now(campaign).settings == replace(campaign.settings, brand_name="Corner")
    (waiting,) = desk.approvals.waiting_for(campaign.id)
    assert (label, text) in waiting.details
    with pytest.raises(NotAllowed, match="role Root"):
        desk.approvals.approve(waiting.id, by=signed_in("customer_service_admin"))
    desk.approvals.approve(waiting.id, by=root)
    assert now(campaign).settings == replace(campaign.settings, brand_name="Corner", **settings)
    assert [mail.data["what"] for mail in mailbox.to(root.email)] == [
        "campaign.asked",
        "campaign.changed",
    ]


@pytest.mark.parametrize(
    ("name", "more", "less", "label"),
    [
        ("review_amount_above_minor", 10_001, 9_999, "Review bought cards of more than"),
        ("review_cards_per_day", None, 0, "Review bought cards beyond so many a day"),
        ("review_amount_per_day_minor", 20_000, 1, "Review bought cards beyond so much a day"),
        ("review_first_order_above_minor", None, 0, "Review a first order of more than"),
    ],
)
def test_a_review_is_loosened_by_two_and_tightened_by_one(name, more, less, label):
    campaign, by, root = make_campaign(**{name: 10_000}), signed_in("marketing"), signed_in("root")
    assert change(campaign, by=by, **{name: more})
    assert getattr(now(campaign), name) == 10_000
    (waiting,) = desk.approvals.waiting_for(campaign.id)
    assert label in dict(waiting.details)
    desk.approvals.approve(waiting.id, by=root)
    assert getattr(now(campaign), name) == more
    assert not change(now(campaign), by=by, reason=None, **{name: less})
    assert getattr(now(campaign), name) == less


def test_nobody_approves_a_bank_account_of_their_own_and_declined_it_stays():
    campaign, root = make_campaign(bank_details="Old"), signed_in("root")
    change(campaign, by=root, bank_details=IBAN)
    (waiting,) = desk.approvals.waiting()
    assert ("Bank account for transfers", f"{IBAN} (now: Old)") in waiting.details
    with pytest.raises(NotAllowed, match="Nobody approves their own"):
        desk.approvals.approve(waiting.id, by=root)
    desk.approvals.decline(waiting.id, by=signed_in("customer_service_admin"))
    assert now(campaign).bank_details == "Old"


def test_what_makes_less_holds_at_once_and_needs_no_reason():
    campaign = make_campaign(
        bank_details=IBAN,
        ship_before_payment=True,
        origins=("https://a.example", "https://b.example"),
        **GENEROUS,
    )
    less = {
        "bank_details": "",
        "ship_before_payment": False,
        "origins": ("https://b.example",),
        "issue_after_sales": False,
        "absolute_minor": 100,
    }
    assert not change(campaign, by=signed_in("marketing"), reason=None, **less)
    assert now(campaign).settings == replace(campaign.settings, **less)
    assert desk.approvals.waiting() == []


def test_a_bonus_that_was_switched_off_waits_to_be_switched_on_with_its_amount():
    campaign, by = make_campaign(**GENEROUS | {"absolute_minor": 500}), signed_in("marketing")
    change(campaign, by=by, reason=None, issue_after_sales=False, absolute_minor=999_900)
    assert change(now(campaign), by=by, issue_after_sales=True)
    assert not now(campaign).issue_after_sales


def test_a_bonus_that_waits_is_listed_whole_with_what_was_stored_before_by_one_person():
    campaign, by, root = make_campaign(), signed_in("marketing"), signed_in("root")
    assert not change(campaign, by=by, **GENEROUS | {"issue_after_sales": False})
    assert change(now(campaign), by=by, issue_after_sales=True)
    (waiting,) = desk.approvals.waiting()
    assert set(waiting.details) == {
        ("Campaign", campaign.name),
        ("Issue after sales", "Yes"),
        ("Percentage", "–"),
        ("Absolute amount is on", "Yes"),
        ("Absolute amount", "$9,999.00"),
        ("Percentage of", "The grand total"),
        ("Smallest order that earns one", "$0.00"),
        ("The most that the percentage gives", "No limit"),
        ("Taken back with a refund", "Yes"),
        ("Gift cards earn it, too", "No"),
    }
    desk.approvals.approve(waiting.id, by=root)
    assert now(campaign).settings == replace(campaign.settings, **GENEROUS)


@pytest.mark.parametrize(
    ("first", "meanwhile"),
    [
        ({"issue_after_sales": True, "absolute_on": True, "absolute_minor": 500}, GENEROUS),
        ({"bank_details": IBAN}, {"bank_details": "Another"}),
        ({"review_cards_per_day": 4}, {"review_cards_per_day": 2}),
    ],
)
def test_what_waits_is_not_set_once_what_it_would_replace_is_another(first, meanwhile):
    campaign, by, root = make_campaign(review_cards_per_day=3), signed_in("marketing"), ROOT
    change(campaign, by=by, **first)
    (waiting,) = desk.approvals.waiting()
    changed = replace(campaign.settings, **meanwhile | {"issue_after_sales": False})
    campaigns.change(campaign.id, settings=changed, by=root)
    with pytest.raises(Refused, match="has changed since"):
        desk.approvals.approve(waiting.id, by=signed_in("root"))
    assert now(campaign).settings == changed


def test_what_waits_since_an_older_version_has_to_be_asked_for_again():
    campaign, by = make_campaign(), signed_in("marketing")
    change(campaign, by=by, **GENEROUS)
    (waiting,) = desk.approvals.waiting()
    del waiting.arguments["snapshot"]
    transactional(audit.seals.change)(models.Approval, waiting.id, arguments=waiting.arguments)
    with pytest.raises(Refused, match="waits since an older version"):
        desk.approvals.approve(waiting.id, by=signed_in("root"))
    assert not now(campaign).issue_after_sales


def test_a_site_in_exchange_for_another_is_added_later_and_the_other_gone_at_once():
    campaign = make_campaign(origins=("https://a.example",))
    change(campaign, by=signed_in("marketing"), origins=("https://B.example/",))
    assert now(campaign).origins == ()
    (waiting,) = desk.approvals.waiting()
    desk.approvals.approve(waiting.id, by=signed_in("root"))
    assert now(campaign).origins == ("https://b.example",)


def test_what_was_changed_meanwhile_stays_when_it_is_approved():
    campaign, by = make_campaign(), signed_in("marketing")
    change(campaign, by=by, bank_details=IBAN)
    change(now(campaign), by=by, name="Another name")
    (waiting,) = desk.approvals.waiting()
    desk.approvals.approve(waiting.id, by=signed_in("root"))
    assert (now(campaign).name, now(campaign).bank_details) == ("Another name", IBAN)


def test_what_moves_money_needs_a_reason_and_bad_settings_ask_nobody():
    campaign, by = make_campaign(), signed_in("marketing")
    with pytest.raises(Invalid, match="Say why") as refused:
        change(campaign, by=by, reason=" ", bank_details=IBAN, name="X")
    assert refused.value.field == "reason"
    with pytest.raises(Invalid):
        change(campaign, by=by, bank_details=IBAN, hold_minutes=0)
    assert now(campaign).settings == campaign.settings
    assert desk.approvals.waiting() == []


# Webhooks


def endpoint_of(campaign, *, by):
    return desk.money_paths.add_endpoint(campaign.id, url=URL, reason="The shop", by=by)[0]


def is_on(endpoint) -> bool:
    return outbox.endpoints.find_endpoint(endpoint.id).is_active


def test_an_endpoint_hears_of_nothing_until_it_is_approved(mailbox):
    campaign, by, root = make_campaign(), signed_in("marketing"), signed_in("root")
    endpoint = endpoint_of(campaign, by=by)
    assert not is_on(endpoint)
    assert not desk.money_paths.switch_on(endpoint.id, by=by)
    assert not is_on(endpoint)
    (waiting,) = desk.approvals.waiting_for(campaign.id)
    assert ("Hears of everything", URL) in waiting.details
    desk.approvals.approve(waiting.id, by=root)
    assert is_on(endpoint)
    assert "webhook.asked" in {mail.data["what"] for mail in mailbox.to(root.email)}


def test_one_that_was_on_is_switched_off_and_on_by_one_person():
    by = signed_in("marketing")
    endpoint = outbox.endpoints.create(make_campaign().id, url=URL, by=by)[0]
    assert desk.money_paths.switch_on(endpoint.id, by=by)
    outbox.endpoints.disable(endpoint.id, by=by)
    assert desk.money_paths.switch_on(endpoint.id, by=by)
    assert is_on(endpoint)
    assert desk.approvals.waiting() == []


def test_an_endpoint_needs_a_reason():
    with pytest.raises(Invalid, match="Say why"):
        desk.money_paths.add_endpoint(make_campaign().id, url=URL, reason="", by=signed_in("root"))


@pytest.mark.parametrize("what", ["campaign.asked", "campaign.changed", "webhook.asked"])
def test_the_mails_to_root_have_words(app, what):
    campaign, by, root = make_campaign(), signed_in("marketing"), signed_in("root")
    change(campaign, by=by, bank_details=IBAN)
    endpoint_of(campaign, by=by)
    first = desk.approvals.waiting()[0]
    desk.approvals.approve(first.id, by=root)
    mails = outbox.mails.of_address(root.email)
    with app.app_context():
        (written,) = [write(letters.gather(mail)) for mail in mails if mail.data["what"] == what]
    assert by.name in written.text
    assert "/staff/" in written.html
