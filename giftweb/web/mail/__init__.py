"""Letters drawn and sent: templates, SMTP, the postman that empties the outbox."""

from giftweb.web.mail import letters, postman, smtp
