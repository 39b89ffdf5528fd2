"""A mask, and what changes one, as JSON: Gridmask's own format.

::

    {"vo": "cms", "revision": 42, "mark": "3f9a0c5be1d27846", "elements": [
    {"family": "Resource", "type": "ComputingElement", "name": "ce1", "site": "EXAMPLE", "status": {"all": "Active"}},
    ...
    ]}

One element a line, in the order of family, type and name; so that a mask can be compared with ``diff``.
"""

from __future__ import annotations

from functools import lru_cache
from json import dumps

from gridmask.domain.element import ElementKey
from gridmask.domain.mask import Delta, Entry, Mask

MEDIA_TYPE = "application/json"

# how often an element is asked for by all VOs together bounds what is worth keeping
_FRAGMENTS = 1 << 18


def encode(mask: Mask, mark: str = "") -> bytes:
    """``mask`` as JSON, with the ``mark`` of its revision where that is known."""
    elements = ",\n".join(fragment(key, entry) for key, entry in sorted(mask.entries.items()))
    head = f'"vo":{dumps(mask.vo)},"revision":{mask.revision}{_marked(mark)}'
    return f'{{{head},"elements":[\n{elements}\n]}}\n'.encode()


def encode_delta(delta: Delta, mark: str = "") -> bytes:
    """``delta`` as JSON, in one line: elements that are new or other, and the identities of those that are gone.

    ``mark``: that of the revision to which it leads.
    """
    elements = ",".join(fragment(key, entry) for key, entry in sorted(delta.entries.items()))
    gone = ",".join(f"{{{_identity(key)}}}" for key in sorted(delta.gone))
    head = f'"vo":{dumps(delta.vo)},"since":{delta.since},"revision":{delta.revision}{_marked(mark)}'
    return f'{{{head},"elements":[{elements}],"gone":[{gone}]}}'.encode()


@lru_cache(_FRAGMENTS)
def fragment(key: ElementKey, entry: Entry) -> str:
    """What a mask says about one element, as JSON in one line."""
    status = ",".join(f'{dumps(status_type)}:"{status.label}"' for status_type, status in entry.statuses)
    return f'{{{_identity(key)},"site":{dumps(entry.site)},"status":{{{status}}}}}'


def _identity(key: ElementKey) -> str:
    return f'"family":{dumps(key.family)},"type":{dumps(key.type)},"name":{dumps(key.name)}'


def _marked(mark: str) -> str:
    return f',"mark":"{mark}"' if mark else ""
