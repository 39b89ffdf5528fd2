"""Names of certificates as the grid writes them: ``/C=ch/O=DIRAC/CN=user``.

That form escapes nothing, so not every name can be written in it such that it can be read in one way alone. Those that
cannot are refused: whoever gets such a name from a certificate authority could pass for somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gridmask.domain.errors import Unauthenticated

if TYPE_CHECKING:
    from cryptography.x509 import RelativeDistinguishedName

    Rdns = Sequence[RelativeDistinguishedName]

LONGEST = 255
"""Characters that a name may have."""

COMMON_NAME = "2.5.4.3"

_TYPES: Mapping[str, str] = {
    COMMON_NAME: "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "street",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.17": "postalCode",
    "2.5.4.41": "name",
    "2.5.4.42": "GN",
    "2.5.4.43": "initials",
    "2.5.4.46": "dnQualifier",
    "2.5.4.65": "pseudonym",
    "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
}
"""What OpenSSL calls the types of attributes in this form; others go by their numbers."""

_BEGINNINGS = re.compile(r"(?=/[A-Za-z0-9.]+=)")
_ESCAPED = re.compile(r"(?:\\x[0-9A-Fa-f]{2})+")


def written(rdns: Rdns) -> str:
    """The name that ``rdns`` make, the most general part first.

    Raises:
        Unauthenticated: it could be taken for another.
    """
    parts = [_part(rdn) for rdn in rdns]
    name = "".join(parts)
    if not parts or len(name) > LONGEST or [part for part in _BEGINNINGS.split(name) if part] != parts:
        raise _unclear(name)
    return name


def common_name(rdn: RelativeDistinguishedName) -> str | None:
    """The value of ``rdn`` if it is a common name and nothing else."""
    first, *others = rdn
    return first.value if not others and first.oid.dotted_string == COMMON_NAME and isinstance(first.value, str) else None


def unescaped(name: str) -> str:
    r"""A name as OpenSSL writes it, and after it DIRAC, whose ``\xC3\xA9`` is an ``é``."""
    return _ESCAPED.sub(lambda found: _bytes(found[0]).decode(errors="replace"), name)


def folded(name: str) -> str:
    """What OpenSSL takes for the same: it looks for who signed something without heed to case and to how many spaces."""
    return " ".join(name.lower().split())


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def _part(rdn: RelativeDistinguishedName) -> str:
    attribute, *others = rdn
    value = attribute.value
    # a backslash would begin what unescaped() takes for something else
    if others or not isinstance(value, str) or not value.isprintable() or value != value.strip() or not value or "\\" in value:
        raise _unclear(repr(value))
    number = attribute.oid.dotted_string
    return f"/{_TYPES.get(number, number)}={value}"


def _unclear(name: str) -> Unauthenticated:
    return Unauthenticated(f"The certificate's name could be taken for another, and is not accepted: {name[:100]!r}.")
