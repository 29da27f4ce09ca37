"""One key, one request, at most one effect, one answer (I27)."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from giftweb import clock, database
from giftweb.database import transactional
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
    """What makes two requests the same: the path and the meaning of the body."""
    return hashlib.sha256(path.encode() + b"\n" + body).hexdigest()


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
    claimed = database.execute(
        "INSERT INTO idempotency_key (scope, key, fingerprint, moves_money, is_test, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        scope,
        key,
        fingerprint,
        moves_money,
        is_test,
        clock.micros(),
    )
    if not claimed:
        return _replay(scope, key, fingerprint)
    answer = work()
    database.write(
        "UPDATE idempotency_key SET status = ?, answer = ?, card_id = ?"
        " WHERE scope = ? AND key = ?",
        answer.status,
        database.to_json(answer.body),
        answer.card_id,
        scope,
        key,
    )
    return answer


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
