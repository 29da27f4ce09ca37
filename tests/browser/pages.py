"""Every page of the demo shop, by its address, and what is measured on each of them."""

import re
from html import unescape
from typing import NamedTuple

from playwright.sync_api import Page

from giftweb.demo.load import Demo

LISTS = ("orders", "gift-cards", "customers", "campaigns", "products")
FORMS = ("gift-cards/new", "customers/new", "campaigns/new", "orders/?fulfilment=pending")

WATCH = """
window.shift = 0;
window.largest = 0;
window.moved = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    window.shift += entry.value;
    for (const { node } of entry.sources) {
      window.moved.push(node?.outerHTML?.slice(0, 80) ?? "");
    }
  }
}).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.largest = entry.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
"""
"""What moved under the reader, and when the largest part was drawn, in milliseconds."""

SMALL = """() => {
  const isSmall = (element) => {
    const { width, height } = element.getBoundingClientRect();
    const over = getComputedStyle(element, "::after");
    return element.checkVisibility() && width > 1 && height > 1 && height < 43.5 &&
      getComputedStyle(element).display !== "inline" && !element.closest(".visually-hidden") &&
      !(element.tagName === "INPUT" && element.closest("label")) &&
      !(over.position === "absolute" && over.content !== "none");
  };
  const fields = "input:not([type=hidden]), select, textarea, label:has(input)";
  return [...document.querySelectorAll(`a, button, summary, ${fields}`)].filter(isSmall)
    .map((element) => element.outerHTML.slice(0, 120));
}"""
"""What is pressed and is lower than a fingertip. Links within a sentence, and what is pressed by a
label or an area around it, are not meant."""

CROSSES = """() => [...document.querySelectorAll("main td, main th")]
  .filter((cell) => cell.checkVisibility() && getComputedStyle(cell).overflowX === "visible")
  .filter((cell) => [...cell.querySelectorAll("*")].some((part) =>
    part.checkVisibility() && !part.closest("[popover], .visually-hidden") &&
    part.getBoundingClientRect().right > cell.getBoundingClientRect().right + 1))
  .map((cell) => cell.textContent.trim().slice(0, 60))"""
"""Cells of a table whose content reaches into the next one, and is not cut with an ellipsis."""

ID = re.compile(
    r"\b[a-z]+_[0-9a-hjkmnp-tv-z]{26}\b|\b\d+\b|\b[A-Z]+(-[A-Z]+)+\b|=[^&]*|api_key|bonus"
)
"""What one page of a kind has in its address where another has something else."""

ROWS = """(start) => [...document.querySelectorAll("main tbody a, main .entries a")]
  .map((link) => link.getAttribute("href"))
  .find((address) => address?.startsWith(start) && !address.includes("?"))"""
LINKS = """(selector) => [...document.querySelectorAll(selector)]
  .map((link) => link.getAttribute("href"))"""


class Addresses(NamedTuple):
    """Pages of strangers and shoppers, and of the desk."""

    public: list[str]
    desk: list[str]


def enter(page: Page, demo: Demo, role: str = "root") -> None:
    """Sign in as one of the demo's people."""
    one = next(each for each in demo.sign_ins if each.role == role)
    page.goto("/login")
    page.get_by_label("Email").fill(one.email)
    page.get_by_label("Password").fill(one.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/staff/")


def addresses(page: Page, demo: Demo) -> Addresses:
    """Where ``page``, signed in as root, finds pages: the menu, a row of each list, forms."""
    shop = f"/shop/{demo.campaign_id}/"
    page.goto(shop)
    public = [
        "/",
        "/login",
        "/account/",
        shop,
        f"{shop}cart",
        *page.evaluate(LINKS, "a.offer-name")[:2],
    ]
    page.goto("/staff/")
    desk = ["/staff/", *page.evaluate(LINKS, ".side-menu a"), "/staff/account"]
    for name in LISTS:
        start = f"/staff/{name}/"
        page.goto(start)
        desk += [start, page.evaluate(ROWS, start)]
    desk += [f"/staff/{name}" for name in FORMS]
    return Addresses(public, list(dict.fromkeys(filter(None, desk))))


def every_kind(page: Page, demo: Demo) -> list[str]:
    """One page of each kind that links lead ``page``, signed in as root, to: of a hundred orders
    one, and each of its panels."""
    todo = ["/staff/", "/", f"/shop/{demo.campaign_id}/"]
    found: dict[str, str] = {}
    while todo:
        address = todo.pop(0)
        kind = ID.sub("*", address)
        if kind in found:
            continue
        answer = page.request.get(address)
        is_page = answer.ok and "html" in answer.headers["content-type"]
        found[kind] = address if is_page else ""
        if is_page:
            todo += links_in(answer.text(), address)
    return list(filter(None, found.values()))


def links_in(html: str, address: str) -> list[str]:
    """Where a page leads on this site; other languages, orders and later pages of it are left."""
    links = (
        unescape(link).partition("#")[0] for link in re.findall(r'<a[^>]*\bhref="([^"]+)"', html)
    )
    whole = (address.partition("?")[0] + link if link.startswith("?") else link for link in links)
    again = re.compile(r"[?&](lang|sort|after)=")
    return [link for link in whole if link.startswith("/") and not again.search(link)]
