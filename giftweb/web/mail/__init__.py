"""Letters drawn and sent: templates, SMTP, the postman that empties the outbox.

What a letter says of its card or order is giftweb.domain.mail; when it leaves is outbox. Door:
``letters.write`` and ``postman.Postman``.
"""

from giftweb.web.mail import letters, postman, smtp
