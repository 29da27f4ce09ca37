"""Reports in words: their titles, what they are about, the heads of their columns."""

from giftweb.language import lazy_gettext

TITLES = {
    "liability": lazy_gettext("What we owe"),
    "ageing": lazy_gettext("How old it is"),
    "movements": lazy_gettext("What moved it"),
    "breakage": lazy_gettext("What will stay unspent"),
    "bonuses": lazy_gettext("What bonuses brought"),
    "campaigns": lazy_gettext("Top campaigns"),
    "life": lazy_gettext("How long cards live"),
    "settlement": lazy_gettext("Who owes whom"),
    "journal": lazy_gettext("Journal"),
}
ABOUT = {
    "liability": lazy_gettext(
        "The money on live gift cards at the end of a day, by where it came from."
    ),
    "ageing": lazy_gettext("The same money by the days since it came onto its card."),
    "movements": lazy_gettext(
        "What was owed before a period, what changed it, and what was owed after it."
    ),
    "breakage": lazy_gettext(
        "What is left of the cards of each month, and what of it is expected to stay."
    ),
    "bonuses": lazy_gettext(
        "What bonuses cost in a period, and what the orders brought that they helped to pay."
    ),
    "campaigns": lazy_gettext("Which campaigns sold the most, gave the most and took the most."),
    "life": lazy_gettext(
        "The days from the issue of a card until it is empty, and until its last use."
    ),
    "settlement": lazy_gettext(
        "What one campaign owes another whose goods its gift cards have paid for."
    ),
    "journal": lazy_gettext(
        "Every transfer of a period as a debit and an equal credit, for the accountant."
    ),
}
HEADS = {
    "currency": lazy_gettext("Currency"),
    "campaign_id": lazy_gettext("Campaign"),
    "source": lazy_gettext("Source"),
    "cards": lazy_gettext("Cards"),
    "amount": lazy_gettext("Amount"),
    "age": lazy_gettext("Days"),
    "opening": lazy_gettext("Opening"),
    "closing": lazy_gettext("Closing"),
    "issued": lazy_gettext("Issued"),
    "recharged": lazy_gettext("Recharged"),
    "redeemed": lazy_gettext("Redeemed"),
    "refunded": lazy_gettext("Refunded"),
    "cancelled": lazy_gettext("Cancelled"),
    "clawed_back": lazy_gettext("Clawed back"),
    "expired": lazy_gettext("Expired"),
    "adjusted": lazy_gettext("Adjusted"),
    "cashed_out": lazy_gettext("Cashed out"),
    "cohort": lazy_gettext("Month of issue"),
    "left": lazy_gettext("Left"),
    "expected": lazy_gettext("Expected to stay"),
    "issuer_campaign_id": lazy_gettext("Issued by"),
    "acceptor_campaign_id": lazy_gettext("Taken by"),
    "owed": lazy_gettext("Owed"),
    "withdrawn": lazy_gettext("Withdrawn"),
    "cost": lazy_gettext("Spent"),
    "orders": lazy_gettext("Orders"),
    "sales": lazy_gettext("Order value"),
    "brought": lazy_gettext("Not by bonus"),
    "sold": lazy_gettext("Sold"),
    "given": lazy_gettext("Given"),
    "bonus": lazy_gettext("Bonuses"),
    "accepted": lazy_gettext("Taken here"),
    "ended": lazy_gettext("Empty"),
    "days_to_end": lazy_gettext("Days until empty"),
    "used": lazy_gettext("Used"),
    "days_to_use": lazy_gettext("Days until last use"),
    "number": lazy_gettext("Number"),
    "at": lazy_gettext("Time"),
    "debit": lazy_gettext("Debit"),
    "credit": lazy_gettext("Credit"),
    "transaction_id": lazy_gettext("Transaction"),
    "order_reference": lazy_gettext("Order"),
}

BEHIND = {
    "came": lazy_gettext("Came onto the cards"),
    "onto": lazy_gettext("Came onto the cards, less what was withdrawn"),
    "spent": lazy_gettext("Spent, less refunds"),
}
"""Movements of several kinds that no column of a report has the name of."""

CAMPAIGNS = ("campaign_id", "issuer_campaign_id", "acceptor_campaign_id")
HOUSE = lazy_gettext("No campaign")
