"""Files of gift cards that wait for their import: one that names a person is forgotten (D18)."""

import re

from giftweb import clock
from giftweb.domain import imports
from giftweb.domain.audit import seals
from giftweb.domain.privacy.person import Person
from giftweb.errors import Invalid, Refused
from giftweb.models import CardImport, CardImportPart


class FileBeingImported(Refused):
    """A file that names this person is being imported: {name}. Try again when that is done."""


def drop(person: Person) -> int:
    """Forget the files that have the person's address; how many. Whoever has the file can take the
    person out of it and upload it again.

    Raises: FileBeingImported.
    """
    address = re.compile(rf"(?<![\w.+-]){re.escape(person.email)}(?![\w-]|\.\w)", re.IGNORECASE)
    found = [file_id for file_id in _with_content() if _names(file_id, address)]
    for file_id in found:
        upload = imports.find(file_id)
        if upload.is_busy:
            raise FileBeingImported(name=upload.name)
        imports.content.drop(file_id)
        seals.change(CardImport, file_id, state="discarded", finished_at=clock.now())
    return len(found)


def _with_content() -> list[str]:
    part = CardImportPart
    return [row[0] for row in part.select(part.file).distinct().order_by(part.file).tuples()]


def _names(file_id: str, address: re.Pattern[str]) -> bool:
    try:
        return any(
            address.search(cell)
            for _, cells in imports.content.sheet_of(file_id).rows()
            for cell in cells
        )
    except Invalid:
        return False
