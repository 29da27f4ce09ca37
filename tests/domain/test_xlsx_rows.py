"""A spreadsheet is read in a process of its own, and none takes more than that process may have."""

import io
import time
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter

from giftweb.domain import xlsx_program, xlsx_rows
from giftweb.errors import Invalid

pytestmark = [pytest.mark.no_database, pytest.mark.proves("B8", "X13")]

BROKEN = "The file is not XLSX as we read it"
ROWS = "A spreadsheet may have 200,000 rows"
LARGE = "This spreadsheet is too large"

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/{{}}" Target="{{}}"/></Relationships>'
)
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
PARTS = {
    "_rels/.rels": RELATIONS.format("officeDocument", "xl/workbook.xml"),
    "xl/_rels/workbook.xml.rels": RELATIONS.format("worksheet", "worksheets/sheet1.xml"),
    "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
}


def saved(*rows: list) -> bytes:
    """A workbook with these rows, as a spreadsheet saves it."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def packed(sheet: str, **parts: str) -> bytes:
    """A workbook whose sheet is written by hand."""
    file = io.BytesIO()
    data = f"<worksheet {MAIN}><sheetData>{sheet}</sheetData></worksheet>"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (PARTS | {"xl/worksheets/sheet1.xml": data} | parts).items():
            archive.writestr(name, content)
    return file.getvalue()


def at(place: str, text: str = "x") -> str:
    """A row with one cell."""
    number = place.strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{number}"><c r="{place}" t="inlineStr"><is><t>{text}</t></is></c></row>'


def test_cells_are_read_as_they_would_stand_in_a_csv_file():
    moment, day = datetime(2026, 11, 30, 17, 5), date(2026, 12, 24)
    rows = xlsx_rows.read(
        saved(
            ["code", "amount", "day"],
            ["ABCD-1234", 12.5, day],
            ['"x", \r\n;y', 471234567890123, moment],
            [True, "", None],
        )
    )
    assert list(rows) == [
        ["code", "amount", "day"],
        ["ABCD-1234", "12.5", "2026-12-24"],
        ['"x", \r\n;y', "471234567890123", "2026-11-30 17:05:00"],
        ["yes", "", ""],
    ]


def test_rows_before_the_first_one_are_empty():
    rows = list(xlsx_rows.read(packed(at("A3", "code") + at("B4"))))
    assert rows == [["", ""], ["", ""], ["code", ""], ["", "x"]]


@pytest.mark.parametrize(
    ("sheet", "sentence"),
    [
        (at("A1") + at("XFD1048576"), LARGE),
        (at("A1") + at("XFD190000"), LARGE),
        (at("A1") + at("C200002"), ROWS),
        (at("A1") + at("A4294967295"), LARGE),
        (at("A1") + at("CV100001"), LARGE),
    ],
)
def test_a_small_file_that_lays_out_a_large_sheet_is_refused(sheet, sentence):
    with pytest.raises(Invalid, match=sentence):
        list(xlsx_rows.read(packed(sheet)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 nonsense",
        packed(at("A1"))[:-40],
        packed("<row r='1'><c r='A1'"),
        packed("", **{"xl/workbook.xml": f"<workbook {MAIN}><sheets/></workbook>"}),
    ],
)
def test_what_is_no_spreadsheet_is_refused(content):
    with pytest.raises(Invalid, match=BROKEN):
        list(xlsx_rows.read(content))


def test_a_file_that_unpacks_to_too_much_is_refused():
    file = io.BytesIO(packed(at("A1")))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/media/image1.png", b"")
        archive.getinfo("xl/media/image1.png").file_size = xlsx_program.MOST_BYTES
    with pytest.raises(Invalid, match=LARGE):
        list(xlsx_rows.read(file.getvalue()))


def test_a_row_that_comes_to_too_much_is_refused():
    cells = "".join(
        f'<c r="{column}1" t="s"><v>0</v></c>' for column in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    )
    shared = f"<sst {MAIN}><si><t>{'x' * 30_000}</t></si></sst>"
    second = f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    relations = PARTS["xl/_rels/workbook.xml.rels"].replace("</R", f"{second}</R")
    parts = {"xl/sharedStrings.xml": shared, "xl/_rels/workbook.xml.rels": relations}
    with pytest.raises(Invalid, match=LARGE):
        list(xlsx_rows.read(packed(f'<row r="1">{cells}</row>', **parts)))
    assert (
        len(
            next(xlsx_rows.read(packed('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', **parts)))[
                0
            ]
        )
        == 30_000
    )


def test_whoever_wants_the_first_rows_does_not_wait_for_the_others():
    rows = xlsx_rows.read(saved(*([str(number), "x" * 500] for number in range(20_000))))
    assert next(rows)[0] == "0"
    until = time.monotonic() + 10
    rows.close()
    assert time.monotonic() < until
