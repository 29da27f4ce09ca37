"""What several views of one noun share: the values of their templates.

It routes nothing and changes nothing by itself. Door: ``action`` for form, verb and answer,
``searches`` for lists, and a module for each page that several views draw.
"""

from giftweb.web.pages import (
    action,
    addresses,
    balance,
    baskets,
    books,
    card,
    counter,
    downloads,
    figures,
    order,
    paper,
    prepared,
    rates,
    report,
    report_charts,
    report_links,
    report_words,
    scanned,
    searches,
    set_up,
    statements,
    store,
    timeline,
    wallets,
    widget,
    widget_style,
    work,
)
