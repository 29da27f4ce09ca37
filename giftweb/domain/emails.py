"""Email addresses: checked for syntax only, kept in lower case."""

import re

from giftweb.errors import Invalid

_PLAIN = re.compile(
    r"[a-z0-9_+-]{1,30}(?:\.[a-z0-9_+-]{1,15}){0,2}"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?\.){1,3}(?:com|org|net|edu|[a-z]{2})"
)
"""What most addresses look like. Whatever fits is valid; the rest is asked of the library."""


def read(text: str, *, field: str = "email") -> str:
    """The address as it is kept and compared.

    Raises: Invalid on ``field`` with a sentence that shows what an address looks like.
    """
    lowered = text.strip().lower()
    if _PLAIN.fullmatch(lowered) and "--" not in lowered:
        return lowered
    # The library is slow to load and slow to ask.
    from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

    # Whether anybody receives mail at .local or .invalid is not a matter of syntax.
    SPECIAL_USE_DOMAIN_NAMES.clear()
    try:
        found = validate_email(lowered, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Invalid(
            "Enter an email address in the form name@example.com.", field=field
        ) from error
    return found.normalized.lower()
