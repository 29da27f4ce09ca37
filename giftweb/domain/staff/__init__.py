"""Members of staff: people, roles, passwords, second factors, sessions.

Which role may do what is giftweb.web.access.rights. Door: the verbs of ``people``.
"""

from giftweb.domain.staff import (
    authenticator,
    languages,
    links,
    notices,
    passkeys,
    passwords,
    people,
    sessions,
    sign_in,
    vouching,
)
from giftweb.domain.staff.people import (
    ROLES,
    Person,
    addresses,
    change,
    choose_password,
    create,
    deactivate,
    find,
    invite,
    is_password,
    reactivate,
    reset_password,
    search,
)
