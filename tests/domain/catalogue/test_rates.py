"""Currency rates: the latest on or before a day, from a file that is right or refused."""

from datetime import date
from fractions import Fraction

import pytest

from giftweb import database
from giftweb.domain import catalogue, csv_sheets
from giftweb.domain.catalogue.rates import NewRate
from giftweb.errors import Invalid
from tests.factories import ROOT

DAY = date(2026, 3, 2)


def imported(*rows: str, header: str = "date,base,quote,rate") -> int:
    return catalogue.rates.import_file("\n".join([header, *rows]).encode(), by=ROOT)


@pytest.mark.proves("S66")
def test_the_rate_is_the_latest_on_or_before_the_day():
    imported("2026-03-02,EUR,USD,1.08", "2026-03-04,EUR,USD,1.10")
    assert catalogue.rates.rate("EUR", "USD", on=date(2026, 3, 1)) is None
    assert catalogue.rates.rate("EUR", "USD", on=date(2026, 3, 3)) == "1.08"
    assert catalogue.rates.rate("EUR", "USD", on=date(2026, 3, 4)) == "1.10"
    assert catalogue.rates.rate("EUR", "USD") == "1.10"


@pytest.mark.proves("S66")
def test_the_inverse_serves_exactly_when_it_is_the_latest_known():
    catalogue.rates.set_rates([NewRate(DAY, "EUR", "USD", "1.08")], by=ROOT)
    assert Fraction(catalogue.rates.rate("USD", "EUR", on=DAY)) * Fraction("1.08") == 1
    catalogue.rates.set_rates([NewRate(date(2026, 3, 3), "USD", "EUR", "0.9")], by=ROOT)
    assert catalogue.rates.rate("USD", "EUR") == "0.9"
    assert Fraction(catalogue.rates.rate("EUR", "USD")) == Fraction(10, 9)
    assert catalogue.rates.rate("EUR", "USD", on=DAY) == "1.08"


@pytest.mark.proves("S66", "I30")
def test_a_rate_of_the_same_day_gives_way_and_the_log_says_who_set_it():
    imported("2026-03-02,EUR,USD,1.08")
    imported("2026-03-02,eur,usd,1.09")
    assert catalogue.rates.rate("EUR", "USD", on=DAY) == "1.09"
    assert database.scalar("SELECT COUNT(*) FROM audit_entry WHERE action = 'rates.set'") == 2


@pytest.mark.proves("B8")
def test_every_bad_cell_is_named_and_no_rate_is_stored():
    with pytest.raises(csv_sheets.RowsRefused) as refused:
        imported(
            "2026-03-02,EUR,USD,1.08",
            "02.03.2026,EUR,USD,1.08",
            "2026-03-02,EUR,XXQ,1.08",
            "2026-03-02,EUR,EUR,1",
            "2026-03-02,GBP,USD,-1",
            "2026-03-02,GBP,USD,0",
            "2026-03-02,GBP,USD,1e3",
            "2026-03-02,GBP,USD,NaN",
            "2026-03-02,EUR,USD,1.09",
            "2026-03-02,EUR",
        )
    assert [str(cell).partition(":")[0] for cell in refused.value.details["cells"]] == [
        "row 3, date",
        "row 4, quote",
        "row 5, quote",
        "row 6, rate",
        "row 7, rate",
        "row 8, rate",
        "row 9, rate",
        "row 10, date",
        "row 11, quote",
        "row 11, rate",
    ]
    assert not database.scalar("SELECT COUNT(*) FROM rate")


def test_a_file_without_rates_is_refused():
    with pytest.raises(Invalid, match="no rates"):
        imported()


def test_the_command_imports_a_file(app, tmp_path):
    file = tmp_path / "rates.csv"
    file.write_text("date,base,quote,rate\n2026-03-02,EUR,USD,1.08\n")
    ran = app.test_cli_runner().invoke(args=["rates", "import", str(file)])
    assert (ran.exit_code, ran.stdout) == (0, "Imported 1 rate.\n")
