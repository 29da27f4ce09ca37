"""The queue of writers in front of an SQLite file: in turn, across threads and processes."""

import multiprocessing
import os
import signal
import threading
import time

import pytest

from giftweb.database.write_queue import Ticket

pytestmark = pytest.mark.no_database


@pytest.fixture
def path(tmp_path):
    return tmp_path / "giftweb.db.ticket"


def in_a_thread(work) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_writers_of_one_process_take_turns(path):
    ticket, order = Ticket(path), []

    def write() -> None:
        ticket.take(timeout=5)
        order.append("in")
        time.sleep(0.01)
        order.append("out")
        ticket.give_back()

    for thread in [in_a_thread(write) for _ in range(5)]:
        thread.join()
    assert order == ["in", "out"] * 5


def test_who_has_waited_too_long_goes_on_without_a_turn(path):
    ticket = Ticket(path)
    ticket.take(timeout=5)
    tried = threading.Event()

    def write() -> None:
        ticket.take(timeout=0.01)
        ticket.give_back()
        tried.set()

    in_a_thread(write).join()
    assert tried.is_set()
    still_mine = in_a_thread(lambda: ticket.take(timeout=0.01))
    still_mine.join()
    ticket.give_back()
    in_a_thread(lambda: (ticket.take(timeout=5), ticket.give_back())).join()


def _hold(path, taken, leave) -> None:
    ticket = Ticket(path)
    ticket.take(timeout=5)
    taken.set()
    leave.wait()
    ticket.give_back()


@pytest.mark.parametrize("is_killed", [False, True], ids=["leaves", "is killed"])
def test_another_process_waits_until_the_holder(path, is_killed):
    context = multiprocessing.get_context("fork")
    taken, leave = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(path, taken, leave))
    other.start()
    assert taken.wait(5)
    ticket, got = Ticket(path), threading.Event()
    waiting = in_a_thread(lambda: (ticket.take(timeout=5), got.set(), ticket.give_back()))
    assert not got.wait(0.05)
    if is_killed:
        os.kill(other.pid, signal.SIGKILL)
    else:
        leave.set()
    assert got.wait(5)
    waiting.join()
    other.join()


def test_a_forked_process_queues_up_by_itself(path):
    ticket = Ticket(path)
    ticket.take(timeout=5)
    ticket.give_back()
    context = multiprocessing.get_context("fork")
    got = context.Event()
    ticket.take(timeout=5)
    child = context.Process(target=_take_anew, args=(ticket, got))
    child.start()
    assert not got.wait(0.1)
    ticket.give_back()
    assert got.wait(5)
    child.join()


def _take_anew(ticket: Ticket, got) -> None:
    ticket._turn = threading.Lock()  # the parent's thread, which holds it, is not here
    ticket.take(timeout=5)
    got.set()
    ticket.give_back()
