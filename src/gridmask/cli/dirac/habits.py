"""How DIRAC's scripts take their options: with arguments among them, and names of options as short as they stay clear."""

from __future__ import annotations

from getopt import GetoptError, gnu_getopt
from typing import Any

import typer
from typer.core import TyperGroup

_LETTERS = "hvdc:o:s:"
"""Those of one letter: what any command here takes, and what any script of DIRAC's does."""

_OF_DIRAC = ("option=", "section=", "cert=", "debug", "cfg=")
"""What any script of DIRAC's takes beside its own, in so many letters: how DIRAC is configured, and how much it tells."""

_OURS = frozenset({"config=", "database=", "json", "verbose"})
"""What every command here takes: by their whole names alone, so that those of DIRAC may be as short as they ever were."""

_MEANINGLESS = frozenset({"-d", "-o", "-s", *(f"--{long.rstrip('=')}" for long in _OF_DIRAC)})


class Habits(TyperGroup):
    """A group whose commands are called as DIRAC's scripts are."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401 - typer's own
        """The command that ``args`` name, and its arguments with all options written out."""
        name, command, rest = super().resolve_command(ctx, args)
        if command is None or ctx.resilient_parsing:
            return name, command, rest
        try:
            rest = written_out(rest, _longs(command))
        except GetoptError as error:
            ctx.fail(f"{error.msg[:1].upper()}{error.msg[1:]}. 'gridmask dirac {name} --help' lists them.")
        return name, command, rest


def written_out(arguments: list[str], longs: list[str]) -> list[str]:
    """``arguments`` with the whole names of options, first these, then all others; what only DIRAC needs is left out.

    ``longs``: the options that there are, as :mod:`getopt` wants them.

    Raises:
        GetoptError: there is no such option, it could be several, or it lacks what it is to be.
    """
    whole = {argument.partition("=")[0] for argument in arguments}
    known = [long for long in longs if long not in _OURS or f"--{long.rstrip('=')}" in whole]
    given, others = gnu_getopt(arguments, _LETTERS, [*known, *_OF_DIRAC])
    ignored = sorted({option for option, _ in given if option in _MEANINGLESS})
    if ignored:
        typer.echo(f"gridmask: of no effect here, where no DIRAC is configured: {', '.join(ignored)}.", err=True)
    taking = {f"--{long[:-1]}" for long in known if long.endswith("=")}
    found: list[str] = []
    for option, value in given:
        if option in _MEANINGLESS:
            continue
        found += [f"{option}={value}"] if option in taking else [option, value] if value else [option]
    return [*found, *(["--", *others] if others else [])]


def _longs(command: Any) -> list[str]:  # noqa: ANN401 - of click, as typer brings it
    options = (parameter for parameter in command.params if parameter.param_type_name == "option")
    named = [(name[2:], option.is_flag) for option in options for name in option.opts if name.startswith("--")]
    return ["help", *(name if is_flag else f"{name}=" for name, is_flag in named)]
