"""Why a card of a status cannot be used, as a sentence in the reader's language."""

from giftweb.language import lazy_gettext

_UNUSABLE = {
    "inactive": lazy_gettext("This card cannot be used: it is not activated."),
    "used_up": lazy_gettext("This card cannot be used: it is used up."),
    "frozen": lazy_gettext("This card cannot be used: it is frozen."),
    "expired": lazy_gettext("This card cannot be used: it is expired."),
    "cancelled": lazy_gettext("This card cannot be used: it is cancelled."),
    "replaced": lazy_gettext("This card cannot be used: it is replaced."),
    "active": lazy_gettext("This card cannot be used: it is active."),
}


def unusable(status: str) -> str:
    """Why a card of this status cannot be used, as one sentence."""
    return str(_UNUSABLE[status])
