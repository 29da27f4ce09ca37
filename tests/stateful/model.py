"""What must be so after every step, kept in plain values beside the real domain."""

from dataclasses import dataclass, field
from datetime import date, datetime

from giftweb import clock


@dataclass
class ModelCard:
    """What a card must hold. ``is_used``: it, or one that it replaces, was captured."""

    id: str
    code: str
    is_test: bool
    balance: int
    state: str = "open"
    expires_on: date | None = None
    is_used: bool = False
    successor: str | None = None

    @property
    def status(self) -> str:
        """What people must read."""
        if self.state in ("cancelled", "replaced", "expired"):
            return self.state
        if self.expires_on and self.expires_on < clock.today():
            return "expired"
        return "frozen" if self.state == "frozen" else "active" if self.balance else "used_up"

    @property
    def is_alive(self) -> bool:
        """Whether anything can still be done to it."""
        return self.status in ("active", "used_up", "frozen")


@dataclass
class ModelCart:
    """What a checkout must say: the applied cards, their shares, and the holds that stand.

    ``earning``: what of the total earns a bonus; gift cards and recharges earn none.
    """

    id: str
    is_test: bool
    total: int
    coverable: int
    earning: int
    until: datetime
    state: str = "open"
    shares: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    recharges: str | None = None

    @property
    def is_late(self) -> bool:
        """Whether its time is over."""
        return self.state in ("open", "authorised") and self.until <= clock.now()


@dataclass
class ModelPayment:
    """What a tender paid and what of it is gone again."""

    id: str
    card: str | None
    left: int


@dataclass
class ModelOrder:
    """An order: its payments, what was refunded, the cards that staff gave on it."""

    id: str
    is_test: bool
    total: int
    payments: list[ModelPayment]
    given: dict[str, int] = field(default_factory=dict)
    refunded: int = 0
