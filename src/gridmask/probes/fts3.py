"""``fts3``: the REST interface of FTS3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gridmask.domain.vo import ALL
from gridmask.probes.answers import table_of
from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, unusable
from gridmask.probes.target import Target
from gridmask.probes.web import Asked, ask, require

JSON = Asked("GET", {"Accept": "application/json"})


@dataclass(frozen=True, slots=True)
class Fts3:
    """With credentials, it knows who asks, and that they are of the VO; without, it tells its versions.

    Attributes:
        check_vo: whether a probe for a VO must be recognised as of that VO.
    """

    schemes: ClassVar[tuple[str, ...]] = ("https", "http")
    url: ClassVar[str] = "https://{host}:8446"

    check_vo: bool = False

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        base = target.address.path.rstrip("/")
        if not target.credentials.any:
            answer = await ask(target, env, JSON, address=target.address.at(f"{base}/"))
            require(answer, target)
            if "api" not in table_of(answer, "the versions of an FTS3"):
                unusable("it tells no version of an FTS3 interface")
            return Finding("OK", "it tells its versions")
        answer = await ask(target, env, JSON, address=target.address.at(f"{base}/whoami"))
        require(answer, target)
        known = table_of(answer, "what an FTS3 knows of who asks")
        if "delegation_id" not in known:
            unusable("it does not tell who we are: no delegation_id")
        self._check(known.get("vos"), target.vo)
        return Finding("OK", "it knows who asks")

    def _check(self, vos: object, vo: str) -> None:
        if not self.check_vo or vo == ALL:
            return
        names = [str(name).casefold() for name in vos] if isinstance(vos, list) else []
        if vo not in names:
            unusable(f"it does not count us as of {vo}, only as of {', '.join(names)[:80] or 'nobody'}")
