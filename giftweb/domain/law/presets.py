"""The law of some places as data: what it says, where it says so, and when that was looked up.

Source: B27. A preset is a help and no advice; what it leaves out is in docs/law.md.
"""

from datetime import date

from giftweb.domain.law.values import CashOut, Preset, Rule, Validity
from giftweb.language import lazy_gettext
from giftweb.money import Money

LOOKED_UP = date(2026, 11, 29)
NONE = "none"

_WORDS, _NO_END = lazy_gettext("what the card says"), lazy_gettext("no last day")


def _no_fees(citation: str, since: date, seen_in: str) -> Rule:
    text = lazy_gettext(
        "No fee is taken from a card, for using it or for leaving it unused; giftweb has none."
    )
    return Rule(lazy_gettext("no fees"), text, citation, since, seen_in)


_US_CODE = "text of 15 U.S.C. § 1693l-1 as in effect on 20 November 2024; 75 FR 16580"
_FEDERAL = Rule(
    lazy_gettext("five years"),
    lazy_gettext("A sold card lasts five years or more from the day it was issued or last loaded."),
    "15 U.S.C. § 1693l-1(c); 12 CFR § 1005.20(e)",
    date(2010, 8, 22),
    _US_CODE,
)
_US = Preset(
    "us",
    lazy_gettext("United States"),
    validity=Validity(_FEDERAL, years=5),
    others=(
        _no_fees(
            "15 U.S.C. § 1693l-1(b); 12 CFR § 1005.20(d)",
            date(2010, 8, 22),
            _US_CODE,
        ),
        Rule(
            _WORDS,
            lazy_gettext(
                "The last day, or that there is none, stands on the card. A card given to promote"
                " sales says that it is one, on its front, with its last day."
            ),
            "12 CFR § 1005.20(a)(4), (e)(3)",
            date(2010, 8, 22),
            "Consumer Compliance Outlook 1/2013 of the Federal Reserve; not in the text itself",
        ),
    ),
)

_CALIFORNIA = "Cal. Civ. Code § 1749.5"
_SB_22 = "text of SB 22 as chaptered on 1 October 2025; Morgan Lewis, 23 March 2026"
_US_CA = Preset(
    "us-ca",
    lazy_gettext("California"),
    validity=Validity(
        Rule(
            _NO_END,
            lazy_gettext("A sold card does not expire."),
            f"{_CALIFORNIA}(a)(1)",
            date(1997, 1, 1),
            _SB_22,
        )
    ),
    cash_outs=(
        CashOut(
            Rule(
                lazy_gettext("cash below $15"),
                lazy_gettext("A rest of less than $15 is paid out in cash when the holder asks."),
                f"{_CALIFORNIA}(b), as amended by SB 22 (Stats. 2025, ch. 207)",
                date(2026, 4, 1),
                _SB_22,
            ),
            Money(1500, "USD"),
            is_inclusive=False,
        ),
        CashOut(
            Rule(
                lazy_gettext("cash below $10"),
                lazy_gettext("A rest of less than $10 is paid out in cash when the holder asks."),
                f"{_CALIFORNIA}(b)",
                date(2008, 1, 1),
                _SB_22,
            ),
            Money(1000, "USD"),
            is_inclusive=False,
        ),
    ),
    others=(
        _no_fees(f"{_CALIFORNIA}(a)(2)", date(1997, 1, 1), _SB_22),
        Rule(
            _WORDS,
            lazy_gettext(
                "A card given to promote sales may have a last day; it stands in capital letters on"
                " its front."
            ),
            f"{_CALIFORNIA}(d)",
            date(1998, 1, 1),
            _SB_22,
        ),
    ),
)

_QUEBEC = "CQLR c. P-40.1"
_PROVINCES = (
    "text of O. Reg. 187/07 and of r. 3, s. 79.5; pages of the Office de la protection du"
    " consommateur"
)
_CA = Preset(
    "ca",
    lazy_gettext("Canada"),
    validity=Validity(
        Rule(
            _NO_END,
            lazy_gettext("A sold card does not expire (Ontario, Quebec and most other provinces)."),
            f"O. Reg. 17/05, s. 25.3 (Ontario); {_QUEBEC}, s. 187.3 (Quebec)",
            date(2007, 10, 1),
            _PROVINCES,
        )
    ),
    cash_outs=(
        CashOut(
            Rule(
                lazy_gettext("cash up to $5"),
                lazy_gettext(
                    "A rest of $5 or less is paid out when the holder asks (Quebec; giftweb does so"
                    " in every province)."
                ),
                f"{_QUEBEC}, s. 187.5; {_QUEBEC}, r. 3, s. 79.5",
                date(2010, 6, 30),
                _PROVINCES,
            ),
            Money(500, "CAD"),
            is_inclusive=True,
        ),
    ),
    others=(
        _no_fees(
            f"O. Reg. 17/05, s. 25.4 (Ontario); {_QUEBEC}, s. 187.4 (Quebec)",
            date(2007, 10, 1),
            _PROVINCES,
        ),
        Rule(
            _WORDS,
            lazy_gettext(
                "How it is used, where, and how its balance is found stand on it or come with it in"
                " writing."
            ),
            f"O. Reg. 17/05, s. 25.5 (Ontario); {_QUEBEC}, s. 187.2 (Quebec)",
            date(2007, 10, 1),
            _PROVINCES,
        ),
    ),
)

_MUNICH = "reports of the ruling (urteile.news); MDR Ratgeber Recht on the year's end"
_DE = Preset(
    "de",
    lazy_gettext("Germany"),
    validity=Validity(
        Rule(
            lazy_gettext("three years to the year's end"),
            lazy_gettext(
                "A sold card lasts three years or more, counted from the end of the year in which"
                " it was sold."
            ),
            "§§ 195, 199 (1), 307 BGB; OLG München, 17 January 2008, 29 U 3193/07",
            date(2002, 1, 1),
            _MUNICH,
        ),
        years=3,
        to_years_end=True,
    ),
    others=(
        _no_fees("§ 307 BGB", date(2002, 1, 1), _MUNICH),
        Rule(
            _WORDS,
            lazy_gettext("Who redeems it and a last day, if it has one, stand on it."),
            "§§ 793, 807 BGB",
            date(2002, 1, 1),
            "not found: general knowledge, not looked up",
        ),
    ),
)

_IRISH = (
    "Consumer Protection Act 2007, Part 4A, by the Consumer Protection (Gift Vouchers) Act 2019"
)
_REVISED = "revised text of s. 66A (Law Reform Commission); William Fry, December 2019"
_IE = Preset(
    "ie",
    lazy_gettext("Ireland"),
    validity=Validity(
        Rule(
            lazy_gettext("five years"),
            lazy_gettext("A sold card lasts five years or more from the day it was sold."),
            _IRISH,
            date(2019, 12, 2),
            _REVISED,
        ),
        years=5,
    ),
    others=(
        Rule(
            lazy_gettext("used in parts"),
            lazy_gettext(
                "A card can be spent in several purchases and several cards in one, and a name on"
                " it is changed without a fee; giftweb does all three."
            ),
            _IRISH,
            date(2019, 12, 2),
            _REVISED,
        ),
        Rule(
            _WORDS,
            lazy_gettext(
                "The day of the sale and the last day, or that there is none, stand on the card or"
                " in its mail."
            ),
            _IRISH,
            date(2019, 12, 2),
            _REVISED,
        ),
    ),
)

_ACL = "Australian Consumer Law (Competition and Consumer Act 2010, Sch. 2)"
_STATEMENT = "explanatory statement to F2018L01754; Allens, November 2019"
_AU = Preset(
    "au",
    lazy_gettext("Australia"),
    validity=Validity(
        Rule(
            lazy_gettext("three years"),
            lazy_gettext("A sold card lasts three years or more from the day it was supplied."),
            f"{_ACL}, s. 99B",
            date(2019, 11, 1),
            _STATEMENT,
        ),
        years=3,
    ),
    others=(
        _no_fees(f"{_ACL}, s. 99D", date(2019, 11, 1), _STATEMENT),
        Rule(
            _WORDS,
            lazy_gettext(
                "The last day, or the words 'no expiry date', stand prominently on the card."
            ),
            f"{_ACL}, s. 99C",
            date(2019, 11, 1),
            _STATEMENT,
        ),
    ),
)

_UK = Preset(
    "uk",
    lazy_gettext("United Kingdom"),
    others=(
        Rule(
            lazy_gettext("fair and plain terms"),
            lazy_gettext(
                "No statute names a shortest validity; a term has to be fair, and a last day has to"
                " be plain to see before the card is bought."
            ),
            "Consumer Rights Act 2015, ss. 62, 64, 68",
            date(2015, 10, 1),
            "Mondaq, 2023; not in the text itself",
        ),
    ),
)

_CODE = "Law 8.078/1990 (Código de Defesa do Consumidor)"
_DEFENSORIA = "a notice of the Defensoria Pública do Paraná, 15 June 2022; not in the text itself"
_BR = Preset(
    "br",
    lazy_gettext("Brazil"),
    others=(
        Rule(
            lazy_gettext("a last day that is plain"),
            lazy_gettext(
                "No statute names a shortest validity; a last day is plain to see before the card"
                " is bought."
            ),
            f"{_CODE}, arts. 6 (III), 31, 46",
            date(1991, 3, 11),
            _DEFENSORIA,
        ),
        Rule(
            lazy_gettext("the rest is the holder's"),
            lazy_gettext(
                "What is not spent stays on the card or is paid back; giftweb keeps it on the card."
            ),
            f"{_CODE}, arts. 39 (V), 51 (IV)",
            date(1991, 3, 11),
            f"{_DEFENSORIA}; an article on Procon-SP has it otherwise",
        ),
        _no_fees(
            f"{_CODE}, art. 51 (IV)",
            date(1991, 3, 11),
            _DEFENSORIA,
        ),
    ),
)

_NONE = Preset(NONE, lazy_gettext("No rules"))

PRESETS: dict[str, Preset] = {
    each.key: each for each in (_NONE, _US, _US_CA, _CA, _DE, _IE, _AU, _UK, _BR)
}
"""By the word that a campaign keeps."""
