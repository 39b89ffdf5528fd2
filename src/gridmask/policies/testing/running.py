"""Finds files of policy tests, and runs what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.matching import matches
from gridmask.domain.vo import ALL
from gridmask.policies import files as policy_files
from gridmask.policies.layers import TESTS
from gridmask.policies.testing.outcome import Outcome
from gridmask.policies.testing.patience import Exhausted, Patience
from gridmask.policies.testing.playing import play
from gridmask.policies.testing.reading import read

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry
    from gridmask.domain.policy import PolicySet
    from gridmask.policies.testing.script import Script


def found(paths: Iterable[Path]) -> list[Path]:
    """The files of tests that ``paths`` mean: themselves, and what is called so in directories, however deep.

    Raises:
        InvalidConfiguration: there is no such file or directory.
    """
    files: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise InvalidConfiguration(str(path), "there is no such file or directory")
        files.update(dict.fromkeys(sorted(path.rglob(f"*{TESTS}")) if path.is_dir() else [path]))
    return list(files)


def run(files: Iterable[Path], types: TypeRegistry, policies: Path | None = None, name: str = "*") -> Iterator[Outcome]:
    """What comes of the tests in ``files`` whose names agree with ``name``, one after the other.

    Args:
        files: as :func:`found` gives them.
        types: the element types that they may use.
        policies: the directory of the policies to test; None: what each file says, or else the nearest above it.
        name: a pattern.
    """
    loaded: dict[Path, PolicySet] = {}
    for file in files:
        try:
            tests = read(file, types)
            directory = (policies or tests.policies or nearest(file)).resolve()
            if directory not in loaded:
                loaded[directory], _ = policy_files.load(directory)
        except InvalidConfiguration as error:
            yield Outcome(str(file), None, "cannot be run", broken=str(error))
            continue
        yield from (outcome(script, loaded[directory]) for script in tests.scripts if matches(name, script.name))


def outcome(script: Script, policies: PolicySet, patience: Patience | None = None) -> Outcome:
    """What comes of ``script`` with ``policies``; it is broken where ``patience``, or else one of its own, is lost with it."""
    expectations = [expectation for moment in script.moments for expectation in moment.expected]
    made = Outcome(str(script.file), script.line, script.name, len(script.moments), len(expectations))
    if not expectations:
        return replace(made, broken="it expects nothing")
    with_layers = replace(script, vos=script.vos | ({policy.layer for policy in policies.policies} - {ALL}))
    allowed = patience or Patience()
    try:
        with allowed.kept():
            return replace(made, failures=tuple(play(with_layers, policies, allowed)))
    except (InvalidConfiguration, Exhausted) as error:
        return replace(made, broken=str(error))


def nearest(file: Path) -> Path:
    """The nearest directory above ``file`` that has policies.

    Raises:
        InvalidConfiguration: there is none.
    """
    for directory in file.resolve().parents:
        if (directory / f"{ALL}.toml").exists() or (directory / "vo").is_dir():
            return directory
    raise InvalidConfiguration(str(file), 'whose policies? There are none above it; write policies = "DIR", or use --policies')
