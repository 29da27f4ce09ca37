"""One key, one request, at most one effect, one answer (I27)."""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from giftweb import clock, database, keys
from giftweb.database import transactional
from giftweb.domain import audit
from giftweb.errors import IdempotencyInProgress, IdempotencyKeyReused, Unavailable


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered. ``body`` holds no code; ``card_id`` tells whose was left out."""

    status: int
    body: Any
    card_id: str | None = None
    is_replay: bool = False
    created_at: int = 0


def fingerprint(path: str, body: bytes) -> str:
    """What makes two requests the same: the path and the meaning of the body.

    Keyed: a body may hold a code, and nobody with the database alone may try codes against it.
    """
    return hmac.digest(keys.ring().chain, path.encode() + b"\n" + body, "sha256").hex()


def once(
    work: Callable[[], Answer],
    *,
    scope: str,
    key: str,
    fingerprint: str,
    is_test: bool = False,
    moves_money: bool = True,
) -> Answer:
    """Do ``work`` in one transaction with its key, or give the first answer again.

    Only success consumes the key: an error rolls it back with everything else.

    Raises: IdempotencyKeyReused, IdempotencyInProgress, and whatever ``work`` raises.
    Source: I27, API.md 3.
    """
    try:
        return _once(
            work,
            scope=scope,
            key=key,
            fingerprint=fingerprint,
            is_test=is_test,
            moves_money=moves_money,
        )
    except Unavailable as problem:
        if database.waited_too_long(problem.__cause__):
            raise IdempotencyInProgress from problem
        raise


@transactional
def _once(
    work: Callable[[], Answer],
    *,
    scope: str,
    key: str,
    fingerprint: str,
    is_test: bool,
    moves_money: bool,
) -> Answer:
    at = clock.micros()
    claimed = database.execute(
        "INSERT INTO idempotency_key (scope, key, fingerprint, moves_money, is_test, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        scope,
        key,
        fingerprint,
        moves_money,
        is_test,
        at,
    )
    if not claimed:
        return _replay(scope, key, fingerprint)
    answer = work()
    said = {
        "status": answer.status,
        "answer": _in_its_order(answer.body),
        "card_id": answer.card_id,
    }
    request = {"scope": scope, "key": key, "fingerprint": fingerprint, "created_at": at}
    flags = {"moves_money": moves_money, "is_test": is_test}
    database.write(
        "UPDATE idempotency_key SET status = ?, answer = ?, card_id = ?, seal = ?"
        " WHERE scope = ? AND key = ?",
        *said.values(),
        audit.seals.of("idempotency_key", request | flags | said),
        scope,
        key,
    )
    return answer


def answer_of(*, scope: str, key: str) -> Answer | None:
    """What was answered to a key; None when it was never used or is still in flight."""
    found = database.row(
        "SELECT status, answer, card_id, created_at FROM idempotency_key"
        " WHERE scope = ? AND key = ? AND status IS NOT NULL",
        scope,
        key,
    )
    if found is None:
        return None
    status, body, card_id, created_at = found
    return Answer(status, json.loads(body), card_id, is_replay=True, created_at=created_at)


def _in_its_order(body: Any) -> str:
    """The first answer and its replays agree to the letter, so names keep their order."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def _replay(scope: str, key: str, fingerprint: str) -> Answer:
    found = database.row(
        "SELECT fingerprint, status, answer, card_id, created_at FROM idempotency_key"
        " WHERE scope = ? AND key = ?",
        scope,
        key,
    )
    if found is None:
        raise IdempotencyInProgress
    first, status, body, card_id, created_at = found
    if first != fingerprint:
        raise IdempotencyKeyReused
    if status is None:
        raise IdempotencyInProgress
    return Answer(status, json.loads(body), card_id, is_replay=True, created_at=created_at)
