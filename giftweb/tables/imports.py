"""Files of gift cards that were uploaded at the desk (B8)."""

from peewee import SQL, BlobField, CompositeKey, IntegerField, TextField

from giftweb.database.columns import JSONField, SealedField, UTCField
from giftweb.tables.base import Table, belongs_to, flag, key, one_of
from giftweb.tables.campaigns import Campaign
from giftweb.tables.people import Staff

IMPORT_STATES = (
    *("uploading", "uploaded", "checking", "checked", "refused"),
    *("waiting", "writing", "done", "failed", "discarded"),
)


class CardImport(Table):
    """A file of gift cards, from its upload to its end; its content lies in its parts.

    ``mapping``: their heading -> our column, as somebody has chosen. ``result``: what was found in
    it or imported; ``faults``: the first bad cells of ``fault_count``, in the ``language`` of
    whoever had it looked through. ``done`` of ``total`` rows.
    """

    id = key()
    name = TextField()
    state = TextField(default="uploading")
    digest = TextField(null=True)
    size = IntegerField(default=0)
    format = TextField(default="auto")
    mapping = JSONField(null=True)
    source = TextField(null=True)
    campaign = belongs_to(Campaign, null=True, index=False)
    accepts_guessable = flag(default=False)
    staff = belongs_to(Staff, index=False)
    created_at = UTCField()
    finished_at = UTCField(null=True)
    leased_until = UTCField(null=True)
    done = IntegerField(default=0)
    total = IntegerField(default=0)
    result = JSONField(null=True)
    faults = JSONField(null=True)
    fault_count = IntegerField(default=0)
    language = TextField(null=True)
    seal = BlobField(null=True)

    class Meta:
        unsealed = (
            *("size", "state", "finished_at", "leased_until", "done", "total", "result"),
            *("faults", "fault_count", "language"),
        )
        sealed_since = "seals_of_rights"
        constraints = [one_of("card_import", "state", IMPORT_STATES)]


CardImport.add_index(
    SQL(
        "CREATE INDEX card_import_due ON card_import (created_at)"
        " WHERE state IN ('checking', 'waiting', 'writing')"
    )
)


class CardImportPart(Table):
    """Some of a file's content, sealed: it holds codes in plain text. Gone once it is worked on."""

    file = belongs_to(CardImport, index=False)
    number = IntegerField()
    content = SealedField(owner="part {1} of {0}")

    class Meta:
        primary_key = CompositeKey("file", "number")
