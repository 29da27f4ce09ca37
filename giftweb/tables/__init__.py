"""The tables by subject; giftweb.models lists them all in reading order.

A table has columns, constraints, relations and what its seal leaves out; how it came to be is in
giftweb.database.migrations. Door: giftweb.models.
"""
