"""When the audit ran, and what it found: by the command, and by the worker each night.

A night's run looks at the cards whose money has moved since the run before; once a week, and as
long as there are few transfers, at everything.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from giftweb import clock, database, days, ids
from giftweb.database import records, transactional
from giftweb.domain import time_zones
from giftweb.domain.audit import anchors, check_days, check_new, checks, seals
from giftweb.domain.audit.checks import Breach
from giftweb.models import AuditRun

log = logging.getLogger(__name__)

FULL, NEW = "full", "new"

FULL_EVERY = timedelta(days=7)
FEW = 100_000
"""Up to so many transfers a full run takes seconds."""

HOUR = 3
"""When the worker begins, by clocks in the shop's zone."""

KEPT_BREACHES = 200
LISTED = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run. ``checks``: each with its name and how many breaches it found."""

    id: str
    at: datetime
    kind: str
    milliseconds: int
    transfers_to: int
    checks: list[dict[str, Any]]
    breaches: list[dict[str, str]]
    head: str | None

    @property
    def count(self) -> int:
        """How many breaches were found."""
        return sum(check["breaches"] for check in self.checks)


def newest(kind: str | None = None) -> Run | None:
    """The last run, or the last of this kind."""
    found = records.select(Run, AuditRun).order_by(AuditRun.id.desc())
    return (found.where(AuditRun.kind == kind) if kind else found).first()


def listed() -> list[Run]:
    """The last runs, newest first."""
    return list(records.select(Run, AuditRun).order_by(AuditRun.id.desc()).limit(LISTED))


def run_if_due() -> int:
    """The run of this night, if it has not been yet; how many runs are left to do: none."""
    zone = time_zones.of_house()
    there, last = days.local(clock.now(), zone), newest()
    is_done = last is not None and days.day_of(last.at, zone) >= there.date()
    if is_done or there.hour < HOUR or not check_days.last_number():
        return 0
    found = run(FULL if _is_full_due() else NEW)
    if found.count:
        log.error("The audit found %s breaches: see /staff/audit/books", found.count)
    return 0


def _is_full_due() -> bool:
    last = newest(FULL)
    zone = time_zones.of_house()
    is_old = last is None or days.today(zone) - days.day_of(last.at, zone) >= FULL_EVERY
    return is_old or check_days.last_number() <= FEW


def run(kind: str) -> Run:
    """Run the audit now, and keep what it found."""
    began, last = time.monotonic_ns(), newest()
    to = check_days.last_number()
    if kind == FULL:
        found: Iterable[Breach] = checks.run()
        names: Sequence[str] = checks.names()
    else:
        with database.snapshot():
            after = last.transfers_to if last else 0
            found = [Breach(*each) for each in check_new.breaches(after)]
        names = check_new.CHECKS
    return keep(
        kind, names=names, found=found, transfers_to=to, nanoseconds=time.monotonic_ns() - began
    )


@transactional
def keep(
    kind: str,
    *,
    names: Sequence[str],
    found: Iterable[Breach],
    transfers_to: int,
    nanoseconds: int,
) -> Run:
    """Keep what a run found, with the log's head at this moment."""
    breaches = list(found)
    counts, head = Counter(breach.check for breach in breaches), anchors.newest()
    new = Run(
        id=ids.new("run"),
        at=clock.now(),
        kind=kind,
        milliseconds=nanoseconds // 1_000_000,
        transfers_to=transfers_to,
        checks=[
            {"name": name, "breaches": counts[name]} for name in dict.fromkeys([*names, *counts])
        ],
        breaches=[
            {"check": each.check, "row": each.row, "text": each.text}
            for each in breaches[:KEPT_BREACHES]
        ],
        head=None if head is None else str(head),
    )
    seals.insert(AuditRun, new)
    return new
