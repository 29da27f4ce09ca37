"""What docs/ draws from the code: the pictures of the house and of its tables, and the list of
requirements. ``make docs`` writes them; ``make check`` verifies that they are current."""
