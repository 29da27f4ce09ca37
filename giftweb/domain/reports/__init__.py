"""What finance reads across the books: sums over transfers, as of any day.

It changes nothing; the words and files are giftweb.blueprints. Door: its modules, one a
report.
"""

from giftweb.domain.reports import liability
