"""The second pair of eyes is a second person's (X8)."""

from datetime import timedelta

import pytest

from giftweb import clock, ids, models
from giftweb.domain import audit, cards, desk, limits, staff
from giftweb.domain.audit.log import Actor
from giftweb.errors import NotAllowed, NotOneself, Refused
from tests.factories import PASSWORD, make_card, make_staff

pytestmark = pytest.mark.proves("X8")

DAY = timedelta(hours=24, minutes=1)
CLI = Actor(kind="cli", id="operator", name="Command line")


def by_(person: staff.Person) -> Actor:
    return Actor("staff", person.id, person.name, person.role, person.email)


def asked(by: Actor) -> str:
    """A recharge of 500 that waits for a second person; its id."""
    approval_id = ids.new("apr")
    audit.seals.insert(
        models.Approval,
        id=approval_id,
        verb=limits.verbs.TOP_UP,
        subject=make_card("5.00 USD").card.id,
        currency="USD",
        amount_minor=50_000,
        arguments={"sign": 1, "snapshot": {"email": "ann@example.com"}},
        reason="Because",
        asked_by_id=by.id,
        asked_at=clock.now(),
        status=desk.approvals.WAITING,
    )
    audit.record(by=by, action="approval.asked", subject=approval_id, reason="Because")
    return approval_id


def approve(approval_id: str, by: Actor) -> str:
    """What became of it: ``approved``, or the reason why not."""
    try:
        return desk.approvals.approve(approval_id, by=by).status
    except NotAllowed as refused:
        return refused.sentence


def puppet_of(root: staff.Person, role: str = "root") -> Actor:
    """An account that Root has added and can sign in to."""
    email = f"puppet-{role}@giftweb.test"
    return by_(staff.invite(email=email, name="Pat", role=role, by=by_(root), reason="Joins us"))


def test_whoever_adds_an_account_finds_no_second_person_in_it():
    root = make_staff("root")
    approval_id, puppet = asked(by_(root)), puppet_of(root)
    assert "new, or was reset" in approve(approval_id, puppet)
    with clock.moved(DAY):
        assert "Ask a third person" in approve(approval_id, puppet)
        assert approve(asked(puppet), by_(root)).endswith("Ask a third person.")
        assert approve(approval_id, by_(make_staff("root"))) == "approved"


@pytest.mark.parametrize("way", ["password", "factor", "role", "let in again"])
def test_whoever_could_sign_in_as_a_colleague_finds_no_second_person_in_them(way):
    root, lead = make_staff("root"), make_staff("customer_service_admin")
    if way == "role":
        lead = make_staff("customer_service")
    {
        "password": lambda **more: staff.reset_password(lead.id, **more),
        "factor": lambda **more: staff.authenticator.reset(lead.id, **more),
        "role": lambda **more: staff.change(
            lead.id, name=lead.name, role="customer_service_admin", **more
        ),
        "let in again": lambda **more: (
            staff.deactivate(lead.id, **more),
            staff.reactivate(lead.id, **more),
        ),
    }[way](by=by_(root), reason="Because")
    lead, other = staff.find(lead.id), make_staff("customer_service")
    assert "new, or was reset" in approve(asked(by_(other)), by_(lead))
    with clock.moved(DAY):
        assert "Ask a third person" in approve(asked(by_(root)), by_(lead))
        assert "Ask a third person" in approve(asked(by_(lead)), by_(root))
        assert approve(asked(by_(other)), by_(lead)) == "approved"


def test_a_later_reset_by_somebody_else_makes_the_first_hand_no_other_one():
    first, second = make_staff("root"), make_staff("root")
    puppet = puppet_of(first)
    staff.reset_password(puppet.id, by=by_(second), reason="The puppet says it forgot it")
    with clock.moved(DAY):
        assert "Ask a third person" in approve(asked(by_(first)), puppet)


def test_a_name_that_is_corrected_takes_nobody_from_the_second_pair_of_eyes():
    root, lead = make_staff("root"), make_staff("customer_service_admin")
    staff.change(lead.id, name="Lea Other", role=lead.role, by=by_(root), reason="Married")
    assert approve(asked(by_(root)), by_(lead)) == "approved"


def test_an_account_from_the_command_line_approves_at_once():
    lead = staff.create(
        email="lea@giftweb.test",
        name="Lea",
        role="customer_service_admin",
        password=PASSWORD,
        by=CLI,
    )
    assert approve(asked(by_(make_staff("root"))), by_(lead)) == "approved"


def test_an_account_that_may_not_approve_yet_may_still_decline_and_work():
    root = make_staff("root")
    puppet = puppet_of(root, "customer_service_admin")
    assert desk.approvals.decline(asked(by_(root)), by=puppet).status == "declined"
    cards.top_up(
        make_card("5.00 USD").card.id, amount=make_card("1.00 USD").card.balance, by=puppet
    )


def test_the_page_says_why_one_may_not_approve_and_offers_no_button(staff_client):
    asker, lead = make_staff("customer_service"), staff_client("customer_service_admin")
    approval_id = asked(by_(asker))
    place = f"/staff/approvals/{approval_id}"
    assert "Approve $500.00" in lead.get(place).text
    staff.authenticator.reset(
        lead.person.id, by=by_(make_staff("root")), reason="The phone is lost"
    )
    with lead.session_transaction() as session:
        session["_user_id"] = staff.sessions.open_for(lead.person.id, agent="again")
    page = lead.get(place).text
    assert "you approve nothing for 24 hours yet" in page
    assert "Approve $500.00" not in page
    assert "Decline" in page
    assert lead.post(f"{place}/approval").status_code == 403


def test_nobody_resets_their_own_or_a_deactivated_account():
    root, gone = make_staff("root"), make_staff("finance")
    with pytest.raises(NotOneself):
        staff.reset_password(root.id, by=by_(root), reason="Because")
    staff.deactivate(gone.id, by=by_(root), reason="Left")
    with pytest.raises(Refused):
        staff.reset_password(gone.id, by=by_(root), reason="Because")
