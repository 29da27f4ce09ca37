"""Payment providers for tests: one in this process, which can fail at any step."""

from dataclasses import dataclass, field

from giftweb.domain.payments.providers import Answer, Prepared, ProviderRefund, Setup, Source
from giftweb.money import Money


class Unplugged(Exception):
    """The program was stopped at this point."""


@dataclass
class Provider:
    """Keeps what Stripe would: payments by key. ``breaks`` names a step after which we die."""

    name: str = "stripe"
    asks_shop: bool = False
    is_remote: bool = True
    publishable_key: str = "pk"
    script_url: str = "http://127.0.0.1/js.stripe.com/v3/"
    payments: dict[str, dict] = field(default_factory=dict)
    refunds: dict[str, int] = field(default_factory=dict)
    setups: dict[str, str] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    breaks: str = ""
    declines: bool = False
    is_silent: bool = False
    outcome: str = ""
    made_there: list[ProviderRefund] = field(default_factory=list)

    @property
    def charged(self) -> int:
        """What it has really taken, less what it gave back."""
        taken = sum(p["amount"] for p in self.payments.values() if p["status"] == "captured")
        return taken - sum(self.refunds.values())

    @property
    def reserved(self) -> int:
        """What it holds of the shopper's money without having taken it."""
        return sum(p["amount"] for p in self.payments.values() if p["status"] == "reserved")

    def _done(self, step: str) -> None:
        if self.breaks == step:
            raise Unplugged(step)

    def open_setup(self, *, email: str, name: str, order: str) -> Setup:
        """The browser is taken to name the card at once."""
        reference = f"seti_{len(self.setups) + 1}"
        self.setups[reference] = order
        return Setup(reference, f"{reference}_secret")

    def authorise(self, *, source: Source, amount: Money, key: str, order: str) -> Prepared:
        if self.declines:
            return Prepared(problem="Your card was declined.")
        if source.kind == "card" and self.setups.get(source.token) != order:
            return Prepared(problem="The card was not confirmed.")
        self.used.append(source.token)
        found = self.payments.setdefault(key, {"amount": amount.minor, "status": "reserved"})
        found["order"] = order
        self._done("authorise")
        return Prepared(reference=key)

    def retrieve(self, *, reference: str) -> Answer:
        status = self.payments[reference]["status"]
        if status == "voided":
            return Answer("failed", reference, "It was voided.")
        found = "processing" if self.outcome == "processing" else "succeeded"
        return Answer(found, reference, method="credit_card", reusable_method="cus_1:pm_1")

    def capture(self, *, reference: str, amount: Money, key: str) -> Answer:
        if self.is_silent:
            return Answer("unknown")
        if self.outcome:
            return Answer(self.outcome, reference, "Insufficient funds.")
        self._done("before capture")
        self.payments[reference]["status"] = "captured"
        self._done("capture")
        return Answer("succeeded", reference)

    def void(self, *, reference: str | None, key: str, amount: Money) -> Answer:
        found = self.payments.get(reference or key)
        if found and found["status"] == "reserved":
            found["status"] = "voided"
        self._done("void")
        return Answer("succeeded")

    def refund(self, *, reference: str, amount: Money, key: str) -> Answer:
        if self.is_silent:
            return Answer("unknown", problem="no answer")
        if self.declines:
            return Answer("failed", problem="The account is closed")
        self.refunds[key] = amount.minor
        self._done("refund")
        return Answer("succeeded", key)

    def refunds_of(self, *, reference: str) -> list[ProviderRefund] | None:
        """Those that were made at the provider, and those that we asked for."""
        if self.is_silent:
            return None
        ours = [
            ProviderRefund(key, key, Money(minor, "USD"), has_failed=False)
            for key, minor in self.refunds.items()
        ]
        return [*ours, *self.made_there]

    def authorise_off_session(self, *, method: str, amount: Money, key: str) -> Answer:
        """Like Stripe, the same answer to the same key, a decline too; it may be lost."""
        if key not in self.answers and self.declines:
            self.answers[key] = Answer("failed", problem="Your card was declined.")
        elif key not in self.answers:
            self.payments[key] = {"amount": amount.minor, "status": "reserved"}
            self.answers[key] = Answer("succeeded", key)
        return Answer("unknown") if self.is_silent else self.answers[key]
