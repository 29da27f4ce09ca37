"""Nobody learns from an answer which codes exist: whole answers are compared."""

import re

import pytest

from giftweb import codes
from giftweb.domain import cards, carts
from tests.factories import AGENT, ROOT, make_campaign, make_card, make_checkout
from tests.proofs import solve
from tests.web.test_store import fill_cart, shop  # noqa: F401 - a fixture

HTMX = {"HX-Request": "true"}
ELSEWHERE = {"REMOTE_ADDR": "198.51.100.1"}


def unusable_codes() -> dict[str, str]:
    """Well-formed codes that pay nothing here, by why."""
    made = {name: make_card("40.00 USD") for name in ("frozen", "cancelled")}
    cards.freeze(made["frozen"].card.id, by=AGENT, reason="lost")
    cards.endings.cancel(made["cancelled"].card.id, by=ROOT, reason="wrong")
    made["test"] = make_card("40.00 USD", is_test=True)
    return {"unknown": codes.generate()} | {name: each.code for name, each in made.items()}


def whole(answer, code: str) -> tuple[int, list[tuple[str, str]], str]:
    """Everything in an answer but the code that was typed and what is new in each answer."""
    body = answer.text
    for spelling in (code, codes.grouped(code)):
        body = body.replace(spelling, "CODE")
    body = re.sub(r"[\w-]{40,}\.[\w.-]{20,}", "", body)  # the session's token
    headers = [
        (name, value)
        for name, value in answer.headers
        if name not in ("Set-Cookie", "Date", "Content-Length")
    ]
    return answer.status_code, sorted(headers), body


def assert_all_alike(answers: dict[str, tuple]) -> None:
    assert len(answers) == 4
    first = answers["unknown"]
    assert first[0] == 422
    assert "This code cannot be used here." in first[2]
    assert {name for name, answer in answers.items() if answer != first} == set()


@pytest.mark.proves("X15")
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_hosted_shop_answers_every_unusable_code_alike(client, shop, headers):  # noqa: F811
    fill_cart(client, shop)
    client.get(f"{shop}/")  # shows the message of the cart, once
    answers = {}
    for name, code in unusable_codes().items():
        place = f"{shop}/checkout/apply"
        answer = client.post(place, data={"code": code}, headers=headers)
        answers[name] = whole(answer, code)
    assert_all_alike(answers)


@pytest.mark.proves("X15")
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_widget_answers_every_unusable_code_alike(app, headers):
    campaign = make_campaign().id
    token = carts.client_token(make_checkout(campaign_id=campaign))
    answers = {}
    for name, code in unusable_codes().items():
        data = {"token": token, "code": code}
        answer = app.test_client().post(f"/widget/{campaign}/apply", data=data, headers=headers)
        answers[name] = whole(answer, code)
    assert_all_alike(answers)


def wrong(client, place: str, times: int = 1, **options):
    """The answer to the last of so many wrong codes."""
    for _ in range(times):
        data = {"code": codes.generate(), **options.get("data", {})}
        answer = client.post(
            place, data=data, headers=HTMX, environ_base=options.get("environ_base", {})
        )
    return answer


def challenge_in(answer) -> str:
    return re.search('data-challenge="([^"]+)"', answer.text)[1]


@pytest.mark.proves("X10")
def test_who_guesses_in_the_hosted_shop_proves_work_and_a_right_code_is_heard(
    client,
    shop,  # noqa: F811
):
    fill_cart(client, shop)
    place, card = f"{shop}/checkout/apply", make_card("5.00 USD")
    waits = wrong(client, place, 12)
    assert waits.status_code == 429
    proof = solve(challenge_in(waits))
    assert wrong(client, place, data={"proof": proof}).status_code == 422
    assert wrong(client, place, environ_base=ELSEWHERE).status_code == 429
    assert card.card.last4 in client.post(place, data={"code": card.code}, headers=HTMX).text


@pytest.mark.proves("X10")
def test_who_guesses_in_a_frame_proves_work_and_no_other_cart_notices(app):
    campaign, client = make_campaign().id, app.test_client()
    token, other = (carts.client_token(make_checkout(campaign_id=campaign)) for _ in "12")
    place = f"/widget/{campaign}/apply"
    waits = wrong(client, place, 12, data={"token": token})
    assert waits.status_code == 429
    proof = solve(challenge_in(waits))
    proven = wrong(client, place, data={"token": token, "proof": proof})
    assert proven.status_code == 422
    elsewhere = {"environ_base": ELSEWHERE}
    assert wrong(client, place, data={"token": token}, **elsewhere).status_code == 429
    assert wrong(client, place, data={"token": other}, **elsewhere).status_code == 422
