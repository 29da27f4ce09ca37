"""Payments that are awaited: they come, or they never do (D21).

Door: ``receive`` and ``cancel``; for the worker ``lapse`` and ``remind``. ``search`` lists those
that somebody has to look for; ``statement`` reads which of them a bank statement's lines pay;
``expected`` says which gift cards they will make.
"""

from giftweb.domain.awaited import expected, search, statement
from giftweb.domain.awaited.cancellation import cancel, due_to_lapse, lapse
from giftweb.domain.awaited.receipt import receive
from giftweb.domain.awaited.reminders import due_to_remind, remind

__all__ = [
    "cancel",
    "due_to_lapse",
    "due_to_remind",
    "expected",
    "lapse",
    "receive",
    "remind",
    "search",
    "statement",
]
