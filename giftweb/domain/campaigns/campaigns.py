"""Campaigns: a shop's terms, created and changed by the desk and the command line alike."""

from dataclasses import dataclass, fields
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from giftweb import clock, database, ids
from giftweb.database import transactional
from giftweb.domain import audit
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.settings import Settings, checked
from giftweb.errors import Invalid, NotFound

_FLAGS = ("is_active", "issue_after_sales", "absolute_on", "bonus_claw_back")
_COLUMNS = tuple(field.name for field in fields(Settings) if field.name != "origins")


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign(Settings):
    """A campaign as it stands: its settings, and which one it is."""

    id: str
    created_at: datetime

    @property
    def settings(self) -> Settings:
        """What can be changed, to ``dataclasses.replace`` from."""
        return Settings(**{field.name: getattr(self, field.name) for field in fields(Settings)})


@transactional
def create(settings: Settings, *, by: Actor) -> Campaign:
    """A new campaign. It has no keys yet.

    Raises: Invalid with every fault.
    """
    origins = checked(settings)
    campaign_id, now = ids.new("cmp"), clock.now()
    database.insert(
        "campaign", id=campaign_id, created_at=clock.to_micros(now), **_values(settings)
    )
    _write_origins(campaign_id, origins)
    audit.record(by=by, action="campaign.created", subject=campaign_id)
    return _campaign(campaign_id, now, _values(settings), origins)


@transactional
def change(campaign_id: str, *, settings: Settings, by: Actor) -> Campaign:
    """Set the campaign anew. Its currency stays: amounts and orders are kept in it.

    Raises: NotFound, Invalid with every fault.
    """
    before = find(campaign_id)
    origins = checked(settings)
    if settings.currency != before.currency:
        raise Invalid("The currency of a campaign cannot be changed.", field="currency")
    values = _values(settings)
    named = ", ".join(f"{name} = ?" for name in values)
    database.execute(f"UPDATE campaign SET {named} WHERE id = ?", *values.values(), campaign_id)
    database.execute("DELETE FROM campaign_origin WHERE campaign_id = ?", campaign_id)
    _write_origins(campaign_id, origins)
    changed = _campaign(campaign_id, before.created_at, values, origins)
    audit.record(
        by=by,
        action="campaign.changed",
        subject=campaign_id,
        data={"changed": _differences(before, changed)},
    )
    return changed


def find(campaign_id: str) -> Campaign:
    """The campaign with this id.

    Raises: NotFound.
    """
    found = _select("WHERE c.id = ? ORDER BY o.origin", campaign_id)
    if not found:
        raise NotFound
    return found[0]


def find_all(*, only_active: bool = False) -> list[Campaign]:
    """Every campaign, newest first."""
    return _select(f"{'WHERE c.is_active' if only_active else ''} ORDER BY c.id DESC, o.origin")


_QUERY = (
    f"SELECT c.id, c.created_at, {', '.join(f'c.{name}' for name in _COLUMNS)}, o.origin"
    " FROM campaign c LEFT JOIN campaign_origin o ON o.campaign_id = c.id"
)


def _select(where: str, *params: str) -> list[Campaign]:
    """The campaigns, from a row for each origin of each."""
    found = database.rows(f"{_QUERY} {where}", *params)
    return [_read(list(rows)) for _, rows in groupby(found, key=itemgetter(0))]


def _read(rows: list[tuple]) -> Campaign:
    campaign_id, at, *values, _ = rows[0]
    origins = tuple(row[-1] for row in rows if row[-1] is not None)
    settings = dict(zip(_COLUMNS, values, strict=True))
    return _campaign(campaign_id, clock.from_micros(at), settings, origins)


def _campaign(
    campaign_id: str, created_at: datetime, values: dict, origins: tuple[str, ...]
) -> Campaign:
    flags = {name: bool(values[name]) for name in _FLAGS}
    return Campaign(id=campaign_id, created_at=created_at, origins=origins, **values | flags)


def _values(settings: Settings) -> dict:
    return {name: getattr(settings, name) for name in _COLUMNS}


def _write_origins(campaign_id: str, origins: tuple[str, ...]) -> None:
    for origin in origins:
        database.insert("campaign_origin", campaign_id=campaign_id, origin=origin)


def _differences(before: Campaign, after: Campaign) -> list[str]:
    """The names alone: a name or a colour is nothing for the log (I6)."""
    return [
        field.name
        for field in fields(Settings)
        if getattr(before, field.name) != getattr(after, field.name)
    ]
