"""Payments that are awaited: they come, or they never do (D21).

Door: ``receive`` and ``cancel``; for the worker ``lapse`` and ``remind``.
"""

from giftweb.domain.awaited.cancellation import cancel, due_to_lapse, lapse
from giftweb.domain.awaited.receipt import receive
from giftweb.domain.awaited.reminders import due_to_remind, remind

__all__ = ["cancel", "due_to_lapse", "due_to_remind", "lapse", "receive", "remind"]
