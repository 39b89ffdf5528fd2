"""What records are called here, to which their source gives no name."""

from __future__ import annotations

from hashlib import sha256

from gridmask.domain.evidence import EvidenceKey
from gridmask.domain.naming import Target
from gridmask.domain.vo import ALL

LONGEST = 255
_DIGEST = 16


def key_of(source: str, about: Target, *parts: str, vo: str = ALL) -> EvidenceKey:
    """The key of what ``source`` says ``about`` something, in a record that is called by its ``parts``.

    What concerns a single ``vo`` has that as its last part. A name that would be too long ends in a digest of all of it.
    """
    name = "/".join((*parts, *([] if vo == ALL else [vo])))
    if len(name) > LONGEST:
        name = f"{name[: LONGEST - _DIGEST - 1]}~{sha256(name.encode()).hexdigest()[:_DIGEST]}"
    return EvidenceKey(source, name, about)
