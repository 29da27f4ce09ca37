"""A shop that is not ours, taking gift cards: all that an honest integration needs.

Its server talks to the HTTP API with the campaign's key; its page embeds the widget with one tag.
It decides by what the API says, never by what the browser says. docs/embedding.md walks through it.
"""

import json
import os
import secrets
import urllib.error
import urllib.request

from flask import Flask, redirect, render_template, request, session, url_for

GIFTWEB = os.environ.get("GIFTWEB_URL", "http://127.0.0.1:8000")
API_KEY = os.environ["GIFTWEB_API_KEY"]
PRODUCTS = {
    "KETTLE": ("Copper kettle", 7000),
    "CUPS": ("Two stoneware cups", 2600),
    "TRAY": ("Oak tray", 4400),
}
SHIPPING = 900

app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)
app.config["SESSION_COOKIE_NAME"] = "shop"


def giftweb(method: str, path: str, body: dict | None = None, key: str | None = None):
    """Ask the API; (status, answer). ``key``: the Idempotency-Key of what must happen once."""
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    asked = urllib.request.Request(
        f"{GIFTWEB}/api/v1{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers=headers | ({"Idempotency-Key": key} if key else {}),
    )
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


@app.get("/")
def shelf(problem=""):
    page = render_template("shelf.html", products=PRODUCTS, problem=problem)
    return page, 422 if problem else 200


@app.post("/buy/<sku>")
def buy(sku):
    """The cart becomes a checkout at giftweb; we keep its id."""
    name, price = PRODUCTS[sku]
    status, checkout = giftweb(
        "POST",
        "/checkouts",
        {
            "order_reference": f"KS-{secrets.token_hex(4).upper()}",
            "currency": "USD",
            "items": [{"sku": sku, "name": name, "quantity": 1, "unit_amount": price}],
            "shipping_amount": SHIPPING,
            "customer": {"email": request.form["email"], "name": request.form["name"]},
            "shipping_address": {
                "name": request.form["name"],
                "line1": request.form["line1"],
                "city": request.form["city"],
                "postal_code": request.form["postal_code"],
                "country": "US",
            },
        },
    )
    if status != 201:
        return shelf(checkout["detail"])
    session["checkout"] = checkout["id"]
    return redirect(url_for("pay"), 303)


@app.get("/checkout")
def pay():
    """Our checkout page, with their widget in it."""
    if "checkout" not in session:
        return redirect(url_for("shelf"))
    _, checkout = giftweb("GET", f"/checkouts/{session['checkout']}")
    if checkout["order_id"]:
        return redirect(url_for("thanks", order_id=checkout["order_id"]))
    return render_template("checkout.html", checkout=checkout, giftweb=GIFTWEB, problem="")


@app.post("/place")
def place():
    """Hold the cards, charge the rest ourselves, then place the order; in this order."""
    if "checkout" not in session:
        return redirect(url_for("shelf"), 303)
    path = f"/checkouts/{session['checkout']}"
    status, checkout = giftweb("POST", f"{path}/authorisation", {})
    if status != 200:
        return refused(checkout)
    reference = charge(checkout["amount_due"])
    payments = (
        [{"method": "cash", "amount": checkout["amount_due"], "reference": reference}]
        if checkout["amount_due"]
        else []
    )
    status, order = giftweb("POST", f"{path}/capture", {"payments": payments}, key=checkout["id"])
    if status != 201:
        return refused(order)
    return redirect(url_for("thanks", order_id=order["id"]), 303)


def charge(amount: int) -> str:
    """Where a shop charges its own provider; ours is paid in cash on delivery."""
    return f"COD-{amount}"


def refused(problem: dict):
    """Say why; the answer may carry the new allocation. A second click finds the order placed."""
    checkout = problem.get("checkout") or giftweb("GET", f"/checkouts/{session['checkout']}")[1]
    if checkout["order_id"]:
        return redirect(url_for("thanks", order_id=checkout["order_id"]), 303)
    page = render_template(
        "checkout.html", checkout=checkout, giftweb=GIFTWEB, problem=problem["detail"]
    )
    return page, 409


@app.get("/thanks/<order_id>")
def thanks(order_id):
    _, order = giftweb("GET", f"/orders/{order_id}")
    session.pop("checkout", None)
    return render_template("thanks.html", order=order)


@app.template_filter("usd")
def usd(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02}"
