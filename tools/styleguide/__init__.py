"""The style guide: every part of the pages in every state, for whoever builds a page.

A small application of its own, without a database: ``make dev`` serves it at ``/styleguide/``, and
the tests look at it. It draws with the product's templates, error pages and headers.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, render_template, request
from flask_wtf import CSRFProtect
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from giftweb.config import from_environment
from giftweb.errors import CardAlreadyUsed
from giftweb.money import Money
from giftweb.web.forms.fields import DateField, EmailField, Form, MoneyField, Required
from giftweb.web.http import errors, htmx, security, style_sheets
from giftweb.web.mail import letters
from giftweb.web.text import templating
from giftweb.web.text.templating import BRANDS, MenuItem, side_menu
from giftweb.web.text.words import STATUSES
from tools.styleguide import frames, mails
from tools.styleguide.words import WORDS

blueprint = Blueprint(
    "styleguide",
    __name__,
    url_prefix="/styleguide",
    template_folder="templates",
    static_folder="static",
)

PAGES = (
    *("parts", "forms", "list", "resource", "public", "errors", "words"),
    *("mails", "widget", "checkout", "mirrored"),
)
NAMES = (
    "Ann Smith",
    "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh, Maximiliane Theodora Konstantina",
    "محمد عبد الله",
    "O'Neil <b>& Sons</b>",
)
FRAMED = {"mails": mails.kinds(), "widget": frames.WIDGET, "checkout": frames.CHECKOUT}
"""Pages of documents that have a page of their own: the last part of its address."""
SPRITE = Path(templating.__file__).parents[2] / "static/icons.svg"
NOW = datetime(2026, 11, 22, 14, 5, 9, tzinfo=UTC)


def create_app() -> Flask:
    """The style guide as an application."""
    app = Flask("giftweb", static_folder="static", template_folder="templates")
    app.config.update(
        GIFTWEB=from_environment({}), SECRET_KEY="styleguide", WTF_CSRF_CHECK_DEFAULT=False
    )
    CSRFProtect(app)
    for part in (templating, style_sheets, errors, security, letters):
        part.install(app)
    # Nobody is signed in: what only some may open is not shown.
    app.jinja_env.globals.update(may_open=lambda endpoint: False, mails_leave=lambda: True)
    # The product's pages are not here: links to them lead nowhere.
    app.url_build_error_handlers.append(lambda error, endpoint, values: "#main")
    app.register_blueprint(blueprint)
    app.register_blueprint(frames.blueprint)
    return app


@dataclass(frozen=True)
class Person:
    """Who is signed in, as the shell shows it."""

    name: str
    role: str


@dataclass(frozen=True)
class Row:
    """One gift card of the sample list."""

    last4: str
    holder: str
    email: str
    balance: Money
    status: str
    is_test: bool
    at: datetime


class SampleForm(Form):
    """One field of every kind."""

    amount = MoneyField("Amount", [Required("Enter an amount, such as 25.00.")])
    holder_email = EmailField("Holder Email", [Required("Enter the holder's email address.")])
    expires_on = DateField("Expires on")
    holder_name = StringField("Recipient", [Length(max=120, message="Use 120 letters or fewer.")])
    message = TextAreaField("Message")
    currency = SelectField("Currency", choices=["USD", "CAD", "EUR", "JPY"])
    is_customer = BooleanField("Is Customer")
    is_batch = BooleanField("Is Batch Card")
    is_test = BooleanField("Is Card Test")
    covers = RadioField(
        "What a card may pay",
        choices=[
            SelectChoice("goods", "Goods"),
            SelectChoice("goods_and_shipping", "Goods and shipping"),
        ],
        default="goods",
    )


class NoteForm(Form):
    """A note of one line."""

    text = StringField("New note")


def _rows(count: int) -> list[Row]:
    statuses = ("active", "used_up", "frozen", "expired", "cancelled", "replaced")
    fours = ("7K2Q", "9QX1", "0A4M", "3ZT8", "W5HP", "K19C")
    return [
        Row(
            last4=fours[n % 6],
            holder=NAMES[n % 4],
            email=f"holder{n}@example.com",
            balance=Money((7500, 123456789, 0, 1801)[n % 4], ("USD", "CAD")[n % 5 == 4]),
            status=statuses[n % 6],
            is_test=n % 4 == 2,
            at=NOW,
        )
        for n in range(count)
    ]


def _shell(page: str) -> dict[str, Any]:
    """What every page of the style guide passes to the desk's shell."""
    menu: list[MenuItem] = side_menu("/staff/gift-cards/", lambda _: True)
    return {
        "menu": menu,
        "current_user": Person(NAMES[0], "customer_service_admin"),
        "pages": PAGES,
        "page": page,
        "theme": request.args.get("theme", ""),
        "money": Money,
        "names": NAMES,
        "now": NOW,
        "today": date(2026, 11, 22),
        "note": NoteForm(formdata=None, meta={"csrf": False}),
    }


@blueprint.get("/")
@blueprint.get(f"/<any({', '.join(PAGES)}):page>")
def show(page: str = "parts") -> Any:
    """A page of the style guide."""
    count = request.args.get("rows", 12, type=int)
    values = _shell(page) | {"rows": _rows(min(count, 50)), "statuses": STATUSES, "brands": BRANDS}
    values["words"] = WORDS
    values["error_pages"] = sorted(errors.PAGES)
    values["icons"] = re.findall(r'symbol id="([\w-]+)"', SPRITE.read_text())
    if page == "forms":
        wrong = SampleForm(data={"amount": None}, meta={"csrf": False})
        wrong.amount.raw_data = ["ten"]
        wrong.amount.errors = ["Enter an amount of 0.01 or more, such as 25.00."]
        wrong.holder_email.raw_data = ["ann@"]
        wrong.holder_email.errors = ["Enter an email address in the form name@example.com."]
        wrong.is_customer.errors = ["This address belongs to no registered customer."]
        wrong.refuse(CardAlreadyUsed())
        values |= {"sample": SampleForm(formdata=None, meta={"csrf": False}), "wrong": wrong}
    if page in FRAMED:
        values |= {"states": FRAMED[page], "spoken": frames.spoken(), "spoken_by": frames.LANGUAGES}
    response = htmx.render(f"styleguide/{page}.html", "styleguide/_sample_list.html", **values)
    response.headers["Content-Security-Policy"] = security.policy() + "; frame-src 'self'"
    return response


@blueprint.get("/errors/<int:status>")
def error_page(status: int) -> Any:
    """An error page as somebody who meets the error sees it."""
    return errors.answer(status)


@blueprint.get("/panel")
def panel() -> Any:
    """A panel as a fragment and as a page."""
    form = SampleForm(formdata=None, meta={"csrf": False})
    template = ("styleguide/panel.html", "styleguide/_sample_panel.html")
    return htmx.render(*template, **_shell("resource"), sample=form)


@blueprint.post("/panel")
def panel_answer() -> Any:
    """The sample panel succeeds, or refuses the amount 13."""
    if request.form.get("amount") == "13":
        raise CardAlreadyUsed()
    return htmx.replaced(
        "styleguide/_sample_history.html",
        "sample-history",
        back_to="/styleguide/resource",
        message="Recharged with $25.00.",
        undo="/styleguide/undo",
        is_recharged=True,
        money=Money,
    )


@blueprint.post("/undo")
def undo() -> Any:
    """The sample recharge is taken back."""
    return htmx.replaced(
        "styleguide/_sample_history.html",
        "sample-history",
        back_to="/styleguide/resource",
        message="Undone.",
        money=Money,
    )


@blueprint.get("/options")
def found() -> str:
    """What the sample search finds."""
    typed = request.args.get("holder_email", "").lower()
    people = [(f"person{n}@example.com", f"person{n}@example.com", NAMES[n % 4]) for n in range(5)]
    return render_template(
        "styleguide/_options.html", found=[p for p in people if typed and typed in p[0]]
    )
