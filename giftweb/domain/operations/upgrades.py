"""A database brought up to this program: its schema, and the seals that a step has brought."""

from giftweb import installation
from giftweb.config import Config
from giftweb.domain.audit import seals


def upgrade(config: Config) -> list[str]:
    """Migrate the schema, make the keys on the first run, and seal what a step gave a seal to; the
    steps that were applied.

    Raises: keys.KeysUnusable when there are cards but no keys file.
    """
    applied = installation.upgrade(config)
    seals.seal_older(applied)
    return applied
