"""One word for one thing: what pages, mails and refusals say, and what they never say instead.

The style guide shows the table, and tests/test_words.py keeps it.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """``say`` it so; ``never`` is a pattern of what is not written, ``example`` one of it."""

    say: str
    never: re.Pattern[str]
    example: str
    about: str


def _word(say: str, never: str, example: str, about: str) -> Word:
    return Word(say, re.compile(never), example, about)


WORDS = (
    _word("$20.00", r"\d (USD|CAD|EUR|GBP|JPY)\b", "20.00 USD", "An amount, everywhere"),
    _word("-$20.00", r"−(?=\S)", "−$20.00", "An amount that is taken away: a hyphen"),
    _word("Not shipped", r"\bPending\b", "Pending", "An order whose goods are still here"),
    _word("Waiting for payment", r"\bUnpaid\b", "Unpaid", "Money that has not come"),
    _word("Live, Test", r"\bReal (order|payment|card)", "Real orders", "The two kinds of money"),
    _word("Number", r"\bSKU\b", "SKU", "What a shop calls a product by"),
    _word("Gift card", r"\b([Vv]oucher|[Gg]iftcard|[Cc]oupon)\b", "Voucher", "The thing we sell"),
    _word("Recharge", r"\b[Tt]op(ped)? up\b", "Top up", "More money on a card"),
    _word("Sign in", r"\b[Ll]og(ged)? (in|out)\b", "Log in", "Opening the desk or an account"),
    _word("Email", r"\b[Ee]-[Mm]ail", "E-mail", "The address; a message is a mail"),
    _word("Press", r"\b[Cc]lick(ed|ing)? (on|the|here)\b", "Click on", "What one does to a button"),
    _word(
        "Enter a date.", r"\b(Invalid|Illegal) \w+\b", "Invalid date", "What is wrong in a field"
    ),
    _word("(nothing)", r"\b([Ss]orry|[Oo]ops)\b", "Sorry!", "Pages do not apologise"),
)
