"""Mails that a person sends again, to whoever holds the card now (D26)."""

import peewee

from giftweb import clock, database, ids, models
from giftweb.database import records, transactional
from giftweb.domain import audit
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.domain.outbox import addressees, mails
from giftweb.domain.outbox.mails import FAILED, SENDING, SENT, WAITING, WITHDRAWN, Mail
from giftweb.errors import Refused
from giftweb.language import gettext


@transactional
def send_again(mail_id: str, *, by: Actor) -> Mail:
    """Send a mail now: one that waits, failed or is in doubt; of one that was sent, a copy.

    Raises: NotFound, Refused (it is being sent, or was withdrawn).
    """
    mail = records.one(database.locked(mails.select().where(models.Mail.id == mail_id)))
    if mail.status == SENDING and mail.due_at > clock.now():
        raise Refused(gettext("This mail is being sent right now. Look again in a minute."))
    if mail.state == WITHDRAWN:
        raise Refused(gettext("This mail was withdrawn because its card has ended."))
    audit.record(by=by, action="mail.sent_again", subject=mail_id, is_test=mail.is_test)
    if mail.state == SENT:
        mail = _copy(mail)
    else:
        _send_now(models.Mail.id == mail_id)
    addressees.readdress(mail)
    return mails.find(mail.id)


@transactional
def retry(card_id: str) -> bool:
    """Whether a mail with the card's code is still to be sent; one that has failed goes out now."""
    unsent = addressees.unsent(card_id)
    failed = [mail.id for mail in unsent if mail.state == FAILED]
    _send_now(models.Mail.id.in_(failed))
    return bool(unsent)


def _send_now(condition: peewee.Expression) -> int:
    update = models.Mail.update(state=WAITING, attempts=0, due_at=clock.now(), problem=None)
    return update.where(condition).execute()


@transactional
def send_failed_again(*, by: Actor) -> int:
    """Send every mail again that failed, such as after days without a mail server; how many."""
    count = _send_now(models.Mail.state == FAILED)
    audit.record(by=by, action="mail.failed_sent_again", subject="outbox", data={"count": count})
    return count


def _copy(mail: Mail) -> Mail:
    mail_id, now = ids.new("mail"), clock.now()
    again = {"state": WAITING, "attempts": 0, "due_at": now, "sent_at": None, "problem": None}
    changes = {"id": mail_id, "to_email": mail.to, "created_at": now} | again
    seals.insert(models.Mail, mail, **changes)
    return mails.find(mail_id)
