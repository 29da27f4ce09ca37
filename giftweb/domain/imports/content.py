"""The content of an uploaded file: sealed parts in the database, read back as one file.

So it is there for whichever machine works on it, lies nowhere in plain text, and takes no memory.
"""

import io

from giftweb import codes, keys
from giftweb.domain.sheet_files import SheetFile
from giftweb.errors import Invalid
from giftweb.models import CardImportPart

PART_BYTES = 256 * 1024
_ENCODING = "latin-1"
"""Any bytes are text in it, which is what is sealed."""


class ContentLost(Invalid):
    """The keys that this file was kept under are gone: nobody can read it any more. Upload it
    again."""


def append(file_id: str, data: bytes) -> None:
    """Add to the end of the file."""
    number = CardImportPart.select().where(CardImportPart.file == file_id).count()
    for start in range(0, len(data), PART_BYTES):
        text = data[start : start + PART_BYTES].decode(_ENCODING)
        sealed = codes.seal(text, CardImportPart.content.owner_of(file_id, number))
        CardImportPart.insert(file=file_id, number=number, content=sealed).execute()
        number += 1


def drop(file_id: str) -> None:
    """Forget the content."""
    CardImportPart.delete().where(CardImportPart.file == file_id).execute()


class _Parts(io.RawIOBase):
    """The parts one after the other."""

    def __init__(self, file_id: str):
        self._file_id = file_id
        self._number = 0
        self._rest = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if (offset, whence) != (0, io.SEEK_SET):
            raise io.UnsupportedOperation("only to the beginning")
        self._number, self._rest = 0, b""
        return 0

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        if not self._rest:
            self._rest = self._next()
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def _next(self) -> bytes:
        is_next = (CardImportPart.file == self._file_id) & (CardImportPart.number == self._number)
        part = CardImportPart.get_or_none(is_next)
        if part is None:
            return b""
        owner = CardImportPart.content.owner_of(self._file_id, self._number)
        self._number += 1
        try:
            return codes.unseal(bytes(part.content), owner).encode(_ENCODING)
        except keys.KeysUnusable as problem:
            raise ContentLost from problem


def sheet_of(file_id: str) -> SheetFile:
    """The file, to be read from its beginning as often as one likes."""
    return SheetFile(lambda: io.BufferedReader(_Parts(file_id)))
