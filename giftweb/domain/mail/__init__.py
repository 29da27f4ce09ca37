"""The content of letters, and the reminders.

How they look is giftweb.web.mail; when they leave is outbox.
"""

from giftweb.domain.mail import letters, reminders
