"""The content of each mail, read from the rows it names when it is written, never before.

A code is opened here, for the mail that carries it, and stands in no row of the outbox. A sign-in
link's secret comes sealed in the mail's data (``token_sealed``, hex, sealed with the address).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from giftweb import clock, codes, database, language
from giftweb.database import transactional
from giftweb.domain import audit, campaigns, catalogue, orders, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards import delivery, holder, values
from giftweb.domain.cards.values import CANCELLED, EXPIRED, REPLACED, Card
from giftweb.domain.catalogue.designs import Design
from giftweb.domain.orders.values import OrderSheet
from giftweb.domain.outbox.addressees import CARRIERS
from giftweb.domain.outbox.mails import Mail
from giftweb.domain.payments.payments import Payment
from giftweb.domain.staff.people import Person
from giftweb.errors import Invalid
from giftweb.language import gettext
from giftweb.money import Money

_ABOUT_LIVING_CARDS = CARRIERS | {"card_expiring", "card_unused"}
LINKS_TO_STAFF = frozenset({"staff_invitation", "staff_reset"})
LINKS = LINKS_TO_STAFF | {"sign_in_link"}
TO_STAFF = LINKS_TO_STAFF | {"staff_changed", "account_notice"}
PAYMENTS = frozenset({"payment_received", "payment_reminder", "order_cancelled"})
ORDERS = frozenset({"order_confirmation", "order_upsell", "order_moved", "refund"}) | PAYMENTS
_TO_HOLDERS = frozenset({"card_recharged", "card_expiring", "card_unused", "holder_changed"})
_OTHERS = _TO_HOLDERS | {"gift_sent", "house_notice"}
KINDS = CARRIERS | LINKS | TO_STAFF | ORDERS | _OTHERS


class NothingToSend(LookupError):
    """The cards or the link of the mail have ended; its text is the reason."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A card in a mail; ``code`` is None where it is not shown."""

    card: Card
    code: str | None

    @property
    def grouped_code(self) -> str:
        """The code as people read it; dots in place of what is not shown."""
        if self.code is None:
            return f"•••••-•••••-•{self.card.last4}"
        return codes.grouped(self.code)


@dataclass(frozen=True, slots=True)
class Letter:
    """The content of a mail, to be written in its ``language``. ``shop`` is empty when no campaign
    stands behind it.

    ``bank_details``: where an order is paid by transfer, line by line. ``person``: the member of
    staff whose account it is about, ``by_name`` who did something to it. ``shop_url``: where its
    cards are spent, a path in this house where that is the hosted shop, "" when it is unknown.
    ``is_reviewed``: gift cards that the order bought wait for a review before they are sent.
    ``voucher_tax``: the rate that is due for gift cards when they are sold, if any is.
    """

    mail: Mail
    shop: str
    colour: str
    cards: tuple[Enclosed, ...]
    sheet: OrderSheet | None
    amount: Money | None
    token: str | None
    bank_details: str = ""
    person: Person | None = None
    by_name: str = ""
    campaign_id: str = ""
    shop_url: str = ""
    logo: campaigns.logos.Logo | None = None
    language: str = language.ENGLISH
    is_reviewed: bool = False
    voucher_tax: int | None = None

    @property
    def payment(self) -> Payment | None:
        """The payment that the mail is about, or None."""
        paid = self.sheet.payments if self.sheet else ()
        return next((each for each in paid if each.id == self.mail.data.get("payment")), None)

    def design(self, card: Card) -> Design | None:
        """The picture on a card; None: the shop's colour."""
        return catalogue.designs.named(card.design)

    @property
    def card(self) -> Card | None:
        """The first card, or None."""
        return self.cards[0].card if self.cards else None

    @property
    def recipient(self) -> str | None:
        """The name of whoever all of the cards are for; None when they are for several people."""
        return _common(each.card.holder_name for each in self.cards)

    @property
    def giver(self) -> str | None:
        """The name of whoever gives all of the cards; None when several people do, or nobody."""
        return _common(each.card.sender_name for each in self.cards)


def _common(names: Iterable[str | None]) -> str | None:
    found = set(names)
    return found.pop() if len(found) == 1 else None


def gather(mail: Mail, *, with_secrets: bool = True) -> Letter:
    """The content of the mail now; without secrets its codes and its link are left out.

    Raises: NothingToSend when every card or link that it was to carry has ended, NotFound.
    """
    with database.snapshot():
        enclosed = [values.find(card_id) for card_id in mail.card_ids]
        cards = _still_alive(enclosed) if mail.kind in _ABOUT_LIVING_CARDS else enclosed
        if mail.kind in CARRIERS:
            cards = [delivery.as_delivered(card) for card in cards]
        shows_codes = with_secrets and mail.kind in CARRIERS
        sheet = None
        if mail.order_id and mail.kind not in CARRIERS:
            sheet = orders.sheet(orders.find(mail.order_id))
        campaign = _campaign(cards, sheet)
        spoken = _language(mail, cards, sheet, campaign)
        return Letter(
            mail=mail,
            shop=campaign.brand_name or campaign.name if campaign else "",
            colour=campaign.brand_colour if campaign else "",
            cards=tuple(
                Enclosed(card, holder.open_code(card.id) if shows_codes else None) for card in cards
            ),
            sheet=sheet,
            amount=_amount(mail, cards, sheet),
            token=_token(mail) if with_secrets else None,
            bank_details=campaign.bank_details if campaign else "",
            person=staff.find(mail.data["person"]) if mail.kind in TO_STAFF else None,
            by_name=_name_of(mail.data.get("by", ""), spoken),
            campaign_id=campaign.id if campaign else "",
            logo=campaigns.logos.of(campaign) if campaign else None,
            shop_url=campaigns.spending.url_of(campaign) if campaign else "",
            language=spoken,
            voucher_tax=campaign.voucher_tax_hundredths if campaign else None,
            is_reviewed=sheet is not None and bool(orders.reviews.waiting(sheet.order.id)),
        )


def _language(
    mail: Mail, cards: list[Card], sheet: OrderSheet | None, campaign: Campaign | None
) -> str:
    """The language of whoever reads it, else of their order, else of the shop (B17)."""
    is_for_desk = mail.kind in TO_STAFF or mail.kind == "house_notice"
    wanted = (
        staff.languages.of_address(mail.to) if is_for_desk else None,
        mail.data.get("language"),
        cards[0].holder_locale if cards and mail.kind not in ORDERS else None,
        sheet.order.customer_locale if sheet else None,
        campaign.language if campaign else None,
    )
    return next(filter(None, map(language.known, wanted)), language.ENGLISH)


def _name_of(actor_id: str, spoken: str) -> str:
    """Who acted, in the reader's words; "" for what people do to their own account."""
    if not actor_id:
        return ""
    with language.use(spoken):
        return staff.people.names([actor_id]).get(actor_id, gettext("The command line"))


def _still_alive(cards: list[Card]) -> list[Card]:
    alive = [card for card in cards if card.status not in (CANCELLED, REPLACED, EXPIRED)]
    if not alive:
        ends = sorted({card.status for card in cards})
        raise NothingToSend(f"The card is {' and '.join(ends)}, so this was not sent.")
    return alive


def _campaign(cards: list[Card], sheet: OrderSheet | None) -> Campaign | None:
    campaign_id = sheet.order.campaign_id if sheet else cards[0].campaign_id if cards else None
    return None if campaign_id is None else campaigns.find(campaign_id)


def _amount(mail: Mail, cards: list[Card], sheet: OrderSheet | None) -> Money | None:
    minor = mail.data.get("amount")
    if minor is None:
        return None
    if "currency" in mail.data:
        return Money(minor, mail.data["currency"])
    of_order = sheet if mail.kind in ORDERS or not cards else None
    return Money(minor, of_order.order.currency if of_order else cards[0].currency)


def _token(mail: Mail) -> str | None:
    if mail.kind not in LINKS:
        return None
    sealed = mail.data.get("token_sealed")
    if sealed is None or mail.data.get("expires_at", clock.micros()) < clock.micros():
        raise NothingToSend("Its link is over, so this was not sent.")
    return codes.unseal(bytes.fromhex(sealed), mail.to)


@transactional
def open_for(mail: Mail, *, by: Actor, reason: str) -> Letter:
    """The mail with its codes, for a person who may see them; who read it and why is kept (I30).

    Raises: NothingToSend, NotFound, Invalid (reason).
    """
    if not reason.strip():
        raise Invalid(gettext("Say why you need to see the code."), field="reason")
    letter = gather(mail)
    audit.record(by=by, action="mail.opened", subject=mail.id, reason=reason, is_test=mail.is_test)
    if mail.kind in CARRIERS:
        for enclosed in letter.cards:
            holder.reveal(enclosed.card.id, by=by, reason=reason)
    return letter
