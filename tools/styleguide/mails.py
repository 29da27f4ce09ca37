"""A letter of each kind, with sample values in place of rows, for the product to write."""

from typing import Any

from giftweb.domain.mail.letters import CARRIERS, KINDS, LINKS, ORDERS, Enclosed, Letter
from giftweb.domain.outbox.mails import SENT, Mail
from giftweb.domain.staff.people import Person
from giftweb.money import Money
from tools.styleguide.orders import CAMPAIGN, CARD, NOW, PLAIN_CARD, SHEET, TRANSFER

PERSON = Person(
    id="stf_1",
    email="carol@kettles.example",
    name="Carol Jones",
    role="finance",
    is_active=True,
    has_totp=True,
    has_password=True,
    created_at=NOW,
    signed_in_at=NOW,
)
CODE = "7GK2M4XQ1T97K2Q"
_GIFTS = frozenset({"card_issued", "cards_purchased", "gift_sent"})
_TO_THE_HOUSE = frozenset({"staff_invitation", "staff_reset", "staff_changed", "account_notice"})
_DATA: dict[str, dict[str, Any]] = {
    "account_notice": {"what": "staff.signed_in", "agent": ""},
    "card_recharged": {"amount": 2500},
    "house_notice": {"what": "bonus.left_out", "amount": 250000},
    "order_cancelled": {"payment": TRANSFER.id, "amount": TRANSFER.amount_minor},
    "order_upsell": {"amount": 5000},
    "payment_received": {"payment": TRANSFER.id, "amount": TRANSFER.amount_minor},
    "payment_reminder": {"payment": TRANSFER.id, "amount": TRANSFER.amount_minor},
    "refund": {"amount": 9100, "method": "credit_card"},
    "staff_changed": {"what": "staff.role_changed"},
}


def kinds() -> list[str]:
    """Every kind of mail that the product sends."""
    return sorted(KINDS)


def letter(kind: str, *, language: str) -> Letter:
    """A mail of the kind, as if it had been gathered from the rows that it names."""
    data = _DATA.get(kind, {})
    is_of_house = kind in _TO_THE_HOUSE or kind == "house_notice"
    has_cards = kind not in ORDERS | LINKS and not is_of_house
    card = CARD if kind in _GIFTS else PLAIN_CARD
    code = CODE if kind in CARRIERS else None
    return Letter(
        mail=_mail(kind, data),
        shop="" if kind in _TO_THE_HOUSE else CAMPAIGN.brand_name,
        colour=CAMPAIGN.brand_colour,
        cards=(Enclosed(card, code),) if has_cards else (),
        sheet=SHEET if kind in ORDERS | {"gift_sent", "house_notice"} else None,
        amount=Money(data["amount"], "USD") if "amount" in data else None,
        token="sample" if kind in LINKS else None,
        bank_details=CAMPAIGN.bank_details,
        person=PERSON if kind in _TO_THE_HOUSE else None,
        by_name="Ann Smith",
        campaign_id=CAMPAIGN.id,
        shop_url=CAMPAIGN.shop_url,
        language=language,
    )


def _mail(kind: str, data: dict[str, Any]) -> Mail:
    return Mail(
        id="msg_1",
        kind=kind,
        to="ann@example.com",
        card_id=None,
        order_id=None,
        data=data,
        is_test=False,
        state=SENT,
        attempts=1,
        due_at=NOW,
        created_at=NOW,
        sent_at=NOW,
        problem=None,
    )
