"""The environment, read once (docs/operating.md)."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from giftweb import environment, money, origins
from giftweb.environment import SettingUnusable
from giftweb.errors import Invalid

APPLE_PUSH = "https://api.push.apple.com"
GOOGLE_WALLET_API = "https://walletobjects.googleapis.com"


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of this installation, from its environment."""

    database_url: str
    keys_path: Path
    base_url: str
    trusted_hosts: tuple[str, ...]
    base_currency: str | None
    trusted_proxies: int
    mail_server: str | None
    mail_port: int
    mail_username: str | None
    mail_password: str | None
    mail_use_tls: bool
    mail_sender: str
    stripe_secret_key: str | None
    stripe_publishable_key: str | None
    stripe_api_base: str | None
    stripe_webhook_secret: str | None
    metrics_token: str | None
    api_rate: int
    anchor_file: Path | None
    anchor_url: str | None
    rates_source: str | None
    apple_wallet: Path | None = None
    google_wallet_key: Path | None = None
    google_wallet_issuer: str | None = None
    apple_push_base: str = APPLE_PUSH
    google_wallet_api_base: str = GOOGLE_WALLET_API

    @property
    def wallets(self) -> tuple[str, ...]:
        """The wallets of phones that are configured: ``apple``, ``google``."""
        has_google = self.google_wallet_key and self.google_wallet_issuer
        return (*(("apple",) if self.apple_wallet else ()), *(("google",) if has_google else ()))

    @property
    def is_https(self) -> bool:
        """Whether people reach us over TLS, so that cookies may demand it."""
        return self.base_url.startswith("https://")


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _trusted_hosts(base_url: str, more: str) -> tuple[str, ...]:
    """The hosts whose requests are ours; none is any, where only this machine gets here anyway."""
    host = urlsplit(base_url).hostname or ""
    named = tuple(name.strip().lower() for name in more.split(",") if name.strip())
    if any("/" in name for name in named):
        raise SettingUnusable("TRUSTED_HOSTS", more, "be names of hosts, with commas between them")
    is_public = base_url.startswith("https://") or not origins.is_loopback(host)
    if not named and (not is_public or ":" in host):
        return ()
    return (host, *named, "localhost", "127.0.0.1")


def _base_currency(code: str | None) -> str | None:
    if not code:
        return None
    try:
        money.exponent(code)
    except Invalid as problem:
        wanted = "be the code of a currency, such as USD"
        raise SettingUnusable("BASE_CURRENCY", code, wanted) from problem
    return code


def from_environment(environ: dict[str, str] | None = None) -> Config:
    """Read the settings, with their defaults.

    Raises: SettingUnusable.
    """
    env = dict(os.environ if environ is None else environ)
    port = environment.number(env, "PORT", 8000, most=65535)
    base_url = environment.base_address(env, "BASE_URL", f"http://127.0.0.1:{port}")
    return Config(
        database_url=environment.database_url(env, "DATABASE_URL", "sqlite:///instance/giftweb.db"),
        keys_path=Path(env.get("GIFTWEB_KEYS") or "instance/keys.json"),
        base_url=base_url,
        trusted_hosts=_trusted_hosts(base_url, env.get("TRUSTED_HOSTS", "")),
        base_currency=_base_currency(env.get("BASE_CURRENCY")),
        trusted_proxies=environment.number(env, "TRUSTED_PROXIES", 0, least=0, most=100),
        mail_server=env.get("MAIL_SERVER") or None,
        mail_port=environment.number(env, "MAIL_PORT", 25, most=65535),
        mail_username=env.get("MAIL_USERNAME") or None,
        mail_password=env.get("MAIL_PASSWORD") or None,
        mail_use_tls=environment.is_on(env, "MAIL_USE_TLS"),
        mail_sender=environment.sender(env, "MAIL_DEFAULT_SENDER", "gift-cards@localhost"),
        stripe_secret_key=env.get("STRIPE_SECRET_KEY") or None,
        stripe_publishable_key=env.get("STRIPE_PUBLISHABLE_KEY") or None,
        stripe_api_base=environment.web_address(env, "STRIPE_API_BASE"),
        stripe_webhook_secret=env.get("STRIPE_WEBHOOK_SECRET") or None,
        metrics_token=env.get("GIFTWEB_METRICS_TOKEN") or None,
        anchor_file=_path(env.get("ANCHOR_FILE")),
        anchor_url=environment.web_address(env, "ANCHOR_URL"),
        rates_source=env.get("RATES_SOURCE") or None,
        apple_wallet=_path(env.get("APPLE_WALLET_FOLDER")),
        google_wallet_key=_path(env.get("GOOGLE_WALLET_KEY")),
        google_wallet_issuer=env.get("GOOGLE_WALLET_ISSUER") or None,
        apple_push_base=environment.web_address(env, "APPLE_PUSH_BASE") or APPLE_PUSH,
        google_wallet_api_base=environment.web_address(env, "GOOGLE_WALLET_API_BASE")
        or GOOGLE_WALLET_API,
        api_rate=environment.number(env, "API_RATE", 200, least=0, most=1_000_000),
    )
