"""A bug that a person could write: where it stands, and which tests have to notice it."""

from dataclasses import dataclass

DOMAIN = "giftweb/domain"
SQLITE, POSTGRES = ("-k", "not postgresql"), ("-k", "postgresql")


@dataclass(frozen=True)
class Bug:
    """What somebody did, where, and who should notice it."""

    name: str
    path: str
    before: str
    after: str
    tests: tuple[str, ...]
    engine: tuple[str, ...] = SQLITE

    def planted(self, text: str) -> str:
        """The file with the bug; AssertionError when the place is not there, once."""
        assert text.count(self.before) == 1, f"{self.name}: {self.path} has no such place"
        return text.replace(self.before, self.after)


def in_domain(noun: str) -> str:
    return f"{DOMAIN}/{noun}.py"
