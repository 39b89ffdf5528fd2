"""Calls of DIRAC's services over HTTPS: a form that names a method and its arguments, and an answer in JSON.

The answer is ``OK``, and ``Value`` or ``Errno`` and ``Message``. DIRAC marks in it what its own clients are to make into an
object, even of a class that the answer names; here everything stays the text that it is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from gridmask.domain.errors import BadStatus, FetchFailed, InvalidConfiguration, MalformedAnswer
from gridmask.http import redacted

if TYPE_CHECKING:
    from gridmask.http import Access, Answer, Client

_LONGEST_MESSAGE = 300
_REFUSED = frozenset({401, 403})


async def call(client: Client, url: str, access: Access, method: str, *arguments: object) -> Answer:
    """The answer of the service at ``url`` to ``method(*arguments)``, as it came.

    Raises:
        FetchFailed: there is no answer, or the service does not let one in.
        InvalidConfiguration: it cannot be asked, or not with this access.
    """
    form = {"method": method, "args": json.dumps(arguments), "clientVO": "", "clientSetup": "None"}
    try:
        return await client.post(url, form, access=access)
    except BadStatus as refusal:
        if refusal.status not in _REFUSED or access.certificate is None:
            raise
        # a certificate of a host is one to DIRAC only where that is said, and of a person only where it is not
        return await client.post(url, {**form, "extraCredentials": json.dumps("hosts")}, access=access)


def check_address(url: str, kind: str = "") -> None:
    """Check that ``url`` can be called; ``kind``: the kind of source that reads files instead, if one does.

    Raises:
        InvalidConfiguration: it is an address of DIRAC's older protocol, or a file.
    """
    if url.lower().startswith("file:") and kind:
        raise InvalidConfiguration(redacted(url), f"is a file; give the https address of the service, or read it as {kind}")
    if url.lower().startswith(("dips:", "dip:")):
        raise InvalidConfiguration(redacted(url), "is DIRAC's older protocol; give the https address of the service")


def value_of(body: bytes, url: str, service: str) -> Any:  # noqa: ANN401 - whatever the method tells
    """What the answer ``body`` of ``url`` tells; ``service``: what should be there, for people.

    Raises:
        FetchFailed: that the service refuses to tell.
        MalformedAnswer: it is no such answer.
    """
    try:
        said = msgspec.json.decode(body)
    except (ValueError, RecursionError) as error:
        raise MalformedAnswer(url, f"is not JSON; is this the address of {service}?") from error
    if not isinstance(said, dict) or not isinstance(said.get("OK"), bool):
        raise MalformedAnswer(url, f"does not say whether it is OK; is this the address of {service}?")
    if not said["OK"]:
        raise FetchFailed(url, f"DIRAC refuses to tell: {_brief(said.get('Message'))} (Errno {_brief(said.get('Errno'))})")
    return said.get("Value")


def _brief(said: object) -> str:
    return " ".join(str(said).split())[:_LONGEST_MESSAGE]
