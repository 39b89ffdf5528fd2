"""The policies of VOs that keep them by the API: what they are, what they were, and how they become others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import Conflict, InvalidRequest, LayerRefused, NotKnown, StaleLayer
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL, VoRegistry
from gridmask.inspection.inspector import Adoption
from gridmask.inspection.reloading import kept
from gridmask.policies import files as policy_files
from gridmask.policies.check import Checked, Known
from gridmask.policies.check import check as checked
from gridmask.policies.layers import UNWRITTEN, Document, Layers, Text, Written, with_text
from gridmask.service.policies import inventory_of
from gridmask.service.reasons import require_text
from gridmask.store import policies, policy_layers, sources, vos
from gridmask.store.database import EPHEMERAL, Database
from gridmask.store.policy_layers import Layer, Version, revision_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.inspection.inspector import Inspector
    from gridmask.policies.files import Draft
    from gridmask.service.vos import Vos
    from gridmask.settings import Settings
    from gridmask.store.ledger import Outcome

MOST_BYTES = 2**18
"""How long a layer may be, in UTF-8."""

MOST_DOTS = 500
"""So many dots may be in a line of it: a key that nests without end would take minutes to read, and it ends with its line."""

SHORTEST = 8
"""So many characters of a revision are enough to name it."""


@dataclass(frozen=True, slots=True)
class Put:
    """What became of a layer, and what that led to."""

    layer: Layer
    outcome: Outcome


class PolicyLayers:
    """The use cases around the layers of VOs that keep them by the API."""

    def __init__(self, inspector: Inspector, registry: Vos, settings: Settings) -> None:
        """``settings`` are those of whoever asks; which VOs keep their policies by the API, the database knows."""
        self._inspector = inspector
        self._vos = registry
        self._settings = settings

    async def show(self, name: str, number: int | None = None) -> Layer:
        """The layer of the VO called ``name`` as it is; or version ``number`` of it.

        Raises:
            NotKnown: there is no such VO, or version. Conflict: it is kept in a file.
        """
        vo = await self._vos.resolve(name)
        async with self._inspector.database.reading() as connection:
            if number is None:
                await self._require_kept_here(connection, vo)
                return await _last(connection, vo)
            found = await policy_layers.numbered(connection, vo, number)
        if found is None:
            raise NotKnown(f"version of the policies of {vo}", str(number))
        return found

    async def versions(self, name: str, *, before: int | None = None, limit: int = 100) -> list[Version]:
        """Up to ``limit`` versions of the layer of the VO called ``name``, the last first; those ``before`` a version.

        Raises:
            NotKnown: there is no such VO.
        """
        vo = await self._vos.resolve(name)
        async with self._inspector.database.reading() as connection:
            return await policy_layers.versions(connection, vo, before, limit)

    async def check(self, actor: Actor, name: str, text: str, place: str = "") -> Checked:
        """What is wrong with ``text`` as the layer of the VO called ``name``, and what can hardly be meant. Nothing is put.

        ``place`` is what the text is called in what is told.

        Raises:
            Forbidden. NotKnown: there is no such VO. Conflict: it stands for everyone. InvalidRequest: the text is too long.
        """
        vo = await self._vos.resolve(name)
        actor.require(Action.CHECK_POLICIES, vo)
        require_vo(vo)
        told = layer_text(vo, text, place)
        async with self._inspector.database.reading() as connection:
            document, known = await document_in_force(connection), await self._known(connection)
        found = await to_thread.run_sync(lambda: checked(drafted(document, told), known))
        return replace(found, warnings=tuple(w for w in found.warnings if w.file == told.place))

    async def put(
        self, actor: Actor, name: str, text: str, reason: str, *, seen: Collection[str] | None = None, place: str = ""
    ) -> Put:
        """Make ``text`` the layer of the VO called ``name``, and put it into force; all of that, or nothing.

        What it says already makes no new version.

        Args:
            actor: who puts it.
            name: the VO.
            text: TOML, as in a file of policies.
            reason: why, for those who come after.
            seen: names of the version that the actor saw; if another one is there, nothing is put (promise K2).
            place: what the text is called in what is told.

        Raises:
            Forbidden. NotKnown: there is no such VO. Conflict: it is kept in a file. StaleLayer: it is not as the actor saw it.
            LayerRefused: something is wrong in it. InvalidRequest: it is too long, or there is no reason.
        """
        vo = await self._vos.resolve(name)
        actor.require(Action.PUT_POLICIES, vo)
        said, told = require_text(reason, "A reason"), layer_text(vo, text, place)
        made: Layer | None = None

        async def choose(connection: AsyncConnection, now: datetime) -> Adoption | None:
            nonlocal made
            last, document = await _last(connection, vo), await document_in_force(connection)
            draft = await to_thread.run_sync(drafted, document, told)
            await self._require_kept_here(connection, vo, is_move=_says_the_same(draft.document, document, vo))
            _require_seen(last.version, seen)
            if last.version.number and last.text == text:
                made = last
                return None
            if draft.problems:
                raise LayerRefused(vo, ((p.file, p.line, p.key, p.text) for p in draft.problems))
            made = Layer(Version(vo, last.version.number + 1, revision_of(text), actor.name, now, said), text)
            await policy_layers.add(connection, made)
            comment = f"{vo}, version {made.version.number}: {said}"
            return Adoption(draft.policies, draft.document, actor.name, actor, "policies put", comment, frozenset({vo}))

        outcome = await self._inspector.exchange(choose)
        assert made is not None
        return Put(made, outcome)

    async def _require_kept_here(self, connection: AsyncConnection, vo: str, *, is_move: bool = False) -> None:
        """Check that the layer of ``vo`` is kept by the API. Just what is in its file can be put before that is moved."""
        require_vo(vo)
        if vo in await vos.with_policies_by_api(connection):
            return
        if vo not in self._settings.managed_by_api():
            directory = self._settings.policies
            where = f"{directory / 'vo' / vo}.toml" if directory else f"vo/{vo}.toml, in the directory of the policies"
            raise Conflict(
                f"The policies of {vo} are kept in a file, {where}: change them there. To keep them by the API, "
                f'declare [vo.{vo}] policies = "api" in the settings.'
            )
        if not is_move:
            raise Conflict(
                f"These settings keep the policies of {vo} by the API, but those in force keep them in a file still. "
                "Start `gridmask serve` with these, or run `gridmask inspect --once`; or put just what the file says first."
            )

    async def _known(self, connection: AsyncConnection) -> Known:
        inventory = await inventory_of(connection, TypeRegistry())
        registry = VoRegistry(inventory.vos, self._inspector.registry.aliases)
        named = frozenset(source.name for source in await sources.load(connection))
        return Known(
            await self._inspector.types(connection), registry, named or None, inventory if inventory.elements else None
        )


async def stored(settings: Settings) -> tuple[Text, ...]:
    """The layers in the settings' database of the VOs that keep theirs by the API; none where there is no database yet.

    Raises:
        InvalidConfiguration: its URL is none. StoreUnavailable. SchemaMismatch: its schema is of another time.
    """
    by_api = settings.managed_by_api()
    if not by_api or settings.database == EPHEMERAL:
        return ()
    async with Database(settings.database) as database:
        if not await database.is_set_up():
            return ()
        async with database.reading() as connection:
            return await kept(connection, by_api)


def named(version: Version) -> str:
    """The name of ``version``, of which no other version of the same VO's layer has the same."""
    return f"{version.number}-{version.revision}"


def require_vo(vo: str) -> None:
    """Check that ``vo`` is one, and does not stand for everyone.

    Raises:
        Conflict: it does.
    """
    if vo == ALL:
        raise Conflict(f"The policies of the installation are kept in a file, {ALL}.toml: change them there.")


def _require_seen(version: Version, seen: Collection[str] | None) -> None:
    called = {version.revision, named(version)}
    if seen is None or any(one in called or (len(one) >= SHORTEST and version.revision.startswith(one)) for one in seen):
        return
    raise StaleLayer(version.vo, ", ".join(seen), version.revision, version.author)


def layer_text(vo: str, text: str, place: str = "") -> Text:
    """``text`` as the layer of ``vo``, which is called ``place`` in what is told.

    Raises:
        InvalidRequest: it is too long, or no text.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"Half of a character, at position {error.start}, is nothing that policies can say.") from error
    if size > MOST_BYTES:
        raise InvalidRequest(f"The policies of a VO may have {MOST_BYTES:,} bytes at most; these have {size:,}.")
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MOST_DOTS:
            raise InvalidRequest(f"Line {number:,} has more than {MOST_DOTS:,} dots; write it as several lines.")
    return Text(vo, text, place or f"the policies of {vo}")


async def _last(connection: AsyncConnection, vo: str) -> Layer:
    found = await policy_layers.current(connection, {vo})
    return found.get(vo) or Layer(Version(vo, 0, revision_of("")), "")


async def document_in_force(connection: AsyncConnection) -> Document:
    """What the policies in force were read from."""
    loaded = await policies.in_force(connection)
    return loaded.document if loaded else UNWRITTEN.document


def drafted(document: Document, told: Text) -> Draft:
    """What the policies of ``document`` amount to with what is ``told`` in place of that VO's layer."""
    written = {layer: Written("the policies in force") for layer in document}
    return policy_files.drafted(with_text(Layers(written, document), told))


def _says_the_same(one: Document, other: Document, vo: str) -> bool:
    nothing: Document = {"policy": {}}
    return bool(one.get(vo, nothing) == other.get(vo, nothing))
