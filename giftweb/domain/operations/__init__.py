"""Running the house: backups, rotation of keys, housekeeping."""

from giftweb.domain.operations import (
    backup_archives,
    backup_files,
    backups,
    housekeeping,
    key_rotation,
)
