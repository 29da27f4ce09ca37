"""Who sends a request, and what they may do: rights, sessions, confirmation.

What a verb itself refuses is the domain's. Door: the table ``rights.RIGHTS``, ``actors.current``,
``confirmation.confirmed``.
"""
