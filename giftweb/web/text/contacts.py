"""Whom a holder asks: an email address, a page, or anything else that a shop writes."""

from markupsafe import Markup, escape


def kind(contact: str) -> str:
    """``mail``, ``page``, ``text``, or "" without a contact."""
    if contact.startswith("https://"):
        return "page"
    is_address = contact.count("@") == 1 and " " not in contact
    return "mail" if is_address else "text" if contact else ""


def address(contact: str) -> str:
    """Where a contact leads; "" for one that is only read."""
    return {"page": contact, "mail": f"mailto:{contact}"}.get(kind(contact), "")


def email(text: str) -> Markup:
    """An email address, which breaks before its ``@`` where a line ends; a name as it is."""
    return escape(text).replace("@", Markup("<wbr>@"))
