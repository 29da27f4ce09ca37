"""Several processes at one card: nothing is lost, nothing happens twice."""

import contextlib
import multiprocessing
import threading
from pathlib import Path

import pytest

from giftweb import database, errors, keys
from giftweb.domain import cards, carts, checkout
from giftweb.domain.audit.log import SYSTEM
from tests.factories import AGENT, amount_of, goods, make_campaign, make_card, make_checkout

PROCESSES = 2
ROUNDS = 25


def hammer(url: str, keys_path: str, card_id: str, code: str, campaign_id: str, at_once) -> None:
    """Recharge the card and buy with it, online and at a till, by turns; put what was acknowledged
    on ``done``."""
    start, done = at_once
    keys.follow(Path(keys_path))
    database.connect(url)
    gained = spent = 0
    start.wait()
    for number in range(ROUNDS):
        if number % 2:
            cards.top_up(card_id, amount=amount_of("0.30 USD"), by=AGENT, send_email=False)
            gained += 30
        with contextlib.suppress(errors.InsufficientBalance, errors.CardNotUsable):
            spent += _paid_at_a_till(code, campaign_id) if number % 4 == 1 else 0
        opened = make_checkout(goods("0.70 USD"), campaign_id=campaign_id, shipping="0.00 USD")
        try:
            carts.apply(opened.id, code=code)
            checkout.capture(opened.id, tenders=[], by=SYSTEM)
            spent += 70
        except (errors.InsufficientBalance, errors.CardNotUsable, errors.PaymentIncomplete):
            pass
    database.close()
    done.put((gained, spent))


def _paid_at_a_till(code: str, campaign_id: str) -> int:
    till = {"campaign_id": campaign_id, "is_test": False, "by": SYSTEM}
    receipt = {"amount": amount_of("0.90 USD"), "reference": "R-1", "allow_part": True}
    return checkout.redemptions.redeem(code, **receipt, **till).taken.minor


@pytest.mark.proves("B21", "I2", "I4", "I5", "I10", "I31", "I32")
def test_two_processes_at_one_card_lose_nothing(engine, keys_path):
    card, campaign = make_card("20.00 USD"), make_campaign()
    database.close()
    spawn = multiprocessing.get_context("spawn")
    start, done = spawn.Barrier(PROCESSES), spawn.Queue()
    workers = [
        spawn.Process(
            target=hammer,
            args=(engine.url, str(keys_path), card.card.id, card.code, campaign.id, (start, done)),
        )
        for _ in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    reported = [done.get(timeout=100) for _ in workers]
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    gained, spent = (sum(each) for each in zip(*reported, strict=True))
    found = cards.find(card.card.id)
    assert found.balance_minor == 2000 + gained - spent
    assert spent > 0
    moved = database.rows(
        "SELECT version, balance_after_minor FROM transfer WHERE card_id = ? ORDER BY created_at",
        found.id,
    )
    assert [version for version, _ in moved] == list(range(1, found.version + 1))


@pytest.mark.proves("I32")
def test_readers_see_a_card_in_one_order(engine):
    """No reader goes back in time, or sees a balance that no transfer left behind."""
    card_id = make_card("5.00 USD").card.id
    seen: list[list[tuple[int, int]]] = []
    over = threading.Event()

    def read() -> None:
        mine = []
        while not over.is_set():
            card = cards.find(card_id)
            mine.append((card.version, card.balance_minor))
        database.close()
        seen.append(mine)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(40):
        cards.top_up(card_id, amount=amount_of("0.01 USD"), by=AGENT, send_email=False)
    over.set()
    for reader in readers:
        reader.join()
    known = set(
        database.rows(
            "SELECT version, balance_after_minor FROM transfer WHERE card_id = ?", card_id
        )
    )
    for mine in seen:
        assert mine == sorted(mine)
        assert set(mine) <= known
    assert len(seen) == 3
