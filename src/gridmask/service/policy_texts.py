"""The texts of VOs' policies, wherever they are kept: what somebody who wants to try others begins with."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.errors import InvalidRequest
from gridmask.domain.vo import ALL, canonical
from gridmask.policies import template
from gridmask.policies.files import type_of
from gridmask.policies.layers import TESTS
from gridmask.service.policy_layers import document_in_force, drafted, layer_text, require_vo
from gridmask.store import policies, policy_layers, vos

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.inspection.inspector import Inspector
    from gridmask.policies.layers import Document
    from gridmask.service.vos import Vos
    from gridmask.settings import Settings
    from gridmask.store.policies import Loaded
    from gridmask.store.policy_layers import Layer, Version


@dataclass(frozen=True, slots=True)
class Standing:
    """The layer of a VO as it is.

    Attributes:
        vo: whose it is.
        text: what it says, in TOML; empty where it says nothing.
        layer: the version that is kept by the API; None: it is kept in a file.
        file: that file, seen from the directory of the policies; empty: there is none.
        is_in_force: whether what is in force says the same.
    """

    vo: str
    text: str
    layer: Layer | None = None
    file: str = ""
    is_in_force: bool = True


@dataclass(frozen=True, slots=True)
class Layered:
    """The layers in force: all of them together, and of each VO that keeps its own by the API, the version."""

    loaded: Loaded | None
    document: Document
    versions: dict[str, Version]


class PolicyTexts:
    """The use cases around what policies say, for those who read it."""

    def __init__(self, inspector: Inspector, registry: Vos, settings: Settings) -> None:
        self._inspector = inspector
        self._vos = registry
        self._directory = settings.policies

    async def layered(self) -> Layered:
        """The layers in force."""
        async with self._inspector.database.reading() as connection:
            loaded = await policies.in_force(connection)
            kept = await policy_layers.current(connection, await vos.with_policies_by_api(connection))
            document = await document_in_force(connection)
        return Layered(loaded, document, {vo: layer.version for vo, layer in kept.items()})

    async def standing(self, name: str) -> Standing:
        """The layer of the VO called ``name``.

        Raises:
            NotKnown: there is no such VO. Conflict: it stands for everyone.
        """
        vo = await self._vos.resolve(name)
        require_vo(vo)
        async with self._inspector.database.reading() as connection:
            document = await document_in_force(connection)
            if vo in await vos.with_policies_by_api(connection):
                return await _kept(connection, vo)
        return await to_thread.run_sync(self._in_file, vo, document)

    def example(self, vo: str) -> str:
        """What the policies of ``vo`` can begin with: it says nothing, and shows how to say something."""
        policies_ = self._inspector.policies
        general = {policy.name: type_of(policy.rule) for policy in policies_.policies if policy.layer == ALL}
        return template.layer(vo, policies_, general)

    def _in_file(self, vo: str, document: Document) -> Standing:
        found = None if self._directory is None else _file_of(self._directory, vo)
        if found is None or self._directory is None:
            return Standing(vo, "", is_in_force=vo not in document)
        try:
            text = found.read_bytes().decode()
            said = drafted(document, layer_text(vo, text)).document
        except (OSError, UnicodeDecodeError, InvalidRequest):
            return Standing(vo, "", file=f"vo/{found.name}", is_in_force=False)
        return Standing(vo, text, file=f"vo/{found.name}", is_in_force=said.get(vo) == document.get(vo))


async def _kept(connection: AsyncConnection, vo: str) -> Standing:
    found = await policy_layers.current(connection, {vo})
    layer = found.get(vo) or policy_layers.Layer(policy_layers.Version(vo, 0, policy_layers.revision_of("")), "")
    return Standing(vo, layer.text, layer)


def _file_of(directory: Path, vo: str) -> Path | None:
    """The file in which ``vo`` keeps its policies; None: there is none."""
    for path in sorted(directory.glob("vo/*.toml")):
        with suppress(InvalidRequest):
            if not path.name.endswith(TESTS) and canonical(path.stem) == vo != ALL:
                return path
    return None
