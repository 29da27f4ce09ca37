"""The European Central Bank's rates, from its file on this machine (S66)."""

import io
import threading
import zipfile
from datetime import date
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from giftweb.domain import catalogue
from giftweb.domain.catalogue.rates import NewRate
from giftweb.errors import Invalid
from giftweb.gateways import ecb
from tests.factories import ROOT

pytestmark = pytest.mark.proves("S66")

DAILY = "Date, USD, JPY, GBP, \n27 November 2026, 1.0837, 163.20, 0.84055, \n"
EVERY_DAY = (
    "Date,USD,CYP,GBP,\n2026-11-27,1.0837,N/A,0.84055,\n2026-11-26,1.0800,N/A,0.84,\n"
    "2026-11-20,1.0700,0.58,0.83,\n"
)


def zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("eurofxref.csv", text)
    return file.getvalue()


@pytest.fixture
def bank(tmp_path):
    """Writes the bank's file, and says where it is."""

    def write(content: bytes | str) -> str:
        path = tmp_path / "eurofxref.zip"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def rate(quote: str, day: date, base: str = "EUR") -> str | None:
    return catalogue.rates.rate(base, quote, on=day)


def test_the_last_day_is_stored_exactly_as_the_bank_says(bank):
    assert ecb.fetch(bank(zipped(DAILY)), by=ROOT) == 3
    assert rate("USD", date(2026, 11, 27)) == "1.0837"
    assert rate("GBP", date(2026, 11, 27)) == "0.84055"
    assert rate("USD", date(2026, 11, 26)) is None


def test_a_day_without_a_rate_has_that_of_the_last_day_before(bank):
    assert ecb.fetch(bank(EVERY_DAY), since=date(2026, 11, 1), by=ROOT) == 6
    sunday = date(2026, 11, 22)
    assert rate("USD", sunday) == "1.0700"
    assert rate("USD", date(2026, 11, 28)) == "1.0837"


def test_what_is_stored_is_not_fetched_again(bank):
    source = bank(EVERY_DAY)
    catalogue.rates.set_rates([NewRate(date(2026, 11, 20), "EUR", "USD", "1.5")], by=ROOT)
    assert ecb.fetch(source, by=ROOT) == 4
    assert rate("USD", date(2026, 11, 20)) == "1.5"
    assert ecb.fetch(source, by=ROOT) == 0


def test_two_currencies_without_a_rate_are_converted_by_way_of_the_euro(bank):
    ecb.fetch(bank(DAILY), by=ROOT)
    found = rate("GBP", date(2026, 11, 27), base="USD")
    assert Fraction(found) == Fraction("0.84055") / Fraction("1.0837")
    assert rate("CHF", date(2026, 11, 27), base="USD") is None


@pytest.mark.parametrize("content", ["", "<html>nothing here</html>", "Date,USD\nmonday,1.08\n"])
def test_what_is_not_the_banks_file_is_refused_and_nothing_is_stored(bank, content):
    with pytest.raises(Invalid, match=r"(not the bank's file|no rates)"):
        ecb.fetch(bank(content), by=ROOT)
    assert catalogue.rates.pairs() == []


def test_a_source_that_is_silent_leaves_the_rates_as_they_are(tmp_path):
    catalogue.rates.set_rates([NewRate(date(2026, 11, 20), "EUR", "USD", "1.5")], by=ROOT)
    with pytest.raises(ecb.SourceSilent):
        ecb.fetch(str(tmp_path / "missing.zip"), by=ROOT)
    with pytest.raises(ecb.SourceSilent):
        ecb.fetch("http://127.0.0.1:9/eurofxref.zip", by=ROOT)
    assert rate("USD", date(2026, 11, 20)) == "1.5"


def test_rates_come_over_tls_or_from_this_machine():
    with pytest.raises(Invalid, match="https://"):
        ecb.fetch("http://rates.example/eurofxref.zip", by=ROOT)


def test_the_command_is_off_unless_configured_and_fetches_by_http(app):
    class Bank(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(zipped(DAILY))

        def log_message(self, *_):
            return

    runner = app.test_cli_runner()
    off = runner.invoke(args=["rates", "fetch"])
    assert off.exit_code == 1
    assert "RATES_SOURCE" in off.stderr
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bank)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    source = f"http://127.0.0.1:{server.server_port}/eurofxref.zip"
    config = app.config["GIFTWEB"]
    object.__setattr__(config, "rates_source", source)
    try:
        assert runner.invoke(args=["rates", "fetch"]).stdout == "Fetched 3 rates.\n"
        assert runner.invoke(args=["rates", "fetch"]).stdout == "Fetched 0 rates.\n"
    finally:
        object.__setattr__(config, "rates_source", None)
        server.shutdown()
