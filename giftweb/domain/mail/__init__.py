"""The content of letters, and the reminders.

How they look is giftweb.web.mail; when they leave is outbox. Door: ``letters.gather`` and
``reminders``.
"""

from giftweb.domain.mail import letters, reminders, sent
