"""The forms of the pages: fields once, then a file a noun.

A form reads and checks the shape of what was typed; what may be done with it is the domain's. Door:
``fields.Form`` and its fields, ``once.OnceForm``.
"""

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
