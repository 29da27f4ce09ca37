"""Who acts in the log is known to the log, and might do so then (I43, X18).

Whoever plants an account or a key, acts through the program and takes it away again leaves entries
of somebody whom nobody ever added.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

SLACK = 15 * 60 * 1_000_000
"""Microseconds in which a request that was under way may still end after its right has."""

Found = tuple[str, str, str]
CHECK = "I43 known actors"


@dataclass(slots=True)
class _Known:
    """An account or a key: since when it may nothing more, and its roles with their ends."""

    ended_at: int | None = None
    roles: list[tuple[str, int | None]] = field(default_factory=list)

    def may(self, role: str | None, at: int) -> bool:
        """Whether it could act at an instant, with this role."""
        if self.ended_at is not None and at > self.ended_at + SLACK:
            return False
        ends = [end for name, end in self.roles if name == role]
        return not self.roles or any(end is None or at <= end + SLACK for end in ends)


class Actors:
    """Follows accounts and keys while the log is read in the order of writing."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def read(self, values: list) -> Iterator[Found]:
        """What is wrong with who wrote the next entry."""
        entry_id, at, kind, actor_id, role, action, subject, _, data, *_ = values
        if kind in ("staff", "api") and (why := self.why_not(actor_id, role, at)):
            yield CHECK, entry_id, why
        self._follow(action, subject, at, data)

    def why_not(self, actor_id: str, role: str | None, at: int) -> str | None:
        """Why the one could not do this then; None when they could."""
        known = self._known.get(actor_id)
        if known is None:
            return f"{actor_id} wrote it, and the log does not know since when there is such a one"
        if not known.may(role, at):
            return f"{actor_id} wrote it, and could not by then, or not with the role {role}"
        return None

    def _follow(self, action: str, subject: str, at: int, data: str | None) -> None:
        if action in ("staff.created", "staff.role_changed"):
            known = self._known.setdefault(subject, _Known())
            known.roles = [(name, end if end is not None else at) for name, end in known.roles]
            known.roles.append((json.loads(data or "{}").get("role", ""), None))
        elif action == "api_key.created":
            self._known[subject] = _Known()
        elif action in ("staff.deactivated", "api_key.revoked") and subject in self._known:
            self._known[subject].ended_at = at
        elif action == "staff.reactivated" and subject in self._known:
            self._known[subject].ended_at = None
