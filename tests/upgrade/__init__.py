"""The schema only moves forward: what an older program left is brought up to this one's schema.

``ae7708b.*.sql.gz`` are databases that the program of that commit filled through its own verbs,
one for each engine, as they stood on 1 June 2025. ``ae7708b.keys.json`` are their keys, which open
nothing else.
"""
