"""What is done with the books for the accountant: months are closed, the journal is exported.

Door: its modules. It moves no money, and changes no figure of a report.
"""

from giftweb.domain.books import accounts, closing, exports
