"""How Rucio knows who asks: by a token from a file, or by one that a password gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.actions.secrets import Secret
from gridmask.domain.errors import BadStatus, NotTold

if TYPE_CHECKING:
    from gridmask.http.line import OpenLine

TOKEN_AS = "X-Rucio-Auth-Token"  # noqa: S105 - the name of a header
_REFUSED = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Pass:
    """Who asks. Without an ``account`` the line has the token itself. ``vo``: what a Rucio of several VOs calls ours."""

    account: str = ""
    user: str = ""
    vo: str = ""
    password: Secret = field(default=Secret(), repr=False)

    async def show(self, line: OpenLine) -> Mapping[str, str]:
        """The headers by which Rucio knows it.

        Raises:
            FetchFailed: Rucio does not answer. NotTold: it gives no token for this password.
        """
        if not self.account:
            return {}
        said = {"Account": self.account, "Username": self.user, "Password": self.password.read("the password for Rucio")}
        if self.vo:
            said["VO"] = self.vo
        reply = await line.send("GET", "/auth/userpass", headers={f"X-Rucio-{key}": value for key, value in said.items()})
        if reply.status in _REFUSED:
            raise NotTold(reply.place, f"Rucio lets nobody in as {self.account} with that user name and password")
        if not reply.is_success:
            raise BadStatus(reply.place, reply.status)
        token = reply.headers.get(TOKEN_AS.lower(), "")
        if not token:
            raise NotTold(reply.place, "Rucio answered without a token")
        return {TOKEN_AS: token}
