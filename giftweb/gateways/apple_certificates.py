"""The certificates of a pass for Apple's wallet: what signs it, and what proves us to Apple (B13).

A folder holds what Apple gives: ``certificate.pem``, ``key.pem``, ``wwdr.pem``. The kind of pass
and the team are in the certificate.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Signer:
    """Where the certificates are, and what they are for."""

    folder: Path
    pass_type: str
    team: str

    @property
    def paths(self) -> tuple[str, str, str]:
        """The certificate, its key, and Apple's certificate above it."""
        certificate, key, above = (
            str(self.folder.joinpath(name)) for name in ("certificate.pem", "key.pem", "wwdr.pem")
        )
        return certificate, key, above


@lru_cache(maxsize=4)
def signer(folder: Path) -> Signer:
    """The signer of a folder with Apple's certificates."""
    certificate = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    names = {
        oid: str(certificate.subject.get_attributes_for_oid(oid)[0].value)
        for oid in (NameOID.USER_ID, NameOID.ORGANIZATIONAL_UNIT_NAME)
    }
    return Signer(folder, names[NameOID.USER_ID], names[NameOID.ORGANIZATIONAL_UNIT_NAME])
