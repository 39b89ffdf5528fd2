"""The policy file that a new VO begins with: it changes nothing, and shows how to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.policy import Policy, PolicySet

_HEAD = """\
# The policies of {vo}. They count for {vo} alone; what is not written here is as the installation has it, in all.toml.
#
# Nothing below is in force: each example is commented out. Take the first "# " away from the lines of one, change it, and
# ask what it would do:
#
#     gridmask policy check
#
# The most restrictive verdict wins. So a policy that is added can forbid more, and never allow more; to allow more, override
# one of the installation's, or switch it off.
"""

_OVERRIDE = """
# --- Override: a policy of the installation with another argument. Only what is written here is replaced.
#     (A `match` here would take the place of the installation's: what it leaves out would be without this policy.)

# [policy.{name}]
# arguments = {arguments}
"""

_OFF = """
# --- Switch off: for {vo} alone. Where nothing else governs a row, it is then Unknown, which is not usable.

# [policy.{name}]
# enabled = false
"""

_ADDITION = """
# --- Add: a policy of {vo}'s own. This one closes a site's storage for writing, but for what is tagged as tape. While it is
#     advisory, its verdict is recorded and shown, and decides nothing: a way to try it.

# [policy.{vo}-{added}]
# type = "always"
# match = {{ site = "EXAMPLE-T2", category = "storage", status_type = "WriteAccess", tags = "!tape" }}
# arguments = {{ status = "Banned", comment = "{vo} does not write there yet" }}
# advisory = true
"""

_EVIDENCE = """
# --- Hear: rows of {vo}'s own where a source measures something for it alone, such as with its own test jobs.

# [[evidence]]
# source = "test-jobs"
# match = {{ type = "ComputingElement" }}
"""

_AUTOMATION = """
# --- Watch: automation says what it would do with {vo}'s rows, and changes nothing. What is new stays Unknown then.

# [automation]
# mode = "observe-only"
"""

_ARGUMENTS = {
    "always": '{ comment = "as agreed" }',
    "downtime": '{ warning = "Banned" }',
}
"""An argument to override, by rule; of a rule that is not here, none."""


def layer(vo: str, policies: PolicySet, rules: Mapping[str, str]) -> str:
    """A policy file for ``vo``, beside the ``policies`` of its installation; ``rules`` has the rule's name by policy."""
    general = [policy for policy in policies.policies if policy.layer == ALL]
    parts = [_HEAD.format(vo=vo), *_listed(general, rules)]
    overridable = next((p for p in general if rules.get(p.name) in _ARGUMENTS), None)
    if overridable is not None:
        parts.append(_OVERRIDE.format(name=_key(overridable.name), arguments=_ARGUMENTS[rules[overridable.name]]))
    enabled = [policy for policy in general if policy.enabled]
    if enabled:
        parts.append(_OFF.format(vo=vo, name=_key(enabled[-1].name)))
    parts.append(_ADDITION.format(vo=vo, added="keeps-out"))
    return "".join([*parts, _EVIDENCE.format(vo=vo), _AUTOMATION.format(vo=vo)])


def _listed(general: list[Policy], rules: Mapping[str, str]) -> Iterator[str]:
    yield "#\n# The installation's policies:\n#\n"
    width = max((len(policy.name) for policy in general), default=0)
    for policy in general:
        state = "off" if not policy.enabled else "advisory" if policy.advisory else "on"
        match = ", ".join(f"{key} {' or '.join(patterns)}" for key, patterns in policy.match.patterns) or "everything"
        yield f"#     {policy.name:<{width}}  {rules.get(policy.name, '?')}, {state}, for {match}\n"


def _key(name: str) -> str:
    """``name`` as TOML writes a key."""
    plain = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if plain else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
