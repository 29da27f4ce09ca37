"""Reading a large table from one end to the other, a page at a time."""

from collections.abc import Iterator

from giftweb import database

_PAGE = 5000


def rows(select: str, *order: str, positions: tuple[int, ...] = (0,)) -> Iterator[list]:
    """All rows in the order of a unique key, whose columns stand at these ``positions``."""
    key = ", ".join(order)
    page = database.rows(f"{select} ORDER BY {key} LIMIT ?", _PAGE)
    while page:
        for row in page:
            yield list(row)
        if len(page) < _PAGE:
            return
        last = [page[-1][position] for position in positions]
        page = database.rows(
            f"{select} WHERE ({key}) > ({database.placeholders(last)}) ORDER BY {key} LIMIT ?",
            *last,
            _PAGE,
        )
