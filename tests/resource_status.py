"""DIRAC's ``ResourceStatus`` configuration, written down in brief."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gridmask.dirac_cfg.syntax import parse, written
from gridmask.dirac_cfg.tree import Section
from gridmask.policies import files as policy_files
from gridmask.policy_import.dirac import Import, Imported, imported

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.domain.policy import PolicySet
    from gridmask.policy_import.report import Entry

Told = Mapping[str, Any]
"""Sections are mappings, options are texts."""

RESOURCE = {"matchParams": {"element": "Resource"}}
SITE = {"matchParams": {"element": "Site"}}
ENFORCED: Told = {"LogStatusAction": {}, "LogPolicyResultAction": {}}


def section(told: Told, path: str = "") -> Section:
    """What ``told`` says, as a section."""
    options = {name: value for name, value in told.items() if isinstance(value, str)}
    inner = {name: section(one, f"{path}/{name}" if path else name) for name, one in told.items() if not isinstance(one, str)}
    return Section(options, inner, "dirac.cfg", path)


def text(told: Told) -> bytes:
    """What ``told`` says, in DIRAC's syntax."""
    return written(section(told)).encode()


def brought_in(told: Told, *vos: str, **options: Any) -> Import:  # noqa: ANN401 - those of the import
    """What becomes of a file that says what is ``told``."""
    return imported(parse(text(told), "dirac.cfg").root, vos, **options)


def of_policies(policies: Told, *vos: str, actions: Told = ENFORCED, **options: Any) -> Imported:  # noqa: ANN401 - the same
    """What becomes of the only layer, where it has these policies."""
    (layer,) = brought_in({"ResourceStatus": {"Policies": policies, "PolicyActions": actions}}, *vos, **options).layers
    return layer


def operations(**layers: Told) -> dict[str, Told]:
    """A configuration with these policies, by the name of the section below ``Operations``."""
    return {"Operations": {name: {"ResourceStatus": {"Policies": policies}} for name, policies in layers.items()}}


def entry(layer: Imported | Import, name: str) -> Entry:
    """What became of the section or option called ``name``."""
    entries = layer.entries if isinstance(layer, Imported) else layer.all_entries
    (found,) = [one for one in entries if one.path.rpartition("/")[2] == name]
    return found


def remarks(layer: Imported | Import, name: str) -> str:
    """What there is to know about it, with what each remark is about."""
    return "\n".join(f"{remark.weight}: {remark.text}" for remark in entry(layer, name).remarks)


def loaded(made: Import, folder: Path) -> PolicySet:
    """The policies that are in force with the files that were made."""
    for layer in made.layers:
        path = folder / layer.file
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(layer.text("dirac.cfg"), encoding="utf-8")
    return policy_files.load(folder)[0]
