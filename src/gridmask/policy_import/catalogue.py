"""DIRAC's types of policies, and what each is here.

Arguments in the section of a policy are what a newer grammar proposes: released versions of DIRAC pass over them. They are
taken at their word, as are types that only this grammar has: ``Downtime``, ``FreeDiskSpace``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite

from gridmask.domain.status import Status
from gridmask.policy_import.report import Remark, differs, no_effect, note, quoted, review

Options = Mapping[str, str]
"""What was written, by folded name."""

Arguments = dict[str, object]


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of policy.

    Attributes:
        rule: what it is called here.
        make: the rule's arguments, of DIRAC's.
        options: DIRAC's arguments with their defaults, by folded name.
        match: which rows it is about where it does not say so.
        remarks: what to know about each policy of this type.
        released: whether a released version of DIRAC has it.
    """

    rule: str
    make: Callable[[Options], Arguments] = lambda _: {}
    options: Options = field(default_factory=dict)
    match: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    released: bool = True


MOST = 100_000
"""The largest number that makes sense: of hours, of terabytes."""


def number(text: str, name: str) -> float:
    """The number that an argument is.

    Raises:
        ValueError: it is none, or no size of anything.
    """
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not isfinite(found) or not 0 <= found <= MOST:
        raise ValueError(f"{name} = {quoted(text)} is no number from 0 to {MOST:,}")
    return found


def plain(value: float) -> str:
    """``value`` as people write it."""
    return f"{value:.9f}".rstrip("0").rstrip(".")


# --- Downtimes


def _downtime(options: Options) -> Arguments:
    return {"lead": {"default": f"{plain(number(options['hours'], 'hours'))}h"}}


def _downtimes(hours: int) -> Kind:
    ahead = (
        differs(
            f"Here a downtime counts from {hours} h before its start until its end. DIRAC looked only at the one moment that "
            f"is {hours} h ahead: it freed {hours} h before the end what it had banned, and missed what is over by then."
        ),
        *([review("See that you want to do without it for so long, or only for writing.")] if hours > 3 else ()),
    )
    return Kind("downtime", _downtime, {"hours": str(hours)}, remarks=ahead if hours else ())


# --- Space

NEUTRAL: Arguments = {"banned_below_fraction": 0.0, "degraded_below_fraction": 0.0}
"""What an argument says that is not always written, to take back what the installation wrote."""

UNITS = {"tb": "TiB", "gb": "GiB", "mb": "MiB"}
"""DIRAC divides by 1024."""


def _space(options: Options) -> Arguments:
    unit = UNITS.get(options["unit"].casefold())
    if unit is None:
        raise ValueError(f"Unit = {quoted(options['unit'])} is none of TB, GB, MB")
    banned, degraded = _in_order(options, "banned_threshold", "degraded_threshold")
    arguments: Arguments = {"banned_below": f"{plain(banned)} {unit}", "degraded_below": f"{plain(degraded)} {unit}"}
    shares = _in_order(options, "banned_fraction", "degraded_fraction")
    if max(shares) > 1:
        raise ValueError("a fraction is more than 1")
    if max(shares) > 0:
        arguments |= {"banned_below_fraction": shares[0], "degraded_below_fraction": shares[1]}
    return arguments


def _in_order(options: Options, worse: str, better: str) -> tuple[float, float]:
    first, last = number(options[worse], worse), number(options[better], better)
    if first > last:
        raise ValueError(f"{worse} is more than {better}")
    return first, last


_ALWAYS_ERROR = no_effect("In DIRAC 9.1.22, a policy on free space gave Error for every storage. Here it decides by the space.")


def _spaces(unit: str, *remarks: Remark) -> Kind:
    options = {"unit": unit, **_THRESHOLDS, "banned_fraction": "0", "degraded_fraction": "0"}
    return Kind("free-space", _space, options, remarks=(_ALWAYS_ERROR, *remarks))


_THRESHOLDS = {"banned_threshold": "0.1", "degraded_threshold": "5"}
_MEGABYTES = review("These thresholds are 0.1 and 5 MiB, so that next to nothing was ever banned. Most likely more was meant.")
_FREE_DISK_SPACE = Kind(
    "free-space",
    _space,
    {"unit": "TB", **_THRESHOLDS, "banned_fraction": "0.01", "degraded_fraction": "0.05"},
    match={"family": ("Resource",), "type": ("StorageElement",), "status_type": ("WriteAccess",)},
    released=False,
)

# --- The others

_NO_COUNTS = no_effect(
    "DIRAC's policies on jobs never got the counts that they need. Here it decides once a source of jobs gives them."
)
_ONE_FOR_ALL = differs("DIRAC counted all VOs' pilots as one. Here, what is known of a VO's own decides about its row.")
_EACH_PILOT = note("DIRAC decided from a single pilot; here, 10 would be the default.")
_NOT_LISTED = no_effect("DIRAC has no such type in its list of policies, so it was passed over.")
_TICKETS = review("GGUS is no more: it needs a source of tickets here.")
_PROPAGATION = (
    differs(
        "DIRAC banned a site of which it knew no element, and looked at one access of a storage element, whichever came first."
    ),
    differs("Here what is not known neither bans nor frees, and every access counts."),
    review("See which of its elements a site needs, such as queues, before you rely on it."),
)
_LHCB = note("LHCbDIRAC's. There, storage called FAILOVER was not degraded for less than 90 %; here no name is an exception.")


def _pilots(_: Options) -> Arguments:
    return {"minimum": 1}


def _availability(_: Options) -> Arguments:
    # what is not in production is banned there
    return {"states": {"queueing": Status.BANNED.label}, "unknown_state": Status.BANNED.label}


def _propagation(_: Options) -> Arguments:
    # those that DIRAC looks at: any of them will do
    return {"types": ["StorageElement", "ComputingElement"]}


def _transfers(direction: str) -> Kind:
    return Kind("transfer-quality", lambda _: {"direction": direction, "minimum": 1}, remarks=(_LHCB,))


def _always(status: Status) -> Kind:
    return Kind("always", lambda _: {"status": status.label})


KINDS: Mapping[str, Kind] = {
    "DTOngoing": _downtimes(0),
    "DTScheduled1": _downtimes(1),
    "DTScheduled3": _downtimes(3),
    "DTScheduled": _downtimes(12),
    "Downtime": Kind("downtime", _downtime, {"hours": "0"}, released=False),
    "FreeDiskSpaceTB": _spaces("TB"),
    "FreeDiskSpaceGB": _spaces("GB"),
    "FreeDiskSpaceMB": _spaces("MB", _MEGABYTES),
    "FreeDiskSpace": _FREE_DISK_SPACE,
    "GGUSTickets": Kind("tickets", remarks=(_TICKETS,)),
    "JobDoneRatio": Kind("job-done-ratio", remarks=(_NO_COUNTS,)),
    "JobEfficiency": Kind("job-efficiency", remarks=(_NO_COUNTS,)),
    "JobRunningMatchedRatio": Kind("job-running-matched", remarks=(_NO_COUNTS,)),
    "JobRunningWaitingRatio": Kind("job-running-waiting", remarks=(_NO_COUNTS,)),
    "PilotInstantEfficiency": Kind("pilot-efficiency", _pilots, remarks=(_ONE_FOR_ALL, _EACH_PILOT)),
    "Propagation": Kind("propagation", _propagation, remarks=_PROPAGATION),
    "PropagationPolicy": Kind("propagation", _propagation, remarks=_PROPAGATION),
    "CEAvailability": Kind("availability", _availability, remarks=(_NOT_LISTED,)),
    "TransferQualitySource": _transfers("source"),
    "TransferQualityDestination": _transfers("destination"),
    "AlwaysActive": _always(Status.ACTIVE),
    "AlwaysDegraded": _always(Status.DEGRADED),
    "AlwaysProbing": _always(Status.PROBING),
    "AlwaysBanned": _always(Status.BANNED),
}
"""Types by DIRAC's name. Another name is passed over there without a word."""

PRECEDENCE = ("FreeDiskSpaceMB", "FreeDiskSpaceGB", "FreeDiskSpaceTB")
"""Of policies that are called so, DIRAC heeds only the first that applies to a row."""
