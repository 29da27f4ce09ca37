"""The euro's reference rates of the European Central Bank, from its file: an address or a path of
the house's own choosing, and nothing without one (S66)."""

import io
import urllib.request
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

from currency_converter import CurrencyConverter, RateNotFoundError

from giftweb import days, money, origins
from giftweb.domain import catalogue
from giftweb.domain.audit.log import Actor
from giftweb.domain.catalogue.rates import NewRate
from giftweb.errors import Invalid, Unavailable

BASE = "EUR"
TIMEOUT_SECONDS = 20
LARGEST = 20_000_000
"""Bytes: the file of every day since 1999 has less than a million."""


class SourceSilent(Unavailable):
    """The rates could not be read from their source. Those that are stored stay in use."""


def fetch(source: str, *, since: date | None = None, by: Actor) -> int:
    """Store the rates of the days after the last that is stored, or from a day on; how many.

    Without any stored the newest day is taken.

    Raises: SourceSilent, Invalid (it is not the bank's file).
    """
    found = list(_read(_content(source)))
    if not found:
        raise Invalid("The file has no rates.")
    newest = max(rate.on_date for rate in found)
    last = catalogue.rates.last_day(BASE)
    first = since or (days.later(last, 1) if last else newest)
    new = [rate for rate in found if rate.on_date >= first]
    if new:
        catalogue.rates.set_rates(new, by=by)
    return len(new)


def _content(source: str) -> bytes:
    try:
        if not source.startswith(("http://", "https://")):
            return Path(source).read_bytes()
        _require_safe(source)
        with urllib.request.urlopen(source, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            content = answer.read(LARGEST + 1)
    except (URLError, OSError, ValueError) as problem:
        raise SourceSilent from problem
    if len(content) > LARGEST:
        raise SourceSilent
    return content


def _require_safe(url: str) -> None:
    """Rates decide about money: they come over TLS, or from this machine."""
    if url.startswith("http://") and not origins.is_loopback(urlsplit(url).hostname or ""):
        raise Invalid("The address of the rates must begin with https://.")


def _read(content: bytes) -> Iterator[NewRate]:
    converter = CurrencyConverter(None, decimal=True)
    try:
        converter.load_lines(_lines(content))
    except (ValueError, ArithmeticError, StopIteration, IndexError) as problem:
        raise Invalid("This is not the bank's file of rates (CSV, or CSV in ZIP).") from problem
    for currency in sorted(converter.currencies - {BASE}):
        if money.is_currency(currency):
            yield from _of_currency(converter, currency)


def _of_currency(converter: CurrencyConverter, currency: str) -> Iterator[NewRate]:
    """A day without a rate is left out: a weekend, a holiday."""
    day, last = converter.bounds[currency]
    while day <= last:
        try:
            rate = converter.convert(1, BASE, currency, day)
            yield NewRate(on_date=day, base=BASE, quote=currency, rate=f"{rate:f}")
        except RateNotFoundError:
            pass
        day = days.later(day, 1)


def _lines(content: bytes) -> list[str]:
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > LARGEST:
                raise ValueError("the file is larger than the bank's ever was")
            content = b"".join(archive.read(member) for member in members)
    return content.decode("utf-8-sig").splitlines()
