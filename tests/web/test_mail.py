"""Mails over real SMTP: written well, sent once, never lost, whatever the server does."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from aiosmtpd.smtp import AuthResult

import app as application
from giftweb import clock, codes
from giftweb.domain import cards, outbox
from giftweb.domain.mail.letters import KINDS, gather
from giftweb.serving.worker import Worker
from giftweb.web import mail
from tests.factories import ADMIN, AGENT, amount_of, make_campaign
from tests.mail_server import BadServer, MailServer
from tests.receiver import Authority


def mail_of(issued) -> outbox.mails.Mail:
    return outbox.mails.of_card(issued.card.id)[0]


def parts_of(message) -> tuple[str, str]:
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    return plain.get_content().replace("\r\n", "\n"), rich.get_content()


# What a mail says


@pytest.mark.proves("S3", "S14")
def test_a_card_is_mailed_with_its_code_in_text_and_in_html(worker, server, make_card):
    issued = make_card(
        "50.00 USD",
        holder_name="Ann Smith",
        sender_name="Bob",
        message="Happy birthday!",
        expires_on=date(2099, 1, 31),
    )
    worker.drain()
    [message] = server.messages
    assert message["To"] == "ann@example.com"
    assert message["Subject"] == "Bob sent you a $50.00 gift card"
    for part in parts_of(message):
        assert codes.grouped(issued.code) in part
        assert "$50.00" in part
        assert "Happy birthday!" in part
        assert "31 Jan 2099" in part
        assert "/balance" in part
        assert issued.code not in message["Subject"]
    assert mail_of(issued).status == "sent"


def test_a_test_card_is_marked_in_the_subject_and_the_mail(worker, server, make_card):
    make_card("50.00 USD", is_test=True)
    worker.drain()
    [message] = server.messages
    assert message["Subject"].startswith("[TEST] ")
    assert all("TEST" in part for part in parts_of(message))


def test_the_shop_is_named_as_the_sender(worker, server, make_card):
    campaign = make_campaign(brand_name="Tee & Zeit", brand_colour="rose")
    make_card("50.00 USD", campaign_id=campaign.id)
    worker.drain()
    [message] = server.messages
    assert message["From"] == "Tee & Zeit <gift-cards@localhost>"
    assert mail.letters.COLOURS["rose"] in parts_of(message)[1]


def test_what_people_type_cannot_write_markup_or_headers(worker, server, make_card):
    make_card(
        "50.00 USD",
        sender_name="Eve\r\nBcc: all@example.com",
        holder_name="<img src=x>",
        message="<script>alert(1)</script>\n.\nQUIT",
    )
    worker.drain()
    [message] = server.messages
    assert message["Bcc"] is None
    assert message["Subject"] == "Eve Bcc: all@example.com sent you a $50.00 gift card"
    assert server.recipients == ["ann@example.com"]
    text, rich = parts_of(message)
    assert "<script" not in rich
    assert "<img src=x" not in rich
    assert "> .\n> QUIT" in text
    assert text.startswith("Eve Bcc: all@example.com sent you a gift card\n")


ENCODED = "=?utf-8?q?Sam=0D=0ABcc:_x=40example.com?="
LOOKS_LIKE_HEADERS = (
    ENCODED,
    f"Sam {ENCODED} and {ENCODED}",
    "=?utf-8?b?U2FtDQpCY2M6IHhAZXhhbXBsZS5jb20NCg0KaGVsbG8=?=",
    "=?utf-8?q?=22?= <x@example.com>, Sam",
    "=?us-ascii?q?a=0A?=",
    '"Sam" <x@example.com>',
    "Sam (a comment); filename*=utf-8''x",
    "Müller =?utf-8?q?=0D=0A?=",
)


@pytest.mark.proves("D26", "E16")
@pytest.mark.parametrize("name", LOOKS_LIKE_HEADERS)
def test_a_name_that_looks_like_a_header_stays_a_name(worker, server, make_card, name):
    campaign = make_campaign(name=name, brand_name=name)
    make_card("50.00 USD", sender_name=name, campaign_id=campaign.id)
    worker.drain()
    [message] = server.messages
    names = ["Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"]
    assert [*dict(message)] == [*names, "Content-Type"]
    assert server.recipients == ["ann@example.com"]
    assert message["Subject"].startswith(name[:30])
    assert message["Subject"].endswith("sent you a $50.00 gift card")
    [sender] = message["From"].addresses
    assert (sender.display_name[:30], sender.addr_spec) == (name[:30], "gift-cards@localhost")
    assert len(parts_of(message)) == 2


@pytest.mark.proves("D26", "E16")
def test_an_address_that_looks_like_an_encoded_word_is_written_as_it_is(worker, server, make_card):
    address = "=?utf-8?q?x=2cbob?=@example.com"
    make_card("50.00 USD", holder=address)
    worker.drain()
    assert len(server.recipients) == 1
    assert f"To: {address}".encode() in server.taken[0].original_content.splitlines()


@pytest.mark.proves("E22")
@pytest.mark.parametrize("name", ["a" * 160, "x " * 80, "\u202egnirts\u202c", "Zoë" * 60])
def test_a_long_or_turned_name_leaves_a_subject_that_can_be_read(worker, server, make_card, name):
    make_card("50.00 USD", sender_name=name)
    worker.drain()
    [message] = server.messages
    subject = message["Subject"]
    assert subject.endswith(" sent you a $50.00 gift card")
    assert subject[:4] == name.strip("\u202e")[:4]
    assert len(subject) <= 100
    assert "\u202e" not in subject


def test_the_style_stands_in_the_elements_and_the_dark_one_beside(worker, server, make_card):
    make_card("50.00 USD")
    worker.drain()
    rich = parts_of(server.messages[0])[1]
    assert 'class="card-code" style="' in rich
    assert "prefers-color-scheme: dark" in rich
    assert "http-equiv" not in rich
    assert set(re.findall(r'src="([^":]*)', rich)) == {"cid"}


@pytest.mark.proves("S12")
def test_a_recharge_is_mailed_without_the_code(worker, server, make_card):
    issued = make_card("50.00 USD", send_email=False)
    cards.top_up(issued.card.id, amount=amount_of("25.00 USD"), by=ADMIN)
    worker.drain()
    [message] = server.messages
    assert message["Subject"] == "$25.00 was added to your gift card"
    for part in parts_of(message):
        assert "$75.00" in part
        assert codes.grouped(issued.code) not in part


@pytest.mark.proves("S71")
def test_all_cards_for_one_person_are_in_one_mail(worker, server, make_card):
    issued = [make_card("25.00 USD", send_email=False) for _ in range(3)]
    outbox.mail(
        "cards_purchased",
        to="ann@example.com",
        card_id=issued[0].card.id,
        data={"cards": [one.card.id for one in issued]},
    )
    worker.drain()
    [message] = server.messages
    assert message["Subject"] == "Your 3 gift cards"
    for part in parts_of(message):
        assert all(codes.grouped(one.code) in part for one in issued)


def test_a_card_that_has_ended_is_not_mailed(worker, server, make_card):
    later = clock.now() + timedelta(days=2)
    issued = make_card("25.00 USD", deliver_at=later)
    cards.endings.cancel(issued.card.id, by=AGENT)
    with clock.moved(timedelta(days=3)):
        worker.drain()
    assert server.taken == []
    found = mail_of(issued)
    assert (found.state, found.problem) == (
        "withdrawn",
        "The card is cancelled, so this was not sent.",
    )


def test_the_sign_in_link_comes_out_of_its_seal_only_in_the_mail(worker, server):
    sealed = codes.seal("a/secret+one", "ann@example.com").hex()
    outbox.mail("sign_in_link", to="ann@example.com", data={"token_sealed": sealed})
    worker.drain()
    text, _ = parts_of(server.messages[0])
    assert "/account/sign-in?token=a%2Fsecret%2Bone" in text


def test_a_reader_without_the_right_sees_no_code(app, make_card):
    issued = make_card("50.00 USD")
    with app.app_context():
        written = mail.letters.write(gather(mail_of(issued), with_secrets=False))
    for part in (written.html, written.text):
        assert codes.grouped(issued.code) not in part
        assert f"•••••-•••••-•{issued.code[-4:]}" in part


def test_every_kind_has_words_in_html_and_in_text(app):
    for kind in KINDS:
        assert app.jinja_env.get_template(f"email/{kind}.html")
        assert app.jinja_env.get_template(f"email/{kind}.txt")


@pytest.mark.parametrize(
    ("address", "sent_to"),
    [("ann@bücher.example", "ann@xn--bcher-kva.example"), ("zoë@example.com", "zoë@example.com")],
)
def test_addresses_beyond_ascii_are_written_to(worker, server, make_card, address, sent_to):
    make_card("5.00 USD", holder=address)
    worker.drain()
    assert server.recipients == [sent_to]


# What the server does


def test_many_mails_go_out_once_each(worker, server, make_card):
    for number in range(25):
        make_card("5.00 USD", holder=f"holder{number}@example.com")
    worker.drain()
    worker.drain()
    assert sorted(server.recipients) == sorted(f"holder{n}@example.com" for n in range(25))
    identities = {message["Message-ID"] for message in server.messages}
    assert len(identities) == 25


def test_a_mail_refused_for_now_is_tried_again_later(worker, server, make_card):
    issued = make_card("5.00 USD")
    server.answers["RCPT"] = "451 try later"
    worker.drain()
    worker.drain()
    found = mail_of(issued)
    assert (found.status, found.attempts) == ("waiting", 1)
    assert found.problem == "The mail server refused the address (451)."
    server.answers.clear()
    with clock.moved(timedelta(minutes=2)):
        worker.drain()
    assert mail_of(issued).status == "sent"
    assert len(server.taken) == 1


@pytest.mark.parametrize(("step", "what"), [("RCPT", "the address"), ("DATA", "the mail")])
def test_a_mail_refused_for_good_fails_at_once_and_others_go_out(
    worker, server, make_card, step, what
):
    wrong, right = make_card("5.00 USD", holder="gone@example.com"), make_card("5.00 USD")
    server.answers[step] = lambda to: "550 no such mailbox" if to.startswith("gone") else None
    worker.drain()
    assert mail_of(wrong).state == "failed"
    assert mail_of(wrong).problem == f"The mail server refused {what} (550)."
    assert mail_of(right).state == "sent"


def test_a_server_that_takes_none_of_our_mails_is_no_reason_to_give_up(worker, server, make_card):
    issued = [make_card("5.00 USD") for _ in range(3)]
    server.answers["MAIL"] = "550 who are you"
    worker.drain()
    assert [mail_of(one).status for one in issued] == ["waiting"] * 3
    assert sum(mail_of(one).attempts for one in issued) == 1


def test_without_a_server_there_mails_wait_and_only_one_pays_for_the_try(worker_for, make_card):
    server = MailServer()
    server.stop()
    issued = [make_card("5.00 USD") for _ in range(3)]
    worker_for(server.port).drain()
    assert [mail_of(one).status for one in issued] == ["waiting"] * 3
    assert sorted(mail_of(one).attempts for one in issued) == [0, 0, 1]


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        ("silent", "The mail server does not answer."),
        ("hang_data", "The mail server does not answer."),
        ("drop_greeting", "The mail server closed the connection."),
        ("drop_data", "The mail server closed the connection."),
    ],
)
def test_what_goes_wrong_before_the_last_line_is_tried_again(
    worker_for, make_card, monkeypatch, server, behaviour, problem
):
    monkeypatch.setattr(mail.smtp, "STEP_SECONDS", 1)
    bad = BadServer(behaviour)
    issued = make_card("5.00 USD")
    worker_for(bad.port).drain()
    bad.stop()
    found = mail_of(issued)
    assert (found.status, found.problem) == ("waiting", problem)
    with clock.moved(timedelta(minutes=2)):
        worker_for(server.port).drain()
    assert mail_of(issued).status == "sent"
    assert server.recipients == ["ann@example.com"]


@pytest.mark.parametrize("behaviour", ["drop_answer", "hang_answer"])
def test_silence_after_the_last_line_leaves_the_mail_in_doubt_and_it_is_not_sent_twice(
    worker_for, make_card, monkeypatch, server, behaviour
):
    monkeypatch.setattr(mail.smtp, "ANSWER_SECONDS", 1)
    bad = BadServer(behaviour)
    issued = make_card("5.00 USD")
    worker_for(bad.port).drain()
    assert bad.had_whole == 1
    bad.stop()
    found = mail_of(issued)
    assert found.status == "unclear"
    assert "did not answer" in found.problem
    with clock.moved(timedelta(days=4)):
        worker_for(server.port).drain()
    assert server.taken == []
    outbox.resending.send_again(found.id, by=ADMIN)
    worker_for(server.port).drain()
    assert mail_of(issued).status == "sent"


def test_a_line_cut_in_the_middle_of_a_mail_loses_nothing_and_doubles_nothing(
    worker_for, make_card, server
):
    bad = BadServer("drop_body")
    issued = make_card("5.00 USD")
    worker_for(bad.port).drain()
    bad.stop()
    found = mail_of(issued)
    # Whether we learn of the cut before or after our last line is a matter of milliseconds.
    assert found.status in {"waiting", "unclear"}
    outbox.resending.send_again(found.id, by=ADMIN)
    worker_for(server.port).drain()
    assert server.recipients == ["ann@example.com"]


@pytest.fixture
def secure_server(tmp_path):
    """A server that speaks TLS alone and wants a password; its certificate is of our making."""

    def check(server, session, envelope, mechanism, given) -> AuthResult:
        return AuthResult(success=given.password == b"open sesame", handled=False)

    authority = Authority(tmp_path)
    authority.trust  # noqa: B018 - writes the authority's own certificate
    made = MailServer(
        tls_context=authority.serve_as("127.0.0.1"),
        require_starttls=True,
        authenticator=check,
        auth_required=True,
    )
    yield made, tmp_path / "authority.pem"
    made.stop()


def secure_worker(config, engine, port: int, password: str = "open sesame") -> Worker:
    settings = replace(
        config,
        mail_server="127.0.0.1",
        mail_port=port,
        mail_use_tls=True,
        mail_username="shop",
        mail_password=password,
    )
    made = application.create_app(settings)
    engine.use()
    return Worker(made)


def test_over_tls_with_a_password(config, engine, secure_server, make_card, monkeypatch):
    server, certificate = secure_server
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    make_card("5.00 USD")
    secure_worker(config, engine, server.port).drain()
    assert server.recipients == ["ann@example.com"]


def test_a_wrong_password_is_reported(config, engine, secure_server, make_card, monkeypatch):
    server, certificate = secure_server
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    issued = make_card("5.00 USD")
    secure_worker(config, engine, server.port, "sesame").drain()
    assert mail_of(issued).status == "waiting"
    assert mail_of(issued).problem == "The mail server refused our user name or password."


def test_a_mail_server_that_cannot_be_trusted_gets_nothing(
    config, engine, secure_server, make_card
):
    server, _ = secure_server
    issued = make_card("5.00 USD")
    secure_worker(config, engine, server.port).drain()
    assert server.taken == []
    assert "certificate is not trusted" in mail_of(issued).problem


def test_a_line_that_the_server_closed_meanwhile_is_opened_again(worker, server, make_card):
    make_card("5.00 USD")
    worker.drain()
    worker._postman._line.host.sock.close()
    issued = make_card("5.00 USD")
    worker.drain()
    assert mail_of(issued).status == "sent"
    assert len(server.taken) == 2


def test_a_last_line_that_cannot_leave_us_was_not_sent(worker, server, make_card, monkeypatch):
    make_card("5.00 USD")
    worker.drain()
    issued = make_card("5.00 USD")
    monkeypatch.setattr(mail.smtp, "_has_hung_up", lambda line: True)
    worker.drain()
    found = mail_of(issued)
    assert (found.status, found.problem) == ("waiting", "The mail server closed the connection.")
    assert len(server.taken) == 1


def test_a_mail_that_cannot_be_written_does_not_stop_the_others(worker, server, make_card):
    broken = outbox.mail("card_recharged", to="ann@example.com")
    issued = make_card("5.00 USD")
    worker.drain()
    assert mail_of(issued).status == "sent"
    found = outbox.mails.find(broken)
    assert (found.status, found.problem) == ("waiting", "It could not be written (UndefinedError).")


def test_without_a_mail_server_mails_are_kept(config, engine, make_card):
    made = application.create_app(config)
    engine.use()
    issued = make_card("5.00 USD")
    Worker(made).drain()
    assert (mail_of(issued).status, mail_of(issued).attempts) == ("waiting", 0)


def test_a_card_changed_before_its_mail_went_out_tells_what_is_on_it_now(worker, server, make_card):
    issued = make_card("50.00 USD")
    cards.adjust(issued.card.id, change=amount_of("25.00 USD"), reason="A mistake", by=ADMIN)
    worker.drain()
    [message] = server.messages
    assert message["Subject"] == "Your $50.00 gift card"
    text, rich = parts_of(message)
    assert "$75.00 (Issued with $50.00)" in text
    assert "Issued with $50.00" in rich
