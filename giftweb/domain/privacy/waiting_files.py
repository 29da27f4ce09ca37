"""Files of gift cards that wait for their import: one that names a person is forgotten (D18)."""

import re

from peewee import fn

from giftweb import clock
from giftweb.domain import imports
from giftweb.domain.audit import seals
from giftweb.errors import Invalid, Refused
from giftweb.models import CardImport, CardImportPart


class FileBeingImported(Refused):
    """A file that names this person is being imported: {name}. Try again when that is done."""


class NotSearched(Exception):
    """A file came, or grew, since the files were searched."""


class Search:
    """Which of the files have a person's address. A long file takes a while to read, so they are
    read before the transaction that drops them, which only looks whether others have come."""

    def __init__(self, email: str):
        self._address = re.compile(rf"(?<![\w.+-]){re.escape(email)}(?![\w-]|\.\w)", re.IGNORECASE)
        self._found: dict[tuple[str, int], bool] = {}

    def read(self) -> None:
        """Read the files that are new."""
        for file_id, parts in _with_content():
            if (file_id, parts) not in self._found:
                self._found[file_id, parts] = _names(file_id, self._address)

    def drop(self) -> int:
        """Forget the files that have the address; how many. Whoever has the file can take the
        person out of it and upload it again.

        Raises: FileBeingImported, NotSearched.
        """
        now = _with_content()
        if not self._found.keys() >= set(now):
            raise NotSearched
        named = [file_id for file_id, parts in now if self._found[file_id, parts]]
        for file_id in named:
            upload = imports.find(file_id)
            if upload.is_busy:
                raise FileBeingImported(name=upload.name)
            imports.content.drop(file_id)
            seals.change(CardImport, file_id, state="discarded", finished_at=clock.now())
        return len(named)


def _with_content() -> list[tuple[str, int]]:
    """Each file with the number of its parts."""
    part = CardImportPart
    found = part.select(part.file, fn.COUNT(part.number)).group_by(part.file).order_by(part.file)
    return list(found.tuples())


def _names(file_id: str, address: re.Pattern[str]) -> bool:
    try:
        return any(
            address.search(cell)
            for _, cells in imports.content.sheet_of(file_id).rows()
            for cell in cells
        )
    except imports.content.ContentLost:
        return True  # Whom it named nobody can say.
    except Invalid:
        return False
