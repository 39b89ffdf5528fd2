"""Making probes of what the settings say, checked whole before anything begins."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from gridmask.documents import validated
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.matching import Match
from gridmask.domain.spelling import suggest
from gridmask.policies.arguments import arguments_of, made_of
from gridmask.probes.conducting import Kind
from gridmask.probes.kinds import KINDS
from gridmask.probes.settings import Probe


@dataclass(frozen=True, slots=True)
class Made:
    """A probe that can be made.

    Attributes:
        settings: as the settings describe it.
        kind: what it does.
        match: which elements it looks at.
        url: where it goes.
    """

    settings: Probe
    kind: Kind
    match: Match
    url: str

    @property
    def name(self) -> str:
        """What it is called, as a source and as a metric."""
        return self.settings.name


def made(probes: Iterable[Probe], taken: Collection[str] = ()) -> tuple[Made, ...]:
    """What ``probes`` describe. ``taken``: names that others have.

    Raises:
        InvalidConfiguration: one of them cannot be.
    """
    names, found = set(taken), []
    for probe in probes:
        if probe.name in names:
            raise _wrong(probe, f"name: there is another source or probe called {probe.name!r}")
        names.add(probe.name)
        found.append(_made(probe))
    return tuple(found)


def _made(probe: Probe) -> Made:
    if probe.kind not in KINDS:
        near = suggest(probe.kind, KINDS)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(KINDS)}"
        raise _wrong(probe, f"kind: there is no {probe.kind!r}; {hint}")
    kind = KINDS[probe.kind]
    _check_options(probe, kind)
    try:
        doing = made_of(kind, validated(arguments_of(kind), probe.options, f"probe {probe.name}"))
    except ValueError as error:
        raise _wrong(probe, str(error)) from error
    return Made(probe, doing, Match.of(**probe.match), _url(probe, kind))


def _check_options(probe: Probe, kind: type[Kind]) -> None:
    own = set(arguments_of(kind).model_fields)
    for option in probe.options:
        if option not in own:
            known = sorted({*own, *Probe.model_fields} - {"options"})
            near = suggest(option, known)
            hint = f"did you mean {near!r}?" if near else f"allowed are {', '.join(known)}"
            raise _wrong(probe, f"{option}: there is no such key for {probe.kind}; {hint}")


def _url(probe: Probe, kind: type[Kind]) -> str:
    """Where ``probe`` goes; of its kind's own address the beginning, where a fact has the rest."""
    scheme: str = kind.schemes[0]
    url: str = probe.url or (f"{scheme}://{{host}}:{{port}}{{path}}" if probe.fact else kind.url)
    if not url:
        raise _wrong(probe, f"url: {probe.kind} has no usual port; say where it goes, as in '{scheme}://{{host}}:2811'")
    written = url.partition("://")[0]
    if written not in kind.schemes:
        allowed = ", ".join(f"{one}://" for one in kind.schemes)
        raise _wrong(probe, f"url: {probe.kind} does not speak {written!r}; it speaks {allowed}")
    if not probe.fact and ("{port}" in url or "{path}" in url):
        raise _wrong(probe, "url: {port} and {path} are those of a fact; name one as fact, or write them out")
    return url


def _wrong(probe: Probe, problem: str) -> InvalidConfiguration:
    return InvalidConfiguration(f"probe {probe.name}", problem)
