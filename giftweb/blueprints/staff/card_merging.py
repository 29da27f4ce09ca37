"""**Merge** at the desk: small rests of one holder's cards put onto one (B25)."""

from flask import Blueprint, Response, request, url_for

from giftweb.domain import cards
from giftweb.domain.cards.values import Card
from giftweb.language import gettext
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.forms.fields import Form
from giftweb.web.forms.once import OptionalReasonForm
from giftweb.web.http import htmx, requests

blueprint = Blueprint("card_merging", __name__, url_prefix="/staff/gift-cards/<card_id>/merge")


@blueprint.route("", methods=["GET", "POST"])
def merge(card_id: str) -> Response:
    """Choose what of the holder's other cards goes with this one onto a new card."""
    card, form = cards.find(card_id), OptionalReasonForm()
    chosen = requests.form().getlist("card") if request.method == "POST" else []

    def work() -> Response:
        reason, by = form.reason.data or None, actors.current()
        new = cards.merging.merge([card_id, *chosen], by=by, reason=reason).card
        return htmx.redirect_to(
            url_for("gift_cards.show", card_id=new.id),
            message=gettext("What was left is on gift card •••• {last4} now.", last4=new.last4),
        )

    return pages.action.run(form, work, lambda status: _panel(card, form, chosen, status))


def _panel(card: Card, form: Form, chosen: list[str], status: int) -> Response:
    others = cards.merging.others_of(card)
    return htmx.panel(
        "gift_cards/_merge.html",
        status=status,
        card=card,
        others=others,
        chosen=chosen or [each.id for each in others],
        form=form,
        address=request.full_path.rstrip("?"),
        away=url_for("gift_cards.show", card_id=card.id),
    )
