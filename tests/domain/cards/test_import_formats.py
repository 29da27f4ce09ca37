"""Files of other shops: known by their headings, read in our words, what is no money left out."""

import io
from datetime import date

import pytest

from giftweb.domain import audit, cards, csv_sheets, xlsx_sheets
from giftweb.domain.cards.import_formats import FORMATS, recognised
from giftweb.domain.cards.import_terms import Terms
from giftweb.domain.cards.import_values import Imported
from giftweb.errors import Invalid, NotFound
from giftweb.models import FUNDING, GiftCard
from tests.factories import SYSTEM, amount_of, make_campaign, make_card

pytestmark = pytest.mark.proves("B8")

SHOPIFY = (
    "Id,Last Characters,Customer Name,Email,Order Name,Created At,Expires On,Initial Balance,"
    "Current Balance,Currency,Expired?,Enabled?,Note"
)
SHOPIFY_WITH_CODES = f"Code,{SHOPIFY}"
SQUARE = "Gift Card Account Number,Type,State,Balance,Created"
WOOCOMMERCE = "Code,Recipient,Sender,Balance,Remaining,Expire Date,Is Active"
PW = "Gift Card Number,Balance,Expiration Date,Recipient Email,Active"


def imported(*lines: str, **terms) -> Imported:
    content = "\r\n".join(lines).encode()
    return cards.import_file.import_file(content, by=SYSTEM, terms=Terms(**terms))


def found(code: str) -> cards.Card:
    return cards.find_by_code(code)


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("header", "name"),
    [
        (SHOPIFY, "shopify"),
        (SHOPIFY_WITH_CODES, "shopify"),
        ("Id,Last Characters,Initial Balance,Current Balance,Currency,Note", "shopify"),
        (SQUARE, "square"),
        ("GAN,Balance", "square"),
        (WOOCOMMERCE, "woocommerce"),
        (PW, "woocommerce"),
        ("amount,currency", "giftweb"),
        ("balance,currency,code,holder_email", "giftweb"),
        (",".join(cards.exported.COLUMNS), "giftweb"),
        ("amount,currenzy,note", "giftweb"),
    ],
)
def test_a_file_is_known_by_its_headings(header, name):
    assert recognised(header.split(",")).name == name
    assert recognised(header.upper().split(",")).name == name


@pytest.mark.no_database
def test_a_format_can_be_named_and_only_a_known_one():
    assert recognised(["anything"], wanted="square") is FORMATS["square"]
    with pytest.raises(Invalid):
        recognised(["anything"], wanted="lightspeed")


def test_the_old_codes_of_a_shopify_export_work_and_worth_what_was_left():
    result = imported(
        SHOPIFY_WITH_CODES,
        "GIFT-AAAA-BBBB-CCC1,1,CCC1,Ann Smith,ann@example.com,#1001,2020-01-01 09:00:00 UTC,"
        "2098-12-31,50.00,20.50,USD,false,true,VIP",
        "GIFT-AAAA-BBBB-CCC2,2,CCC2,,,,2020-01-01,,50.00,0.00,USD,false,true,",
        "GIFT-AAAA-BBBB-CCC3,3,CCC3,,,,2020-01-01,2020-12-31,50.00,50.00,USD,true,true,",
        "GIFT-AAAA-BBBB-CCC4,4,CCC4,,,,2020-01-01,,50.00,50.00,USD,false,false,",
    )
    card = found("giftaaaabbbbccc1")
    assert (card.balance, card.holder_email) == (amount_of("20.50 USD"), "ann@example.com")
    assert (card.holder_name, card.note) == ("Ann Smith", "VIP")
    assert card.expires_on.isoformat() == "2098-12-31"
    assert (result.cards, result.totals) == (1, {"USD": 2050})
    assert result.left_out == {"expired": 1, "not active": 1, "used up": 1}
    assert result.masked == 0


def test_a_masked_export_says_that_the_old_codes_are_lost():
    result = imported(
        SHOPIFY, "7,3rqb,,ann@example.com,,2020-01-01,,50.00,20.00,USD,false,true,Hello"
    )
    (card,) = cards.select()
    assert (result.masked, result.new_codes) == (1, 1)
    assert card.note == "Hello Its old code ends in 3rqb."
    assert card.balance == amount_of("20.00 USD")


def test_a_square_file_has_the_campaigns_currency_and_signs_before_its_amounts():
    campaign = make_campaign(currency="EUR", name="Here")
    result = imported(
        SQUARE,
        "7783320001234567,PHYSICAL,ACTIVE,$25.00,2024-01-01",
        "7783320009876543,DIGITAL,BLOCKED,$5.00,2024-01-01",
        "7783320005555555,DIGITAL,DEACTIVATED,$0.00,2024-01-01",
        campaign_id=campaign.id,
    )
    card = found("7783 3200 0123 4567")
    assert (card.balance, card.campaign_id) == (amount_of("25.00 EUR"), campaign.id)
    frozen = found("7783320009876543")
    assert frozen.status == "frozen"
    assert cards.unfreeze(frozen.id, by=SYSTEM).status == "active"
    assert (result.frozen, result.left_out) == (1, {"not active": 1})


def test_a_woocommerce_file_counts_what_remains():
    make_campaign()
    imported(
        WOOCOMMERCE,
        "ABCD-EFGH-1234-0001,ann@example.com,Bob,50,12.5,2098-01-31 00:00:00,on",
        "ABCD-EFGH-1234-0002,bob@example.com,Ann,50,0,,on",
    )
    (card,) = cards.select()
    assert (card.balance, card.holder_email) == (amount_of("12.50 USD"), "ann@example.com")
    assert card.expires_on.isoformat() == "2098-01-31"


def test_without_a_currency_anywhere_a_file_is_refused():
    with pytest.raises(csv_sheets.RowsRefused, match="1 cell"):
        imported(PW, "ABCD-EFGH-1234-0001,50,,,1")


def test_columns_can_be_mapped_and_others_are_left_out_then():
    imported(
        "Karte;Rest;Whrg;Filiale;Post",
        "KARTE-0001-2345;12,50;EUR;Nord;ann@example.com",
        mapping={"karte": "code", "Rest": "balance", "Whrg": "currency", "Post": "email"},
    )
    card = found("karte00012345")
    assert card.balance == amount_of("12.50 EUR")
    assert card.holder_email == "ann@example.com"


@pytest.mark.parametrize(
    ("mapping", "says"),
    [({"Rest": "balance"}, "has no column Rest"), ({"amount": "money"}, "no column money")],
)
def test_a_mapping_of_what_is_not_there_is_refused(mapping, says):
    with pytest.raises(Invalid, match=says):
        imported("amount,currency", "1,USD", mapping=mapping)


def test_an_unknown_campaign_is_refused_and_one_of_another_house_is_reported():
    with pytest.raises(NotFound):
        imported("amount,currency", "1,USD", campaign_id="cmp_nowhere")
    result = imported("amount,currency,campaign_id", "1,USD,cmp_elsewhere")
    assert result.strangers == 1
    (card,) = cards.select()
    assert card.campaign_id is None


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\r\namount;currency;note\r\n25.00;USD;é\r\n".encode(),
        "\ufeffamount\tcurrency\tnote\r\n25.00\tUSD\té\r\n".encode(),
        "amount|currency|note\r\n25.00|USD|é\r\n".encode(),
        "amount\tcurrency\tnote\r\n25.00\tUSD\té\r\n".encode("utf-16"),
        "amount,currency,note\r\n25.00,USD,é\r\n".encode("utf-16-le"),
        "amount,currency,note\r\n25.00,USD,é\r\n".encode("utf-16-be"),
        ",amount,currency,note,,\r\n,25.00,USD,é,,\r\n,,,,,\r\n".encode(),
        '\r\n\r\n"amount";"currency";"note"\r\n"25,00";"USD";"é"\r\n'.encode(),
    ],
)
@pytest.mark.proves("B8", "E46")
def test_a_file_is_read_however_a_spreadsheet_saved_it(content):
    cards.import_file.import_file(content, by=SYSTEM)
    (card,) = cards.select()
    assert (card.balance, card.note) == (amount_of("25.00 USD"), "é")


def test_what_stands_beside_the_columns_is_not_lost_unseen():
    with pytest.raises(csv_sheets.RowsRefused) as refused:
        imported("amount,currency,", "25.00,USD,surplus")
    assert "it has 3 cells, the header has 2" in str(refused.value.details["cells"][0])


def workbook(header, *rows) -> bytes:
    return xlsx_sheets.written("Cards", header, rows)


def test_a_workbook_is_read_like_a_csv_file():
    content = workbook(
        ("amount", "currency", "code", "expires_on", "test"),
        (amount_of("25.10 USD"), "USD", "0042-1234-5678", date(2098, 1, 31), True),
        (amount_of("1250.00 USD"), "USD", "7783320001234567", None, False),
    )
    cards.import_file.import_file(content, by=SYSTEM)
    first, second = found("004212345678"), found("7783320001234567")
    assert (first.balance, first.is_test) == (amount_of("25.10 USD"), True)
    assert first.expires_on == date(2098, 1, 31)
    assert second.balance == amount_of("1250.00 USD")


def test_what_is_no_workbook_is_refused_in_words():
    with pytest.raises(Invalid, match="Save it as CSV"):
        cards.import_file.import_file(b"PK\x03\x04 and nothing more", by=SYSTEM)


# There and back


def everything() -> list[tuple]:
    return [
        (
            *(card.balance, card.status, card.parts, card.holder_email, card.note),
            *(card.expires_on, card.bound_to_holder, card.tags),
        )
        for card in cards.select().order_by(GiftCard.note)
    ]


def make_all_kinds() -> None:
    make_card("50.00 USD", note="=1+1", source="sales", bound_to_holder=True, tags=["b", "=a"])
    mixed = make_card("10.00 USD", note="0042", source="sales").card
    cards.top_up(mixed.id, amount=amount_of("5.00 USD"), source="promotions", by=SYSTEM)
    frozen = make_card("7.00 USD", note="frozen", source="goodwill").card
    cards.freeze(frozen.id, by=SYSTEM)
    gone = make_card("9.00 USD", note="gone").card
    cards.endings.cancel(gone.id, by=SYSTEM)
    make_card("8 JPY", note="test", is_test=True)


@pytest.mark.proves("B8", "E46", "D29")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_was_exported_is_imported_elsewhere_with_all_that_is_money(engine, kind):
    make_all_kinds()
    file = io.BytesIO() if kind == "xlsx" else io.StringIO()
    write = {"xlsx": cards.import_file.export_workbook, "csv": cards.import_file.export_file}[kind]
    assert write(file) == 5
    content = file.getvalue() if kind == "xlsx" else file.getvalue().encode()
    before = [kept for kept in everything() if kept[1] != "cancelled"]

    with pytest.raises(csv_sheets.RowsRefused) as refused:
        cards.import_file.import_file(content, by=SYSTEM)
    assert {cell.column for cell in refused.value.details["cells"]} == {"id"}

    engine.empty()
    audit.chains.forget()
    result = cards.import_file.import_file(content, by=SYSTEM)
    assert everything() == before
    assert (result.cards, result.left_out, result.frozen) == (4, {"cancelled": 1}, 1)
    assert result.masked == 4


@pytest.mark.proves("D29")
def test_parts_that_do_not_add_up_are_refused():
    header = "balance,currency," + ",".join(FUNDING)
    with pytest.raises(csv_sheets.RowsRefused) as refused:
        imported(header, "10.00,USD,5.00,4.99,0,0,0")
    assert "do not add up" in str(refused.value.details["cells"][0])
    imported(header, "10.00,USD,5.00,5.00,0,0,0")
    (card,) = cards.select()
    assert card.parts == (500, 500, 0, 0, 0)


def test_whoever_imports_knows_better_than_the_file():
    imported("balance,currency,source,sales", "10.00,USD,sales,10.00", source="goodwill")
    (card,) = cards.select()
    assert [part.source for part in card.funding] == ["goodwill"]


@pytest.mark.proves("B23", "B25")
def test_a_pin_a_bond_and_tags_come_along():
    imported(
        "code,balance,currency,holder_email,bound_to_holder,pin,tags",
        'KARTE-0001-2345,5.00,USD,ann@example.com,yes,0042,"vip, fair"',
    )
    card = found("karte00012345")
    assert (card.bound_to_holder, card.needs_pin, card.tags) == (True, True, ["fair", "vip"])
    assert cards.pins.find(card) == "0042"
    with pytest.raises(csv_sheets.RowsRefused) as refused:
        imported("balance,currency,bound_to_holder,pin", "5.00,USD,yes,abc")
    assert {cell.column for cell in refused.value.details["cells"]} == {"bound_to_holder", "pin"}
