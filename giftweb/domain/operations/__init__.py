"""Running the house: backups, rotation of keys, housekeeping.

Each concerns all nouns and changes none of them as a person would. Door: the modules themselves,
for the commands and for the worker.
"""

from giftweb.domain.operations import (
    backup_archives,
    backup_files,
    backups,
    evidence,
    housekeeping,
    key_rotation,
    test_book,
    upgrades,
)
