"""Money that an order put on cards: what is left of it, and taking it back (S73, B14, I24).

One card may carry money of several orders: bought with one, recharged with another, the bonus of a
third. The oldest money is spent first, so undoing one order leaves alone what came later:
docs/decisions/0017-recharges-taken-back.md.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from peewee import Expression, Node, fn

from giftweb import clock, ids, models
from giftweb.database import records
from giftweb.domain import audit, cards, ledger, notes
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.values import Card
from giftweb.domain.ledger.transfers import CARD, Movement
from giftweb.domain.orders.consequences import CHARGEBACK, Credit, FreezeCard, Funded, TakeBack
from giftweb.domain.orders.values import Order


def find_many(transfer_ids: Sequence[str]) -> list[Credit]:
    """The credits that these transfers are, in their order."""
    found = {credit.id: credit for credit in _read(models.Transfer.id.in_(transfer_ids))}
    return [found[transfer_id] for transfer_id in transfer_ids]


def issue_of(card_id: str) -> Credit:
    """What the card began with."""
    return issues_of([card_id])[0]


def issues_of(card_ids: Sequence[str]) -> list[Credit]:
    """What each of these cards began with."""
    is_first = models.Transfer.card_id.in_(card_ids) & (models.Transfer.version == 1)
    found = {credit.card_id: credit for credit in _read(is_first)}
    return [found[card_id] for card_id in card_ids]


def _read(condition: Expression) -> Iterable[Credit]:
    source = models.Transfer.from_account
    query = records.select(Credit, models.Transfer, source=source, left_minor=_whole(_left()))
    return query.where(condition)


def _left() -> Expression:
    """What is left of a transfer once the cancellations of it are taken off."""
    back = models.Transfer.alias()
    cancelled = back.select(fn.COALESCE(fn.SUM(back.amount_minor), 0)).where(
        back.parent_id == models.Transfer.id, back.kind == "cancel"
    )
    return models.Transfer.amount_minor - cancelled


def _whole(amount: Node) -> Node:
    """PostgreSQL adds up to NUMERIC."""
    return amount.cast("BIGINT")


def chain_of(card: Card) -> list[str]:
    """The ids of a card and of those whose money it has, newest first."""
    return ledger.funding.chain_of(card.id)


def shared_of(order: Order, owners: Mapping[str, str]) -> set[str]:
    """Those who have money of another order, which has recharged them and was not taken back, of
    the cards that ``owners`` have their money from (``ledger.funding.owners_of``)."""
    transfer, back = models.Transfer, models.Transfer.alias()
    taken_back = back.select(back.id).where(back.parent_id == transfer.id)
    found = transfer.select(transfer.card_id).where(
        transfer.kind == "top_up",
        transfer.card_id.in_(list(owners)),
        transfer.order_id != order.id,
        ~fn.EXISTS(taken_back),
    )
    return {owners[card_id] for (card_id,) in found.tuples()}


def taken_of_bonus(chain: Sequence[str]) -> int:
    """What earlier refunds took of a bonus, and what the card's end took."""
    transfer = models.Transfer
    cancelled = (transfer.kind == "cancel") & transfer.order_id.is_null()
    taken = transfer.kind.in_(("claw_back", "expire")) | cancelled
    amount = _whole(fn.COALESCE(fn.SUM(transfer.amount_minor), 0))
    return transfer.select(amount).where(transfer.card_id.in_(chain), taken).scalar()


def known_shortfalls(order: Order, owners: Mapping[str, str]) -> Counter[str]:
    """What earlier refunds or chargebacks of the order found missing on each of the cards that
    ``owners`` have their money from (``ledger.funding.owners_of``)."""
    shortfall, found = models.Shortfall, Counter[str]()
    of_it = (shortfall.order == order.id) & shortfall.card.in_(list(owners))
    rows = shortfall.select(shortfall.card, shortfall.amount_minor).where(of_it)
    for card_id, minor in rows.tuples():
        found[owners[card_id]] += minor
    return found


# Carried out under the card's lock


def take_back(order: Order, found: TakeBack, *, by: Actor, reason: str) -> None:
    """Take a credit off a card that lives on; what is missing is a shortfall of its kind."""
    funded, card = found.funded, found.funded.card
    due = found.taken_minor + found.missing_minor
    audit_id = audit.record(
        by=by,
        action="gift_card.taken_back",
        subject=card.id,
        reason=reason,
        data={
            "due": due,
            "taken": found.taken_minor,
            "currency": card.currency,
            "order": order.id,
        },
        is_test=card.is_test,
    )
    if found.taken_minor:
        credit = funded.credit
        movement = Movement(
            *("cancel", CARD, credit.source, found.taken_minor, audit_id, credit.id),
            order_id=order.id,
        )
        cards.locking.move(cards.locking.lock_one(card.id), movement)
    missing = f" {funded.money(found.missing_minor)} of it is spent." if found.missing_minor else ""
    notes.add(
        order.id,
        f"{funded.money(found.taken_minor)} was taken back from gift card •••• {card.last4}:"
        f" {reason}.{missing}",
    )
    record_shortfall(order, card, found.missing_minor, kind=funded.kind)


def freeze(order: Order, found: FreezeCard, *, by: Actor, reason: str) -> None:
    """Freeze a card; what of its credit is spent is a shortfall."""
    funded: Funded = found.funded
    frozen = cards.freeze(funded.card.id, by=by, reason=reason)
    spent = f" {funded.money(found.spent_minor)} of it is spent." if found.spent_minor else ""
    notes.add(order.id, f"Gift card •••• {frozen.last4} was frozen: {reason}.{spent}")
    kind = CHARGEBACK if found.is_chargeback else funded.kind
    record_shortfall(order, frozen, found.missing_minor, kind=kind)


def record_shortfall(order: Order, card: Card, amount_minor: int, *, kind: str) -> None:
    """Put on the work list what had left a card before it could be taken back (I24, S73)."""
    if amount_minor < 1:
        return
    audit.seals.insert(
        models.Shortfall,
        id=ids.new("sho"),
        kind=kind,
        order_id=order.id,
        card_id=card.id,
        currency=card.currency,
        amount_minor=amount_minor,
        created_at=clock.now(),
    )
