"""Where things listen, and how many processes serve: HOST, PORT, SHOP_PORT, WEB_CONCURRENCY."""

from collections.abc import Mapping
from dataclasses import dataclass

from giftweb import environment, origins


class CannotStart(RuntimeError):
    """Says in one line why nothing was started."""


@dataclass(frozen=True)
class Place:
    """Where things listen and how many processes serve."""

    host: str
    port: int
    shop_port: int
    web_processes: int

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Place":
        """The place that the environment names.

        Raises: SettingUnusable when a port or the number of processes is no usable number.
        """
        return cls(
            host=environ.get("HOST") or "127.0.0.1",
            port=environment.number(environ, "PORT", 8000, most=65535),
            shop_port=environment.number(environ, "SHOP_PORT", 8001, most=65535),
            web_processes=environment.number(environ, "WEB_CONCURRENCY", 2, most=256),
        )

    @property
    def address(self) -> str:
        """What a person on this machine types to get here."""
        return f"http://{self._reachable}:{self.port}"

    @property
    def shop_address(self) -> str:
        """What a person on this machine types to see the example shop."""
        return f"http://{self._reachable}:{self.shop_port}"

    def why_unsafe(self, *, proxies: int) -> str:
        """What to say to whoever lets strangers in without a proxy in front; else nothing."""
        if proxies or origins.is_loopback(self.host):
            return ""
        return (
            f"giftweb listens on {self.host}, without TLS, and no proxy is trusted. Others on the"
            " network can read what is sent. Put nginx or Caddy in front (deploy/), listen on"
            " 127.0.0.1, and set TRUSTED_PROXIES=1."
        )

    @property
    def _reachable(self) -> str:
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"[{host}]" if ":" in host else host
