"""How a coroutine becomes a command: it gets the options of every command, a session to work in, and its errors told."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import typer

from gridmask.cli.failures import attempt
from gridmask.cli.options import AsJson, Config, DatabaseUrl, Options, Sources, Verbose
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from inspect import _ParameterKind

P = ParamSpec("P")
Work = Callable[Concatenate[Session, P], Coroutine[Any, Any, int | None]]
"""What a command does; it gives its exit code, None being 0."""

W = TypeVar("W", bound=Callable[..., Coroutine[Any, Any, int | None]])

_KIND: _ParameterKind = Parameter.KEYWORD_ONLY
_COMMON = {
    "config": Parameter("config", _KIND, default=None, annotation=Config),
    "database": Parameter("database", _KIND, default=None, annotation=DatabaseUrl),
    "as_json": Parameter("as_json", _KIND, default=False, annotation=AsJson),
    "verbose": Parameter("verbose", _KIND, default=False, annotation=Verbose),
}
_SOURCES = {"sources": Parameter("sources", _KIND, default=None, annotation=Sources)}


def command(app: typer.Typer, name: str, *, reads_sources: bool = False) -> Callable[[W], W]:
    """Make the coroutine below the command ``name`` of ``app``.

    Its first parameter is a :class:`~gridmask.cli.session.Session`; the others are typer's. ``reads_sources``: it takes sources
    that are named on the command line.
    """
    common = {**_COMMON, **_SOURCES} if reads_sources else _COMMON

    def register(work: W) -> W:
        own = [p.replace(kind=_KIND) for p in signature(work, eval_str=True).parameters.values()][1:]

        def run(ctx: typer.Context, **given: Any) -> None:  # noqa: ANN401 - what the signature below says
            options = _options(ctx, {key: given.pop(key) for key in common}, reads_sources=reads_sources)
            code = attempt(lambda: _run(work(Session(options), **given)), verbose=options.verbose)
            if code:
                raise typer.Exit(code)

        context = Parameter("ctx", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
        parameters = [context, *own, *common.values()]
        run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # which is where inspect looks
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        run.__doc__ = work.__doc__
        app.command(name)(run)
        return work

    return register


def _run(work: Coroutine[Any, Any, int | None]) -> int | None:
    import asyncio

    return asyncio.run(work)


def _options(ctx: typer.Context, given: dict[str, Any], *, reads_sources: bool) -> Options:
    sources = tuple(given.pop("sources", None) or ())
    before = ctx.find_root().obj
    options = (before if isinstance(before, Options) else Options()).then(Options(**given, sources=sources))
    if options.sources and not reads_sources:
        raise typer.BadParameter(
            "is for serve, worker, sync and inspect; this command reads no source", param_hint="'--source KIND=URL'"
        )
    return options
