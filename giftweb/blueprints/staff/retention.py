"""How long names, mails and events stay. Only Root."""

from dataclasses import asdict

from flask import Blueprint, Response, make_response, render_template, url_for
from wtforms.validators import Optional

from giftweb.domain import privacy
from giftweb.language import gettext, lazy_gettext
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.access.confirmation import confirmed
from giftweb.web.forms.fields import Form, WholeField
from giftweb.web.http import htmx

blueprint = Blueprint("retention", __name__, url_prefix="/staff/retention")


class RetentionForm(Form):
    """Months; empty: for ever."""

    mails = WholeField(lazy_gettext("Mails that were sent"), [Optional()])
    events = WholeField(lazy_gettext("Names in events"), [Optional()])
    people = WholeField(lazy_gettext("Customers who hold nothing"), [Optional()])


@blueprint.route("/", methods=["GET", "POST"])
@confirmed
def edit() -> Response:
    """The months, and **Save**."""
    form = RetentionForm(**asdict(privacy.retention.terms()))

    def work() -> Response:
        wanted = privacy.retention.Terms(
            mails=form.mails.data, events=form.events.data, people=form.people.data
        )
        privacy.retention.put(wanted, by=actors.current())
        return htmx.redirect_to(url_for("retention.edit"), message=gettext("Saved."))

    return pages.action.run(
        form,
        work,
        lambda status: make_response(render_template("privacy/retention.html", form=form), status),
    )
