"""Money in pages: amounts in elements that never break, movements with their sign."""

from markupsafe import Markup

from giftweb.money import Money, minor_text, money_text

NOTHING = Markup('<span class="soft">–</span>')


def money(amount: Money | None) -> Markup:
    """The amount in a span that never breaks; a dash where there is none."""
    return NOTHING if amount is None else _span("money", money_text(amount))


def signed_money(amount: Money) -> Markup:
    """A movement: ``+$25.00`` or ``-$25.00``; the sign counts, the colour only helps."""
    tone = " money-in" if amount.minor > 0 else ""
    return _span(f"money{tone}", minor_text(amount.minor, amount.currency, "+"))


def _span(kind: str, text: str) -> Markup:
    """Text of ours (digits and a currency's symbol) that needs no escaping."""
    return Markup(f'<span class="{kind}">{text}</span>')  # noqa: S704
