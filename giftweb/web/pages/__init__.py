"""What several views of one noun share: the values of their templates."""

from giftweb.web.pages import (
    action,
    balance,
    baskets,
    card,
    downloads,
    order,
    prepared,
    searches,
    store,
    widget,
    widget_style,
)
