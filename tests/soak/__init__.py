"""The long forms of the proofs: `make soak BUDGET=minutes`.

Each module with a ``run(seconds)`` is a part. It goes on for its share of the time, raises at the
first breach, and answers what it counted; the totals of all runs are added up in bench/soak.json.
"""
