"""A VO's mask, held locally: lookups cost what those in a dictionary do, and changes come by themselves.

::

    from gridmask_client import Mask

    with Mask("https://rss.example.org:8443", "cms", file=Path("/var/tmp/cms.mask")) as mask:
        if mask.usable("CERN-EOS", "WriteAccess"):
            ...
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gridmask_client import bearer, static, statuses
from gridmask_client.background import Background
from gridmask_client.client import AsyncClient, Client
from gridmask_client.disk import Disk
from gridmask_client.errors import Unavailable, Unusable
from gridmask_client.follower import Follower, Pace
from gridmask_client.masks import MaskElement
from gridmask_client.patience import IMPATIENT
from gridmask_client.replica import Beyond, Bound, Heard, Replica
from gridmask_client.shapes import Purpose
from gridmask_client.snapshot import USABLE, Snapshot
from gridmask_client.statuses import Explanation
from gridmask_client.tls import Identity

_PACE = Pace()


class Mask:
    """The mask of ``vo`` on the server at ``url``. Any number of threads can share one; a forked process goes on by itself.

    Args:
        url: where the server is, such as ``https://rss.example.org:8443``; or a static copy, as in ``file:///srv/masks`` or
            ``https://cache.example.org/masks/index.json``.
        vo: the VO, by its name or an alias, or ``all``.
        file: where the mask is kept between two processes, in a folder that is there.
        wait: seconds to wait for the server where nothing lies on disk.
        stale_after: seconds after which a mask that nobody confirmed is too old.
        beyond: what becomes of lookups then. ``keep``: they go on; ``refuse``: nothing is usable; ``raise``: OutOfDate.
        token, ca, certificate, timeout: as a :class:`Client` takes them.
        most_bytes: so long a mask may be, as JSON.
        pace: how often something is asked.

    Raises:
        Unusable: something that was given cannot be used.
        GridmaskError: there is no mask: nothing on disk, and none from the server within ``wait``.
    """

    def __init__(
        self,
        url: str,
        vo: str,
        *,
        file: Path | None = None,
        wait: float = 30.0,
        stale_after: float = 900.0,
        beyond: Beyond = "keep",
        token: bearer.Token | None = None,
        ca: Path | None = None,
        certificate: Identity | None = None,
        timeout: float = 30.0,
        most_bytes: int = 256 * 1024 * 1024,
        pace: Pace = _PACE,
    ) -> None:
        if beyond not in {"keep", "refuse", "raise"} or not stale_after > 0:
            raise Unusable("beyond is keep, refuse or raise; stale_after, seconds greater than 0.")
        self._given: dict[str, Any] = {"token": token, "ca": ca, "certificate": certificate, "timeout": timeout}
        self._url, self._asked = url, vo
        is_static, given = static.is_static(url), {**self._given, "most_bytes": most_bytes, "patience": IMPATIENT}
        source = _source(url, given, is_static=is_static)
        self._replica = replica = Replica(Bound(stale_after, beyond))
        disk = None if file is None else Disk(file, url.rstrip("/"), vo)
        found = disk.load() if disk else None
        if found:
            replica.load(*found)
        kind = static.StaticFollower if is_static else Follower

        def made() -> Follower:
            return kind(replica, source, vo, disk, pace, most_bytes)

        self._background = Background(made)
        self._finalizer = weakref.finalize(self, self._background.stop)
        self._now = replica.clock
        if not found:
            self._require(wait)

    def _require(self, wait: float) -> None:
        self._background.follower.answered.wait(wait)
        if self._replica.snapshot is None:
            self.close()
            raise self._replica.problem or Unavailable(f"{self._url} did not tell {self._asked}'s mask within {wait:g} s.")

    # --- Lookups

    def usable(self, name: str, status_type: str = "all", purpose: Purpose = "use", *, type: str | None = None) -> bool:
        """Whether the VO may use what is called ``name``, in this respect and for this. What is not known is not usable.

        Where several are called so, it is whether all that have such a status may be used; ``type`` names one.

        Raises:
            OutOfDate: the mask is too old, if that was asked for.
        """
        table = self._replica.quick
        if table is not None and type is None:
            return status_type in table[name][purpose]
        view = self._replica.view
        if view is None or self._now() > view.until:
            view = self._replica.current()
            if view is None:
                return False
        if type is not None:
            return self.status(name, status_type, type=type) in USABLE[purpose]
        return status_type in view.snapshot.table[name][purpose]

    def usable_each(self, names: Iterable[str], status_type: str = "all", purpose: Purpose = "use") -> dict[str, bool]:
        """The same of many names, all by one revision; one that is not known spoils nothing."""
        asked = list(names)
        if self._replica.current() is None:
            return dict.fromkeys(asked, False)

        def look(snapshot: Snapshot) -> dict[str, bool]:
            table = snapshot.table
            return {name: status_type in table[name][purpose] for name in asked}

        return self._replica.read(look)

    def predicate(self, status_type: str = "all", purpose: Purpose = "use") -> Callable[[str], bool]:
        """What tells of a name whether it may be used so, always by the mask of that moment."""
        replica, usable = self._replica, self.usable

        def look(name: str) -> bool:
            table = replica.quick
            return usable(name, status_type, purpose) if table is None else status_type in table[name][purpose]

        return look

    def select(
        self, *, type: str | None = None, site: str | None = None, status_type: str | None = None, purpose: Purpose = "use"
    ) -> list[MaskElement]:
        """The elements of this type, at this site, each with those of its status types that may be used for this.

        With ``status_type``, that one alone. Elements of which that is nothing are left out.
        """
        good = USABLE[purpose]
        here = [element for element in self._all() if type in {None, element.type} and site in {None, element.site}]
        usable = (
            _with(
                element,
                {
                    aspect: status
                    for aspect, status in element.status.items()
                    if status in good and status_type in {None, aspect}
                },
            )
            for element in here
        )
        return [element for element in usable if element.status]

    def status(self, name: str, status_type: str = "all", *, type: str | None = None) -> str | None:
        """The status of what is called ``name``; None: the mask says nothing of it, or is too old to."""
        if self._replica.current() is None:
            return None
        if type is not None:
            return self._replica.read(lambda snapshot: _told(snapshot, name, status_type, type))
        return self._replica.read(lambda snapshot: snapshot.status(name, status_type))

    def elements(self) -> list[MaskElement]:
        """All that the mask says, in the order of family, type and name."""
        return sorted(self._all(), key=lambda element: (element.family, element.type, element.name))

    def _all(self) -> list[MaskElement]:
        """All elements, if they count still."""
        if self._replica.current() is None:
            return []
        return self._replica.read(lambda snapshot: list(snapshot.elements.values()))

    # --- Why, and since when

    def why(self, name: str, status_type: str | None = None, *, type: str | None = None) -> tuple[Explanation, ...]:
        """Why it is so. This asks the server, which has to be there.

        Raises:
            GridmaskError: as of a :class:`Client`. Unusable: there is none, but a static copy.
        """
        if static.is_static(self._url):
            raise Unusable("A static copy does not tell why a mask is as it is; ask a server.")
        with Client(self._url, **self._given) as client:
            return tuple(client.each(statuses.why(name, vo=self._asked, type=type, status_type=status_type)))

    def on_change(self, heard: Heard) -> Callable[[], None]:
        """Call ``heard`` with each change, in the follower's thread. Returns what ends that.

        What it raises is logged; while it runs, nothing else is learnt.
        """
        return self._replica.listen(heard)

    @property
    def vo(self) -> str:
        """The VO's canonical name."""
        snapshot = self._replica.snapshot
        return snapshot.vo if snapshot else self._asked

    @property
    def revision(self) -> int:
        """The last revision that changed the mask; -1: there is none yet."""
        snapshot = self._replica.snapshot
        return snapshot.revision if snapshot else -1

    @property
    def age(self) -> float:
        """Seconds since the mask was known to be right; infinite if nobody knows."""
        return self._replica.age

    @property
    def is_stale(self) -> bool:
        """Whether that is longer than it may be."""
        return self.age > self._replica.bound.seconds

    @property
    def is_streaming(self) -> bool:
        """Whether changes come by a stream at this moment; else they are asked for."""
        return self._background.follower.streaming

    @property
    def problem(self) -> Exception | None:
        """Why the server's mask is not followed at this moment; None: it is."""
        return self._replica.problem

    def close(self) -> None:
        """End following it. What is known stays, and grows older."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        age = "unknown" if math.isinf(self.age) else f"{self.age:.0f} s"
        return f"Mask({self._url!r}, {self.vo!r}, revision={self.revision}, age={age})"


def _source(url: str, given: dict[str, Any], *, is_static: bool) -> Callable[[], Any]:
    """Makes what is asked for the mask."""
    if url.startswith("file:"):
        folder = static.Folder(url, given["most_bytes"])
        return lambda: folder
    where = static.base(url) if is_static else url
    Client(where, **given).close()
    return lambda: AsyncClient(where, **given)


def _told(snapshot: Snapshot, name: str, status_type: str, type: str) -> str | None:
    for key in snapshot.names.get(name, ()):
        if key.type == type:
            return snapshot.elements[key].status.get(status_type)
    return None


def _with(element: MaskElement, status: dict[str, str]) -> MaskElement:
    return MaskElement(element.family, element.type, element.name, element.site, status)
