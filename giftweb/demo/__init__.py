"""The demo shop, told through the domain's own verbs."""

from giftweb.demo.load import DatabaseHasData, Demo

__all__ = [
    "DatabaseHasData",
    "Demo",
]
