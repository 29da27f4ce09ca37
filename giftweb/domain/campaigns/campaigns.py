"""Campaigns: a shop's terms, created and changed by the desk and the command line alike."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from giftweb import clock, database, ids, models
from giftweb.database import records, transactional
from giftweb.database.records import Reader
from giftweb.domain import audit, time_zones
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns import card_ends
from giftweb.domain.campaigns.settings import OWN, Settings, checked
from giftweb.errors import Invalid, NotFound
from giftweb.language import gettext


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign(Settings):
    """A campaign as it stands: its settings, and which one it is."""

    id: str
    created_at: datetime
    logo_id: str | None = None

    @property
    def settings(self) -> Settings:
        """What can be changed, to ``dataclasses.replace`` from."""
        return Settings(**{field.name: getattr(self, field.name) for field in fields(Settings)})


@transactional
def create(settings: Settings, *, by: Actor) -> Campaign:
    """A new campaign. It has no keys yet.

    Raises: Invalid with every fault.
    """
    origins, house = checked(settings), time_zones.of_house()
    _require_known(settings)
    campaign_id, now = ids.new("cmp"), clock.now()
    seals.insert(models.Campaign, settings, id=campaign_id, created_at=now)
    _write_origins(campaign_id, origins)
    card_ends.follow(campaign_id, before=settings.time_zone, house_before=house)
    audit.record(by=by, action="campaign.created", subject=campaign_id)
    return find(campaign_id)


@transactional
def change(campaign_id: str, *, settings: Settings, by: Actor) -> Campaign:
    """Set all terms of the campaign. Its currency stays: amounts and orders are kept in it.

    Raises: NotFound, Invalid with every fault.
    """
    before, house = find(campaign_id), time_zones.of_house()
    origins = checked(settings)
    _require_known(settings)
    if settings.currency != before.currency:
        raise Invalid(gettext("The currency of a campaign cannot be changed."), field="currency")
    seals.change(models.Campaign, campaign_id, **records.columns(models.Campaign, settings))
    origin = models.CampaignOrigin
    origin.delete().where(origin.campaign == campaign_id).execute()
    _write_origins(campaign_id, origins)
    changed = find(campaign_id)
    card_ends.follow(campaign_id, before=before.time_zone, house_before=house)
    audit.record(
        by=by,
        action="campaign.changed",
        subject=campaign_id,
        data={"changed": _differences(before, changed)},
    )
    return changed


def _require_known(settings: Settings) -> None:
    """Refuse to take the cards of a campaign that does not exist.

    Raises: Invalid (accepts).
    """
    wanted = {word for word in (settings.accepts or "").split() if word != OWN}
    known = models.Campaign.select().where(models.Campaign.id.in_(wanted)).count() if wanted else 0
    if known < len(wanted):
        raise Invalid(gettext("There is no campaign with one of these ids."), field="accepts")


def _write_origins(campaign_id: str, origins: tuple[str, ...]) -> None:
    for origin in origins:
        seals.insert(models.CampaignOrigin, campaign_id=campaign_id, origin=origin)


def _differences(before: Campaign, after: Campaign) -> list[str]:
    """The names alone: a name or a colour is nothing for the log (I6)."""
    return [
        field.name
        for field in fields(Settings)
        if getattr(before, field.name) != getattr(after, field.name)
    ]


# Hot: each checkout, order and widget reads the terms of its campaign, in one statement of 0.08 ms;
# the query builder takes 0.5 ms for the campaign and as much for its origins.

_READER = Reader(Campaign, {"origins": "o.origin"}, c=models.Campaign)


def find(campaign_id: str) -> Campaign:
    """The campaign with this id.

    Raises: NotFound.
    """
    found = _read("WHERE c.id = ? ORDER BY o.origin", campaign_id)
    if not found:
        raise NotFound
    return found[0]


def lock(campaign_id: str) -> Campaign:
    """The campaign under its lock, until the transaction ends.

    Raises: NotFound.
    """
    table = models.Campaign
    database.locked(table.select(table.id).where(table.id == campaign_id)).first()
    return find(campaign_id)


def find_all(*, only_active: bool = False) -> list[Campaign]:
    """Every campaign, newest first."""
    return _read(f"{'WHERE c.is_active' if only_active else ''} ORDER BY c.id DESC, o.origin")


def _read(where: str, *params: str) -> list[Campaign]:
    """The campaigns, from a row for each origin of each."""
    found = database.rows(
        f"SELECT {_READER.columns} FROM campaign c"
        f" LEFT JOIN campaign_origin o ON o.campaign_id = c.id {where}",
        *params,
    )
    return [_joined(list(rows)) for _, rows in groupby(map(_READER.read, found), attrgetter("id"))]


def _joined(rows: list[Campaign]) -> Campaign:
    """One campaign; each of its rows has one origin, or None."""
    return replace(rows[0], origins=tuple(str(row.origins) for row in rows if row.origins))
