"""Imported cards that are ready to be written, beside memory until all of their file is (B8).

They lie there as the database will have them, with their codes sealed, in a file that has no name
and vanishes with the process. So a file of any length is read and reckoned with while others write,
and only its rows take their turn.
"""

import pickle
from collections.abc import Iterator
from tempfile import TemporaryFile
from types import TracebackType

from giftweb.domain.cards.import_rows import Ready


class ReadyCards:
    """The portions of a file's cards, in order."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._count = 0

    def __enter__(self) -> "ReadyCards":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, ready: Ready) -> None:
        """Keep a further portion."""
        pickle.dump(ready, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Ready]:
        self._file.seek(0)
        for _ in range(self._count):
            yield pickle.load(self._file)  # noqa: S301 - this very process has written it
