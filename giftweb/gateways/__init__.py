"""The other tenders, behind the one interface that the domain defines."""
