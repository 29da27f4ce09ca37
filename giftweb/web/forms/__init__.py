"""The forms of the pages: fields once, then a file a noun."""

from giftweb.web.forms import (
    amounts,
    campaigns,
    cards,
    checkout,
    fields,
    new_card,
    orders,
    products,
)
