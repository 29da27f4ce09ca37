"""A checkpoint an hour, and its anchor on the ways out of the house (X18)."""

from collections.abc import Callable
from pathlib import Path

from giftweb import clock, security_log
from giftweb.database import transactional
from giftweb.domain import audit, house_settings, staff
from giftweb.domain.audit.anchors import Anchor

_MAILED = "anchor_mailed_on"


def checkpoint(*, file: Path | None, post: Callable[[str], None] | None) -> bool:
    """Write a checkpoint if one is due, and send its anchor out; whether it was written.

    It goes into the log and beside the keys, once a day to Finance, and where there is one into
    ``file`` and to ``post``, which raises nothing.
    """
    if not audit.checkpoints.write():
        return False
    anchor = audit.anchors.keep()
    audit.chains.forget_counted()
    if anchor is None:
        return False
    security_log.record("audit.anchor", anchor=str(anchor))
    _mail(anchor)
    if file is not None:
        audit.anchors.append(anchor, file)
    if post is not None:
        post(str(anchor))
    return True


@transactional
def _mail(anchor: Anchor) -> None:
    today = clock.today().isoformat()
    if house_settings.get(_MAILED) == today:
        return
    house_settings.put(_MAILED, today)
    staff.notices.to_finance("audit.anchor", anchor=str(anchor))
