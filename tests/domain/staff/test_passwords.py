"""Passwords are hashed one at a time, so that trying many keeps the other threads free."""

import threading

import pytest

from giftweb.domain.staff import passwords
from giftweb.errors import Unavailable

pytestmark = [pytest.mark.no_database, pytest.mark.proves("X19")]


class Hasher:
    """Stands in for Argon2: hashes until it is let go, and knows how many it hashes at once."""

    def __init__(self):
        self.running, self.most, self.go_on = 0, 0, threading.Event()

    def hash(self, password: str) -> str:
        self.running += 1
        self.most = max(self.most, self.running)
        self.go_on.wait(10)
        self.running -= 1
        return password


@pytest.fixture
def hasher(monkeypatch) -> Hasher:
    slow = Hasher()
    monkeypatch.setattr(passwords, "_hasher", lambda: slow)
    return slow


def test_one_password_is_hashed_at_a_time_two_wait_and_a_fourth_is_turned_away(hasher):
    hashing = [threading.Thread(target=passwords.hash_of, args=("x",)) for _ in range(3)]
    for thread in hashing:
        thread.start()
    while passwords._at_once.acquire(blocking=False):
        passwords._at_once.release()
    with pytest.raises(Unavailable):
        passwords.hash_of("x")
    hasher.go_on.set()
    for thread in hashing:
        thread.join()
    assert hasher.most == 1
    assert passwords.hash_of("x") == "x"
