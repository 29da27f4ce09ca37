"""The queue of writers in front of an SQLite file: in turn, across threads and processes."""

import multiprocessing
import os
import signal
import threading
import time

import pytest

from giftweb.database.write_queue import WriteQueue

pytestmark = pytest.mark.no_database


@pytest.fixture
def path(tmp_path):
    return tmp_path / "giftweb.db.queue"


def in_a_thread(work) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_writers_of_one_process_take_turns(path):
    queue, order = WriteQueue(path), []

    def write() -> None:
        queue.acquire(timeout=5)
        order.append("in")
        time.sleep(0.01)
        order.append("out")
        queue.release()

    for thread in [in_a_thread(write) for _ in range(5)]:
        thread.join()
    assert order == ["in", "out"] * 5


def test_who_has_waited_too_long_goes_on_without_a_turn(path):
    queue = WriteQueue(path)
    queue.acquire(timeout=5)
    tried = threading.Event()

    def write() -> None:
        queue.acquire(timeout=0.01)
        queue.release()
        tried.set()

    in_a_thread(write).join()
    assert tried.is_set()
    in_a_thread(lambda: queue.acquire(timeout=0.01)).join()
    queue.release()
    in_a_thread(lambda: (queue.acquire(timeout=5), queue.release())).join()


def _hold(path, taken, leave) -> None:
    queue = WriteQueue(path)
    queue.acquire(timeout=5)
    taken.set()
    leave.wait()
    queue.release()


@pytest.mark.parametrize("is_killed", [False, True], ids=["leaves", "is killed"])
def test_another_process_waits_until_the_holder(path, is_killed):
    context = multiprocessing.get_context("fork")
    taken, leave = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(path, taken, leave))
    other.start()
    assert taken.wait(5)
    queue, got = WriteQueue(path), threading.Event()
    waiting = in_a_thread(lambda: (queue.acquire(timeout=5), got.set(), queue.release()))
    assert not got.wait(0.05)
    if is_killed:
        os.kill(other.pid, signal.SIGKILL)
    else:
        leave.set()
    assert got.wait(5)
    waiting.join()
    other.join()


def test_a_forked_process_queues_up_by_itself(path):
    queue = WriteQueue(path)
    queue.acquire(timeout=5)
    queue.release()
    context = multiprocessing.get_context("fork")
    got = context.Event()
    queue.acquire(timeout=5)
    child = context.Process(target=_acquire_again, args=(queue, got))
    child.start()
    assert not got.wait(0.1)
    queue.release()
    assert got.wait(5)
    child.join()


def test_a_process_that_has_waited_too_long_goes_on_without_a_turn(path):
    context = multiprocessing.get_context("fork")
    taken, leave = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(path, taken, leave))
    other.start()
    assert taken.wait(5)
    queue, late = WriteQueue(path), threading.Event()
    writer = in_a_thread(lambda: (queue.acquire(timeout=0.05), late.set(), queue.release()))
    went_on = late.wait(5)
    leave.set()
    writer.join()
    other.join()
    assert went_on
    # The lock that came too late was given back: this process and the next one get their turns.
    queue.acquire(timeout=5)
    assert queue._mine.held
    queue.release()
    next_one = WriteQueue(path)
    next_one.acquire(timeout=5)
    assert next_one._mine.held
    next_one.release()


def _acquire_again(queue: WriteQueue, got) -> None:
    queue._turn = threading.Lock()  # the parent's thread, which holds it, is not here
    queue.acquire(timeout=5)
    got.set()
    queue.release()
