"""``flask gift-card``: single cards from the command line."""

from datetime import datetime
from typing import Any

import click
from flask.cli import AppGroup

from giftweb import money
from giftweb.commands.options import OPERATOR, domain_errors_to_click, print_json
from giftweb.domain import cards, emails
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import Issued
from giftweb.web.mail import smtp

gift_card = AppGroup("gift-card", help="Gift cards.")


@gift_card.command("issue")
@click.option("--amount", required=True, help="Such as 50.00.")
@click.option("--currency", required=True, help="ISO 4217, such as USD.")
@click.option("--email", required=True, help="Whom the card is mailed to.")
@click.option("--name", help="The holder's name.")
@click.option("--test", "is_test", is_flag=True, help="A test card: it pays test orders only.")
@click.option("--expires-on", type=click.DateTime(["%Y-%m-%d"]), help="Its last day.")
@click.option("--json", "as_json", is_flag=True, help="Print the card with its code.")
def issue(expires_on: datetime | None, as_json: bool, **options: Any) -> None:
    """Issue a card and mail it to its holder."""
    with domain_errors_to_click():
        issued = cards.issue(
            NewCard(
                amount=money.parse(options["amount"], options["currency"]),
                holder_email=emails.read(options["email"]),
                holder_name=options["name"],
                is_test=options["is_test"],
                expires_on=None if expires_on is None else expires_on.date(),
            ),
            by=OPERATOR,
        )
    if as_json:
        print_json(cards.payload.GiftCard.of(issued.card) | {"code": issued.code})
    else:
        click.echo(_sentence(issued))


def _sentence(issued: Issued) -> str:
    card = issued.card
    kind = "test card" if card.is_test else "card"
    mail = "it is being mailed" if smtp.has_server() else "its mail is kept in the outbox"
    return f"Issued {kind} {card.id} of {card.balance} for {card.holder_email}; {mail}."
