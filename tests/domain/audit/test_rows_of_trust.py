"""Accounts, factors, keys, settings, campaigns, endpoints and waiting mails that the owner of the
database has changed, planted or taken away: the audit names each one (X18).
"""

from datetime import timedelta

import pytest

from giftweb import clock, codes, database, models
from giftweb.database import transactional
from giftweb.domain import (
    audit,
    books,
    campaigns,
    cards,
    catalogue,
    customers,
    imports,
    outbox,
    staff,
)
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.settings import Settings
from giftweb.domain.staff.sign_in import Visitor
from giftweb.errors import LinkIsOver, SignInFailed
from tests.domain.audit.test_checks import drop, found, put
from tests.factories import PASSWORD, ROOT, make_api_key, make_campaign, make_card, make_staff
from tests.orders import gift_card_item, place, sheet
from tests.tampering import everything, missed

pytestmark = [pytest.mark.tampers, pytest.mark.proves("X18", "I7")]


def planted(table: str, row: str, key: str, **others: str) -> str:
    """A copy of a row under another key, and perhaps with other values."""
    (model,) = [each for each in models.TABLES if each._meta.table_name == table]
    columns = list(model._meta.columns)
    values = [f"'{({'id': key} | others)[c]}'" if c in ("id", *others) else c for c in columns]
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table}"
        f" WHERE id = '{{{row}}}'"
    )


FORGED = [
    ("I7 rows", "agent", put("staff", "agent", "password_hash = 'the password of eve'")),
    ("I7 rows", "agent", put("staff", "agent", "totp_sealed = NULL, email = 'eve@example.com'")),
    ("I7 rows", "agent", put("staff", "agent", "is_active = NOT is_active")),
    ("I7 rows", "stf_eve", planted("staff", "agent", "stf_eve", email="eve@example.com")),
    ("I7 rows", "passkey", put("passkey", "passkey", "public_key = seal")),
    ("I7 rows", "key_eve", planted("passkey", "passkey", "key_eve")),
    ("I7 rows", "api_key", put("api_key", "api_key", "key_hash = 'a secret of eve'")),
    ("I7 rows", "api_key", put("api_key", "api_key", "scopes = NULL, day_cap_minor = 5")),
    ("I7 rows", "key_eve", planted("api_key", "api_key", "key_eve", key_hash="of eve")),
    ("I7 rows", "campaign", put("campaign", "campaign", "bank_details = 'the bank of eve'")),
    ("I7 rows", "campaign", put("campaign", "campaign", "absolute_minor = 999900")),
    ("I7 rows", "endpoint", put("webhook_endpoint", "endpoint", "url = 'https://eve.example'")),
    ("I28 codes", "endpoint", put("webhook_endpoint", "endpoint", "secret_sealed = seal")),
    ("I7 rows", "whk_eve", planted("webhook_endpoint", "endpoint", "whk_eve")),
    ("I7 rows", "limits", "UPDATE setting SET value = '{{}}' WHERE name = '{limits}'"),
    ("I7 rows", "mail", put("mail", "mail", "kind = 'card_resent'")),
    ("I7 rows", "mail_eve", planted("mail", "mail", "mail_eve", to_email="eve@example.com")),
    ("I6 what is logged is there", "agent", drop("staff", "agent")),
    ("I6 what is logged is there", "api_key", drop("api_key", "api_key")),
    ("I6 what is logged is there", "campaign", drop("campaign", "campaign")),
    ("I6 what is logged is there", "endpoint", drop("webhook_endpoint", "endpoint")),
]


def test_a_forged_row_is_named_whatever_it_gives(engine):
    world = everything()
    assert not audit.checks.run()
    assert not missed(FORGED, world)


def test_a_mail_that_was_sent_may_be_shortened():
    world = everything()
    database.execute("UPDATE mail SET state = 'sent', sent_at = 1 WHERE id = ?", world["mail"])
    database.execute("UPDATE mail SET to_email = 'erased', data = NULL WHERE id = ?", world["mail"])
    assert ("I7 rows", world["mail"]) not in {(b.check, b.row) for b in audit.checks.run()}


# What opens a door, and what is kept of it


@pytest.fixture
def rights() -> dict[str, str]:
    """One of each row that lets somebody in, says what something costs, or is evidence."""
    person = make_staff("root", email="rita@giftweb.example")
    me = Actor("staff", person.id, person.name, "root", person.email)
    staff.sessions.open_for(person.id, agent="Firefox")
    transactional(staff.links.send)(person.id, email=person.email, purpose="reset")
    import pyotp

    staff.authenticator.begin(by=me)
    secret = staff.authenticator.waiting(by=me).secret.replace(" ", "")
    staff.authenticator.finish(pyotp.TOTP(secret).at(clock.now()), session_id="", by=me)
    add_passkey(person.id, by=me)
    customer_id = customers.ensure("ann@example.com", "Ann")
    key = sign_in("ann@example.com")
    assert customers.sign_in.signed_in(key)
    settings = Settings(name="Shop", currency="USD", origins=("https://shop.example",))
    campaign = campaigns.opening.open_campaign(settings, by=ROOT).campaign
    mug = catalogue.products.NewProduct(sku="MUG", name="Mug", unit_minor=1500)
    product = catalogue.products.create(campaign.id, new=mug, by=ROOT)
    new = catalogue.rates.NewRate(on_date=clock.today(), base="EUR", quote="USD", rate="1.1")
    catalogue.rates.set_rates([new], by=ROOT)
    file_id = imports.files.begin("cards.csv", by=me)
    run = audit.runs.run(audit.runs.FULL)
    held = place(
        gift_card_item("300.00 USD"),
        campaign_id=make_campaign(review_amount_above_minor=20_000).id,
        shipping="0.00 USD",
    )
    with clock.moved(timedelta(days=45)):
        month = books.closing.close_next(by=ROOT).month
    return {
        "person": person.id,
        "session": database.scalar("SELECT id FROM staff_session"),
        "link": database.scalar("SELECT id FROM staff_link"),
        "customer": customer_id,
        "entrance": database.scalar("SELECT id FROM sign_in_link"),
        "visit": database.scalar("SELECT id FROM customer_session"),
        "campaign": campaign.id,
        "product": product.id,
        "file": file_id,
        "run": run.id,
        "held": sheet(held).purchased[0].id,
        "month": month,
    }


@transactional
def add_passkey(staff_id: str, *, by: Actor) -> None:
    now = clock.now()
    row = {"id": "key_1", "staff_id": staff_id, "name": "Phone", "public_key": b"a key"}
    seals.insert(models.Passkey, created_at=now, **row)
    audit.record(by=by, action="staff.passkey_added", subject=staff_id)


def sign_in(email: str) -> str:
    """The key of a customer's session, by the link that was mailed."""
    make_card(holder=email)
    customers.sign_in.request_link(email)
    customers.sign_in.answer(email)
    mail = models.Mail.get(models.Mail.kind == "sign_in_link")
    return customers.sign_in.enter(codes.unseal(bytes.fromhex(mail.data["token_sealed"]), email))


OTHER = "2026-01-01"
OF_RIGHTS = [
    ("I7 rows", "session", put("staff_session", "session", "staff_id = 'stf_root'")),
    ("I7 rows", "session", put("staff_session", "session", "confirmed_at = created_at + 1")),
    ("I7 rows", "session", put("staff_session", "session", "revoked_at = 1")),
    ("I7 rows", "eve", planted("staff_session", "session", "eve")),
    ("I7 rows", "link", put("staff_link", "link", "expires_at = expires_at + 1")),
    ("I7 rows", "eve", planted("staff_link", "link", "eve")),
    ("I7 rows", "customer", put("customer", "customer", "email = 'eve@example.com'")),
    ("I7 rows", "entrance", put("sign_in_link", "entrance", "used_at = NULL")),
    ("I7 rows", "eve", planted("sign_in_link", "entrance", "eve")),
    ("I7 rows", "visit", put("customer_session", "visit", "expires_at = expires_at + 1")),
    ("I7 rows", "eve", planted("customer_session", "visit", "eve")),
    ("I7 rows", "product", put("product", "product", "unit_minor = 1")),
    ("I7 rows", "prd_eve", planted("product", "product", "prd_eve", sku="EVE")),
    ("I6 what is logged is there", "product", drop("product", "product")),
    ("I7 rows", "file", put("card_import", "file", "source = 'sales'")),
    ("B8 imported as somebody started it", "file", put("card_import", "file", "state = 'waiting'")),
    ("I7 rows", "run", put("audit_run", "run", "transfers_to = 1000000")),
    ("I43 second factors are as logged", "person", put("staff", "person", "totp_step = 0")),
    ("I43 passkeys are as logged", "person", "DELETE FROM passkey"),
    (
        "B26 held for a review",
        "held",
        "DELETE FROM card_review WHERE card_id = '{held}'",
    ),
    (
        "I6 what is logged is there",
        "month",
        "DELETE FROM closed_month WHERE month = '{month}'",
    ),
]


def test_a_forged_right_price_or_piece_of_evidence_is_named(engine, rights):
    assert not audit.checks.run()
    assert not missed(OF_RIGHTS, rights)


def test_a_forged_rate_or_origin_is_named_by_all_of_its_key(engine, rights):
    today = clock.today().isoformat()
    shop = f"{rights['campaign']} https://shop.example"
    for row, tampering in (
        (f"{today} EUR USD", "UPDATE rate SET rate = '1000'"),
        (f"{OTHER} EUR USD", f"UPDATE rate SET on_date = '{OTHER}'"),
        (
            shop.replace("shop.example", "eve.example"),
            "UPDATE campaign_origin SET origin = 'https://eve.example'",
        ),
    ):
        assert ("I7 rows", row) in found(tampering, rights), tampering


def test_a_value_that_cannot_be_read_hides_nothing_else(engine, rights):
    with clock.moved(timedelta(hours=2)):
        assert audit.checkpoints.write()
    for tampering in (
        "UPDATE ledger_checkpoint SET audit_digest = 'no digest'",
        "UPDATE closed_month SET sums = 'no document'",
    ):
        named = found(f"{tampering}; UPDATE customer SET name = 'Eve'", rights)
        assert ("I7 rows", rights["customer"]) in named, tampering


# A right that was forged opens nothing


def owner_does(sql: str, *values: object) -> None:
    """What stays done, with the guards in place: these tables have none."""
    database.execute(sql, *values)


def test_a_session_that_was_given_to_somebody_else_opens_nothing():
    mine, root = make_staff("cashier"), make_staff("root", email="rita@giftweb.example")
    key = staff.sessions.open_for(mine.id, agent="Firefox")
    assert staff.sessions.find(key)
    owner_does("UPDATE staff_session SET staff_id = ?", root.id)
    assert staff.sessions.find(key) is None


def test_a_second_factor_that_is_owed_is_not_skipped_in_the_row():
    person = make_staff("root", email="rita@giftweb.example")
    key = staff.sessions.open_for(person.id, agent="Firefox", owes_code=True)
    assert staff.sessions.owing_code(key) == person.id
    owner_does("UPDATE staff_session SET confirmed_at = created_at")
    assert staff.sessions.find(key) is None


def test_a_link_that_was_planted_or_prolonged_chooses_no_password():
    person = make_staff("root", email="rita@giftweb.example")
    transactional(staff.links.send)(person.id, email=person.email, purpose="reset")
    mail = models.Mail.get(models.Mail.kind == "staff_reset")
    secret = codes.unseal(bytes.fromhex(mail.data["token_sealed"]), person.email)
    assert staff.links.owner_of(secret) == person.id
    owner_does("UPDATE staff_link SET expires_at = expires_at + 1")
    for use in (staff.links.owner_of, transactional(staff.links.use)):
        with pytest.raises(LinkIsOver):
            use(secret)


def test_a_password_that_was_put_into_the_row_signs_nobody_in():
    cashier = make_staff("cashier")
    person = make_staff("root", email="rita@giftweb.example")
    visitor = Visitor(address="127.0.0.1")
    assert staff.sign_in.with_password(person.email, password=PASSWORD, visitor=visitor)
    owner_does(
        "UPDATE staff SET password_hash = (SELECT password_hash FROM staff WHERE id = ?), name = ?"
        " WHERE id = ?",
        *(cashier.id, "Rita", person.id),
    )
    with pytest.raises(SignInFailed):
        staff.sign_in.with_password(person.email, password=PASSWORD, visitor=visitor)


def test_a_customers_link_and_session_open_nothing_for_somebody_else():
    key = sign_in("ann@example.com")
    bea = customers.ensure("bea@example.com", "Bea")
    assert customers.sign_in.signed_in(key)
    owner_does("UPDATE customer_session SET customer_id = ?", bea)
    assert customers.sign_in.signed_in(key) is None


def test_a_key_whose_hash_or_scopes_were_changed_is_nobodys():
    campaign = make_campaign()
    secret = make_api_key(campaign.id)
    assert campaigns.api_keys.authenticate(secret)
    owner_does("UPDATE api_key SET day_cap_minor = 1000000")
    assert campaigns.api_keys.authenticate(secret) is None


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE mail SET to_email = 'eve@example.com' WHERE kind = 'card_issued'",
        "UPDATE gift_card SET holder_email = 'eve@example.com'",
    ],
)
def test_no_code_is_mailed_to_an_address_that_somebody_put_there(tampering):
    make_card(holder="ann@example.com")
    owner_does(tampering)
    assert not outbox.sending.claim()
    mail = models.Mail.get(models.Mail.kind == "card_issued")
    assert mail.state == "failed"
    assert "past the program" in mail.problem


def test_a_file_that_nobody_started_is_not_imported():
    person = make_staff("customer_service_admin")
    me = Actor("staff", person.id, person.name, person.role, person.email)
    file_id = imports.files.begin("cards.csv", by=me)
    imports.files.add(file_id, data=b"amount,currency\n50.00,USD\n", by=me)
    imports.files.complete(file_id, by=me)
    imports.files.check(file_id, mapping={})
    assert imports.work.next_file() == 1
    owner_does("UPDATE card_import SET state = 'waiting'")
    assert imports.work.next_file() == 1
    assert imports.files.find(file_id).state == "refused"
    assert cards.search.of_holder("ann@example.com") == []
    assert database.scalar("SELECT COUNT(*) FROM gift_card") == 0
