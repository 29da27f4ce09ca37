"""A file of cards, read and checked: every bad row is named, none is guessed at (B8).

The columns are described in docs/import.md.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import Any

from giftweb import codes, days, models, money
from giftweb.domain import csv_sheets, law, time_zones
from giftweb.domain.cards import import_cells, import_formats, pins
from giftweb.domain.cards.import_cells import FROZEN, USABLE, Faults
from giftweb.domain.cards.import_digits import DigitColumn, is_rounded, rounded
from giftweb.domain.cards.import_seen import SeenCodes
from giftweb.domain.cards.import_terms import Terms
from giftweb.domain.cards.import_values import Portion, Row
from giftweb.domain.csv_sheets import BadCell, refuse
from giftweb.domain.ledger.funding import MinorBySource
from giftweb.domain.sheet_files import SheetFile
from giftweb.errors import CodeMalformed, Invalid, NotFound
from giftweb.language import gettext
from giftweb.models import FUNDING
from giftweb.money import Money

SHORTEST_CODE = 8
ORIGINS = ("imports", "sales", "goodwill", "promotions")
"""What imported money may come from; the first unless somebody knows better."""


class Sheet:
    """A file under the terms of whoever imports it."""

    def __init__(self, file: SheetFile, terms: Terms):
        self.file = file
        self.terms = terms
        self.left_out: Counter[str] = Counter()
        self.masked = 0
        self.strangers = 0

    def portions(self, *, size: int) -> Iterator[Portion]:
        """The rows of the file, checked, ``size`` at a time; none after the first bad cell.

        Raises: RowsRefused naming each bad cell, at the end; Invalid when it is no such file.
        """
        lines = self.file.rows()
        _, headings = next(lines, (0, []))
        reader, portion, bad = Reader(self, headings), Portion(), list[BadCell]()
        count = 0
        for number, cells in lines:
            row = reader.read(cells, number, bad) if any(cells) else None
            if row is None or bad:
                continue
            portion.rows.append(row)
            portion.numbers.append(number)
            count += 1
            if len(portion.rows) == size:
                yield portion
                portion = Portion()
        refuse(bad + reader.digits.faults())
        if portion.rows:
            yield portion
        if not count and not self.left_out:
            raise Invalid(gettext("The file has no cards: only a header, or nothing at all."))


class Reader:
    """Reads rows under one header. What repeats from row to row is read once."""

    def __init__(self, sheet: Sheet, headings: list[str]):
        self._sheet, terms = sheet, sheet.terms
        self._width = len(headings)
        self._campaigns, self._rates = _campaigns("currency"), _campaigns("voucher_tax_hundredths")
        if terms.campaign_id is not None and terms.campaign_id not in self._campaigns:
            raise NotFound(
                gettext("There is no campaign {campaign_id}.", campaign_id=terms.campaign_id),
                field="campaign",
            )
        self._currency = self._currency_of_file()
        format = import_formats.recognised(headings, wanted=terms.format)
        self._is_foreign = format is not import_formats.GIFTWEB
        columns = import_formats.columns_of(headings, terms, has_currency=bool(self._currency))
        self._at = {name: place for place, name in enumerate(columns) if name}
        self._has_state = bool({"status", "is_expired", "is_enabled"} & set(columns))
        self._is_masked = "last4" in self._at and "code" not in self._at
        self._seen = SeenCodes()
        self.digits = DigitColumn()
        self._today = days.today(time_zones.of_campaign(terms.campaign_id))
        self._amount = cache(self._read_amount)
        self._day = cache(import_cells.day)

    def _currency_of_file(self) -> str:
        """The currency where no column says it: the campaign's, or the one that all have."""
        if self._sheet.terms.campaign_id is not None:
            return self._campaigns[self._sheet.terms.campaign_id]
        currencies = set(self._campaigns.values())
        return currencies.pop() if len(currencies) == 1 else ""

    def read(self, cells: list[str], number: int, bad: list[BadCell]) -> Row | None:
        """A row's values; None when it is left out, or after its faults were added to ``bad``."""
        if len(cells) != self._width:
            reason = gettext(
                "it has {cells} cells, the header has {width}", cells=len(cells), width=self._width
            )
            bad.append(BadCell(number, gettext("the row"), reason))
            return None
        cell = {name: cells[place] for name, place in self._at.items()}
        faults = Faults(number, bad)
        state = self._state(cell, faults)
        if state not in (None, USABLE, FROZEN):
            self._sheet.left_out[state] += 1
            return None
        row = self._row(cell, number, faults, is_frozen=state == FROZEN)
        return None if faults.any else row

    def _row(self, cell: dict[str, str], number: int, faults: Faults, *, is_frozen: bool) -> Row:
        get = cell.get
        amount = faults.tried(
            "amount", self._amount, self._money_cell(cell), self._currency_cell(cell)
        )
        source, parts = self._origin(cell, amount, faults)
        row = Row(
            amount=amount,
            code=faults.tried("code", self._code, get("code"), number) if get("code") else None,
            holder_email=_tried(faults, "holder_email", import_cells.email, get("holder_email")),
            holder_name=self._words(cell, "holder_name", faults),
            expires_on=self._last_day(cell, faults),
            note=self._note(cell, faults),
            message=self._words(cell, "message", faults),
            is_test=_is_yes(faults, "test", cell),
            send_email=_is_yes(faults, "send_email", cell),
            source=source,
            parts=parts,
            campaign_id=self._campaign(cell),
            is_frozen=is_frozen,
            is_bound=bool(
                _tried(faults, "bound_to_holder", import_cells.flag, get("bound_to_holder"))
            ),
            pin=_tried(faults, "pin", pins.read, get("pin")),
            tags=_tried(faults, "tags", import_cells.tags_in, get("tags")) or (),
            old_id=get("id") or None,
            voucher_tax=_tried(faults, "voucher_tax", import_cells.rate, get("voucher_tax")),
        )
        if not faults.any and (rate := self._rate(row)) != row.voucher_tax:
            row = row._replace(voucher_tax=rate)
        if row.send_email and not get("holder_email"):
            faults.add("send_email", gettext("there is no address to send it to"))
        if row.is_bound and not get("holder_email"):
            faults.add("bound_to_holder", gettext("there is no holder to bind it to"))
        return row

    # Whether it is money

    def _state(self, cell: dict[str, str], faults: Faults) -> str | None:
        """How the card stands; None when a cell says nothing that is known."""
        status = faults.tried("status", import_cells.status, cell.get("status", ""))
        if status not in (USABLE, FROZEN):
            return status
        if (self._is_foreign or self._has_state) and self._is_past(cell.get("expires_on", "")):
            return "expired"
        if _tried(faults, "is_expired", import_cells.flag, cell.get("is_expired")):
            return "expired"
        if _tried(faults, "is_enabled", import_cells.flag, cell.get("is_enabled")) is False:
            return "not active"
        if "balance" in cell and _is_nothing(cell["balance"]):
            return "used up"
        return status

    def _is_past(self, text: str) -> bool:
        try:
            return bool(text.strip()) and self._day(text) < self._today
        except Invalid:
            return False

    # Its cells

    def _money_cell(self, cell: dict[str, str]) -> str:
        """What is left, where the file says so; else what it was issued with."""
        return cell.get("balance", "") or cell.get("amount", "")

    def _currency_cell(self, cell: dict[str, str]) -> str:
        return cell.get("currency", "") or self._currency

    def _read_amount(self, amount: str, currency: str) -> Money:
        return import_cells.amount(amount, currency, is_foreign=self._is_foreign)

    def _origin(
        self, cell: dict[str, str], amount: Money | None, faults: Faults
    ) -> tuple[str, MinorBySource | None]:
        """Where its money came from: as whoever imports says, else the file, else it is unknown."""
        if self._sheet.terms.source is not None:
            return self._sheet.terms.source, None
        named = cell.get("source", "").strip().lower()
        if named and named not in models.SYSTEM_ACCOUNTS:
            faults.add("source", gettext("enter one of: {words}", words=", ".join(ORIGINS)))
        source = named if named in ORIGINS else ORIGINS[0]
        if amount is None or not any(cell.get(name) for name in FUNDING):
            return source, None
        parts = tuple(
            faults.tried(name, self._part, cell.get(name, ""), amount.currency) or 0
            for name in FUNDING
        )
        if sum(parts) != amount.minor and not faults.any:
            faults.add(
                "sales",
                gettext("the parts of the balance do not add up to {amount}", amount=amount),
            )
        return source, parts

    def _part(self, text: str, currency: str) -> int:
        return money.parse(text, currency, least=0).minor if text.strip() else 0

    def _code(self, text: str, number: int) -> str:
        text = csv_sheets.meant(text)
        if is_rounded(text):
            raise Invalid(rounded())
        self.digits.add(text, number)
        try:
            code = codes.normalise(text)
        except CodeMalformed:
            code = ""
        if len(code) < SHORTEST_CODE:
            raise Invalid(
                gettext(
                    "a code has {shortest_code} to 64 letters and digits, spaces and dashes",
                    shortest_code=SHORTEST_CODE,
                )
            )
        first = self._seen.first_row(code, number)
        if first != number:
            raise Invalid(gettext("the same code stands in row {first}", first=first))
        return code

    def _last_day(self, cell: dict[str, str], faults: Faults) -> date | None:
        found = _tried(faults, "expires_on", self._day, cell.get("expires_on"))
        if found is not None and found < self._today:
            faults.add("expires_on", gettext("Enter a date that is not in the past."))
        return found

    def _words(self, cell: dict[str, str], column: str, faults: Faults) -> str | None:
        text = cell.get(column)
        return faults.tried(column, import_cells.words, text, column) if text else None

    def _note(self, cell: dict[str, str], faults: Faults) -> str | None:
        note = self._words(cell, "note", faults)
        if not self._is_masked or not cell["last4"].strip():
            return note
        self._sheet.masked += 1
        if not self._is_foreign:
            return note
        old = f"Its old code ends in {csv_sheets.meant(cell['last4']).strip()[:8]}."
        return f"{note} {old}" if note else old

    def _rate(self, row: Row) -> int | None:
        """The tax on what a campaign has sold: as the file says, else as the campaign is set."""
        if row.campaign_id is None or row.sources[0][0] != law.rules.SOLD:
            return None
        return row.voucher_tax if "voucher_tax" in self._at else self._rates[row.campaign_id]

    def _campaign(self, cell: dict[str, str]) -> str | None:
        """The campaign that it belongs to, where there is one of that id."""
        if self._sheet.terms.campaign_id is not None:
            return self._sheet.terms.campaign_id
        named = cell.get("campaign_id", "").strip()
        if named and named not in self._campaigns:
            self._sheet.strangers += 1
            return None
        return named or None


def _tried(faults: Faults, column: str, read: Callable[[str], Any], text: str | None) -> Any:
    return faults.tried(column, read, text) if text else None


def _is_yes(faults: Faults, column: str, cell: dict[str, str]) -> bool:
    return bool(_tried(faults, column, import_cells.flag, cell.get(column)))


def _is_nothing(text: str) -> bool:
    return bool(text.strip()) and not text.strip(" \t0.,$€£¥") and "0" in text


def _campaigns(column: str) -> dict[str, Any]:
    """What each campaign has in a column, by its id."""
    campaign = models.Campaign
    return dict(campaign.select(campaign.id, getattr(campaign, column)).tuples())
