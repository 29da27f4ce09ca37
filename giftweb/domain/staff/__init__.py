"""Members of staff: people, roles, passwords, second factors, sessions.

Which role may do what is giftweb.web.access.rights. Door: the verbs of ``people``.
"""

from giftweb.domain.staff import authenticator, passkeys, passwords, people, sessions, sign_in
from giftweb.domain.staff.people import (
    ROLES,
    Person,
    addresses,
    change,
    create,
    deactivate,
    find,
    is_password,
    reactivate,
    reset_password,
    search,
)
