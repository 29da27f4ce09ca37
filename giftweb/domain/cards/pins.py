"""The PIN of a printed card: asked for besides its code, where it is spent or looked at (B23).

It is kept sealed with the card's id. Wrong ones are counted for each card by itself: every failure
makes the next try wait longer, up to a minute, so nobody is locked out and nobody can try them all.
That tries of a card wait is kept in the audit log, once a day.
"""

import hmac
import secrets
from typing import Protocol

from giftweb import codes, models
from giftweb.database import transactional
from giftweb.domain import audit, limits
from giftweb.domain.audit.log import SYSTEM
from giftweb.errors import Invalid, PinRequired
from giftweb.language import gettext

LENGTH = 6
SHORTEST, LONGEST = 4, 12


class PinWrong(PinRequired):
    """This is not the PIN of this card. Check it and try again."""


class Asked(Protocol):
    """A card, as far as its PIN is concerned."""

    @property
    def id(self) -> str: ...
    @property
    def needs_pin(self) -> bool | None: ...


def generate() -> str:
    """A new PIN."""
    return f"{secrets.randbelow(10**LENGTH):0{LENGTH}}"


def read(text: str) -> str:
    """A PIN that somebody else printed: digits.

    Raises: Invalid (pin).
    """
    pin = plain(text)
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise Invalid(
            gettext(
                "A PIN has {shortest} to {longest} digits.", shortest=SHORTEST, longest=LONGEST
            ),
            field="pin",
        )
    return pin


def plain(text: str | None) -> str:
    """What was typed, without blanks and dashes."""
    return "".join((text or "").split()).replace("-", "")


def find(card: Asked) -> str | None:
    """The PIN of a card, for the answer that creates it; None: it has none."""
    if not card.needs_pin:
        return None
    sealed = models.GiftCard.get_by_id(card.id).pin_sealed
    return codes.unseal_pin(bytes(sealed), card.id)


def require(card: Asked, typed: str | None) -> None:
    """Refuse a card with a PIN unless the right one was typed. Tries are counted by ``guesses``.

    Raises: PinRequired.
    """
    if not card.needs_pin:
        return
    if not plain(typed):
        raise PinRequired(gift_card_id=card.id, field="pin")
    if not hmac.compare_digest(plain(typed).encode(), str(find(card)).encode()):
        raise PinWrong(gift_card_id=card.id, field="pin")


@transactional
def note_guesses(card_id: str) -> None:
    """Keep in the audit log that wrong PINs of the card were entered, the first time of a day."""
    if limits.daily_use.add(f"pin {card_id}", 1) == 1:
        is_test = models.GiftCard.get_by_id(card_id).is_test
        audit.record(by=SYSTEM, action="gift_card.pin_guessed", subject=card_id, is_test=is_test)
