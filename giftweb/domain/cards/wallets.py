"""Which devices hold a gift card in their wallet, and which of their cards have changed (B13)."""

from peewee import Expression, ModelSelect, fn

from giftweb import clock
from giftweb.database import transactional
from giftweb.models import Transfer, WalletPass


@transactional
def register(card_id: str, *, device: str, push_token: str) -> bool:
    """A device holds the card and wants to be informed; whether that is new."""
    row = {
        "device": device,
        "card": card_id,
        "push_token": push_token,
        "created_at": clock.now(),
    }
    known = WalletPass.update(push_token=push_token).where(_is(card_id, device)).execute()
    if not known:
        WalletPass.insert(row).execute()
    return not known


@transactional
def forget(card_id: str, *, device: str) -> None:
    """The card was taken off the device."""
    WalletPass.delete().where(_is(card_id, device)).execute()


def changed_since(device: str, since: int) -> dict[str, int]:
    """The cards on a device that have changed after an instant in microseconds: id -> when."""
    of_device = WalletPass.select(WalletPass.card).where(WalletPass.device == device)
    last = _last_move().where(Transfer.card_id.in_(of_device)).group_by(Transfer.card_id)
    return {card_id: at for card_id, at in last.tuples() if at > since}


def changed_at(card_id: str) -> int:
    """When the card's money moved last, in microseconds."""
    last = _last_move().where(Transfer.card_id == card_id).group_by(Transfer.card_id)
    return next((at for _, at in last.tuples()), 0)


def _last_move() -> ModelSelect:
    """Each card with the instant of its last movement."""
    at = fn.MAX(Transfer.created_at).coerce(False)
    return Transfer.select(Transfer.card_id, at)


def _is(card_id: str, device: str) -> Expression:
    return (WalletPass.card == card_id) & (WalletPass.device == device)
