"""Whether there is somebody else who could look: a house of one person waits for nobody."""

from giftweb.domain.audit.log import Actor
from giftweb.models import Staff

MAY_DECIDE = frozenset({"customer_service_admin", "root"})


def exists(by: Actor, *, besides: str = "", needs_root: bool = False) -> bool:
    """Whether another active person may approve what ``by`` asks for.

    ``besides``: somebody who may not. ``needs_root``: one of the two has to be Root.
    """
    roles = {"root"} if needs_root and by.role != "root" else MAY_DECIDE
    others = Staff.is_active & Staff.role.in_(roles) & Staff.id.not_in([by.id, besides])
    return Staff.select().where(others).exists()
