"""The journal as a DATEV Buchungsstapel: header EXTF 700, category 21, format version 13.

Windows-1252, semicolons, CRLF; the amount is positive with a decimal comma, ``S`` says that
``Konto`` is debited. Source: docs/reports.md, "DATEV".
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from giftweb import money
from giftweb.domain.books.accounts import Accounts
from giftweb.domain.books.entries import Entry

ENCODING = "cp1252"
DECIMALS = 2
"""That an amount has, whatever its currency."""

_PAIRS = (
    "Beleginfo - Art {0}",
    "Beleginfo - Inhalt {0}",
    "Zusatzinformation - Art {0}",
    "Zusatzinformation- Inhalt {0}",
)


def _pairs(first: int, count: int) -> Iterator[str]:
    for number in range(1, count + 1):
        yield from (name.format(number) for name in _PAIRS[first : first + 2])


COLUMNS = (
    *("Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs"),
    *("Basis-Umsatz", "WKZ Basis-Umsatz", "Konto", "Gegenkonto (ohne BU-Schlüssel)"),
    *("BU-Schlüssel", "Belegdatum", "Belegfeld 1", "Belegfeld 2", "Skonto", "Buchungstext"),
    *("Postensperre", "Diverse Adressnummer", "Geschäftspartnerbank", "Sachverhalt"),
    *("Zinssperre", "Beleglink"),
    *_pairs(0, 8),
    *("KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "Kost-Menge"),
    *(
        "EU-Land u. UStID (Bestimmung)",
        "EU-Steuersatz (Bestimmung)",
        "Abw. Versteuerungsart",
        "Sachverhalt L+L",
        "Funktionsergänzung L+L",
    ),
    *("BU 49 Hauptfunktionstyp", "BU 49 Hauptfunktionsnummer", "BU 49 Funktionsergänzung"),
    *_pairs(2, 20),
    *("Stück", "Gewicht", "Zahlweise", "Forderungsart", "Veranlagungsjahr"),
    *("Zugeordnete Fälligkeit", "Skontotyp", "Auftragsnummer", "Buchungstyp"),
    *("USt-Schlüssel (Anzahlungen)", "EU-Land (Anzahlungen)", "Sachverhalt L+L (Anzahlungen)"),
    *("EU-Steuersatz (Anzahlungen)", "Erlöskonto (Anzahlungen)", "Herkunft-Kz", "Buchungs GUID"),
    *("KOST-Datum", "SEPA-Mandatsreferenz", "Skontosperre", "Gesellschaftername"),
    *("Beteiligtennummer", "Identifikationsnummer", "Zeichnernummer", "Postensperre bis"),
    *("Bezeichnung SoBil-Sachverhalt", "Kennzeichen SoBil-Buchung", "Festschreibung"),
    *("Leistungsdatum", "Datum Zuord. Steuerperiode", "Fälligkeit", "Generalumkehr (GU)"),
    *("Steuersatz", "Land", "Abrechnungsreferenz", "BVV-Position", "EU-Land u. UStID (Ursprung)"),
    *("EU-Steuersatz (Ursprung)", "Abw. Skontokonto"),
)
"""The columns of format version 13, in their order."""

_NOT_IN_A_NUMBER = re.compile(r"[^A-Za-z0-9$&%*+/-]")
_LONGEST_NUMBER, _LONGEST_TEXT, _LONGEST_NAME = 36, 60, 30


def written(
    entries: Sequence[Entry],
    accounts: Accounts,
    *,
    first_on: date,
    last_on: date,
    digits: int,
    currency: str,
    is_closed: bool,
    at: datetime,
) -> bytes:
    """The file. ``digits``: of the numbers of accounts; a closed month is written as fixed."""
    header = [
        *('"EXTF"', "700", "21", '"Buchungsstapel"', "13", f"{at:%Y%m%d%H%M%S}000", ""),
        *('"RE"', _text("giftweb", 25), '""', accounts.consultant, accounts.client),
        *(_begin_of_year(first_on, accounts.first_month), str(digits)),
        *(f"{first_on:%Y%m%d}", f"{last_on:%Y%m%d}"),
        *(_text(f"giftweb {first_on:%Y-%m}", _LONGEST_NAME), '""', "1", "0"),
        *("1" if is_closed else "0", _text(currency, 3), "", '""', "", "", '""', "", "", '""'),
        _text("", 16),
    ]
    lines = [header, list(COLUMNS), *(_line(entry, accounts, is_closed) for entry in entries)]
    text = "".join(";".join(line) + "\r\n" for line in lines)
    return text.encode(ENCODING, errors="replace")


def _begin_of_year(first_on: date, month: int) -> str:
    year = first_on.year if first_on.month >= month else first_on.year - 1
    return f"{date(year, month, 1):%Y%m%d}"


def _line(entry: Entry, accounts: Accounts, is_closed: bool) -> list[str]:
    amount = money.decimal_text(entry.amount.minor, entry.amount.currency).replace(".", ",")
    if not money.exponent(entry.amount.currency):
        amount = f"{amount},00"
    values = {
        "Umsatz (ohne Soll/Haben-Kz)": amount,
        "Soll/Haben-Kennzeichen": '"S"',
        "WKZ Umsatz": _text(entry.amount.currency, 3),
        "Konto": accounts.theirs(entry.debit),
        "Gegenkonto (ohne BU-Schlüssel)": accounts.theirs(entry.credit),
        "Belegdatum": f"{entry.on:%d%m}",
        "Belegfeld 1": _text(_NOT_IN_A_NUMBER.sub("", entry.number), _LONGEST_NUMBER),
        "Belegfeld 2": _text(_NOT_IN_A_NUMBER.sub("", entry.reference), 12),
        "Buchungstext": _text(f"{entry.text} {entry.reference}".strip(), _LONGEST_TEXT),
        "Festschreibung": "1" if is_closed else "0",
    }
    return [values.get(column, "") for column in COLUMNS]


def _text(text: str, most: int) -> str:
    cut = " ".join(text.split())[:most].replace('"', '""')
    return f'"{cut}"'
