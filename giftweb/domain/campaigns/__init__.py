"""A shop's terms: settings, origins, API keys.

Its orders and cards are elsewhere. Door: ``find``, ``create``, ``change``.
"""

from giftweb.domain.campaigns import (
    api_keys,
    campaigns,
    key_terms,
    logos,
    opening,
    settings,
    spending,
)
from giftweb.domain.campaigns.campaigns import Campaign, change, create, find, find_all, lock
