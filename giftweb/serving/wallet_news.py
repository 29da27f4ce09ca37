"""The worker's news to wallets: to Apple's devices, and to Google's objects of cards (B13)."""

import logging
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

from giftweb.config import Config
from giftweb.domain import cards
from giftweb.domain.cards.wallets import APPLE, GOOGLE, Notice
from giftweb.domain.outbox.leases import LeaseLost
from giftweb.gateways.webhook_sender import Answer

log = logging.getLogger(__name__)

_SENDERS = 8

Outcome = tuple[Answer, bool]
"""What the wallet answered, and whether it has the pass no more."""


class WalletNews:
    """Informs the wallets that are configured. ``trust`` is as in the gateways."""

    def __init__(self, config: Config, *, trust: ssl.SSLContext | None = None):
        self._config = config
        self._trust = trust

    def send(self) -> int:
        """Inform some of the wallets that wait for it; how many were tried."""
        if not self._config.wallets:
            return 0
        notices = cards.wallets.claim(self._config.wallets)
        tries = [self._try_of(notice) for notice in notices]
        with ThreadPoolExecutor(_SENDERS) as pool:
            outcomes = pool.map(lambda attempt: attempt(), tries)
            for notice, outcome in zip(notices, outcomes, strict=True):
                _record_answer(notice, *outcome)
        return len(notices)

    def _try_of(self, notice: Notice) -> Callable[[], Outcome]:
        """What to do for the wallet; the card is read here, and sent in a thread without one."""
        if notice.wallet == APPLE:
            return lambda: _guarded(lambda: self._apple.send(notice.push_token))
        from giftweb.gateways import google_wallet

        card = cards.find(notice.card_id)
        changes = google_wallet.content(
            balance_minor=card.balance_minor, currency=card.currency, status=card.status
        )
        return lambda: _guarded(lambda: (self._google.update(card.id, changes), False))

    @cached_property
    def _apple(self):
        from giftweb.gateways import apple_certificates, apple_push

        assert self._config.apple_wallet  # noqa: S101 - its passes alone are claimed
        signer = apple_certificates.signer(self._config.apple_wallet)
        return apple_push.ApplePush(signer, base=self._config.apple_push_base, trust=self._trust)

    @cached_property
    def _google(self):
        from giftweb.gateways import google_wallet

        config = self._config
        assert config.google_wallet_key  # noqa: S101 - as above
        assert config.google_wallet_issuer  # noqa: S101 - as above
        return google_wallet.GoogleWallet(
            key_path=config.google_wallet_key,
            issuer=config.google_wallet_issuer,
            base=config.google_wallet_api_base,
            trust=self._trust,
        )


def _guarded(attempt: Callable[[], Outcome]) -> Outcome:
    """A fault of ours is a try that failed, and stops no other."""
    try:
        return attempt()
    except Exception as fault:
        log.exception("A wallet could not be informed")
        return Answer(None, f"It could not be sent ({type(fault).__name__})."), False


def _record_answer(notice: Notice, answer: Answer, is_gone: bool) -> None:
    try:
        if is_gone:
            cards.wallets.drop(notice)
        elif answer.problem is None:
            cards.wallets.mark_informed(notice)
        elif not cards.wallets.put_off(notice, problem=_problem(notice, answer)):
            log.warning("A wallet (%s) was not informed: %s", notice.wallet, answer.problem)
    except LeaseLost:
        log.info("%s has changed again meanwhile", notice.card_id)


def _problem(notice: Notice, answer: Answer) -> str:
    is_unsaved = notice.wallet == GOOGLE and answer.status == 404
    return cards.wallets.NOT_SAVED if is_unsaved else str(answer.problem)
