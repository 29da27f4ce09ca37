"""When a gift card is sent: a day, an hour, and the time zone of whoever gets it."""

from datetime import datetime, time
from typing import Any

from wtforms import SelectField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from giftweb import clock, days
from giftweb.domain.catalogue import items
from giftweb.domain.catalogue.items import MORNING, Delivery
from giftweb.language import gettext, lazy_gettext
from giftweb.web.forms.campaigns import TimeZoneField
from giftweb.web.forms.fields import DateField, Form, Required

_HOURS = [f"{hour:02}:00" for hour in range(24)]


class DeliveryFields(Form):
    """The three fields. ``shop_zone``: where the day is when no other zone is chosen."""

    shop_zone: str = days.WORLD

    deliver_on = DateField(lazy_gettext("Send on"))
    deliver_hour = SelectField(
        lazy_gettext("Time"),
        choices=[SelectChoice(hour, hour) for hour in _HOURS],
        default=f"{MORNING:%H:%M}",
        validate_choice=False,
    )
    deliver_zone = TimeZoneField(lazy_gettext("Time zone"), [Optional()])

    @property
    def zone(self) -> str:
        """Where the day was chosen."""
        return self.deliver_zone.data or self.shop_zone

    @property
    def hour(self) -> time:
        """The time of the day."""
        chosen = self.deliver_hour.data
        return time.fromisoformat(chosen) if chosen in _HOURS else MORNING

    @property
    def delivery(self) -> Delivery | None:
        """When it is sent, once the form is valid; None: at once."""
        if self.deliver_on.data is None:
            return None
        moment = items.moment_of(self.deliver_on.data, zone=self.zone, hour=self.hour)
        return Delivery(moment, self.zone)

    def item_fields(self) -> dict[str, Any]:
        """The same as a line of a cart has it."""
        found = self.delivery
        if found is None:
            return {}
        return {"deliver_at": found.at.isoformat(), "deliver_zone": found.zone}

    def validate_deliver_on(self, field: DateField) -> None:
        """A card is sent within a year."""
        if field.data is not None and not items.may_deliver_on(field.data, zone=self.zone):
            raise ValidationError(items.WITHIN_A_YEAR)

    def validate_deliver_hour(self, field: SelectField) -> None:
        """A time of today that is over is not to come."""
        found = self.delivery if not self.deliver_on.errors else None
        if found is not None and self._is_over(found.at):
            raise ValidationError(gettext("This time has passed there. Choose a later one."))

    def _is_over(self, at: datetime) -> bool:
        return at < clock.now() and self.deliver_hour.raw_data != []


class MoveForm(DeliveryFields):
    """Another time for a card that waits; today's past hours send it at once."""

    deliver_on = DateField(lazy_gettext("Send on"), [Required(lazy_gettext("Choose a day."))])

    def _is_over(self, at: datetime) -> bool:
        return False

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen, as ``cards.delivery.move_to_day`` takes it."""
        return {"day": self.deliver_on.data, "hour": self.hour, "zone": self.zone}

    @classmethod
    def of(cls, before: Delivery | None, *, shop_zone: str) -> "MoveForm":
        """The form with what was chosen before."""
        values: dict[str, Any] = {"deliver_zone": before.zone if before else shop_zone}
        if before is not None:
            values |= {"deliver_on": before.day, "deliver_hour": f"{before.hour:%H:00}"}
        form = cls(data=values)
        form.shop_zone = shop_zone
        return form
