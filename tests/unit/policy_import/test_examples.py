"""Configurations as they are in use or were proposed, and what they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.policy_import.report import Outcome
from gridmask.testing import Trial, downtime, element, state
from tests.resource_status import ENFORCED, RESOURCE, SITE, brought_in, entry, loaded, of_policies, remarks

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.domain.policy import PolicySet
    from tests.resource_status import Told

STORAGE_TYPES = "StorageElement, FTS"
PRODUCTION = {
    "AlwaysActiveForSite": {"policyType": "AlwaysActive", **SITE},
    "AlwaysActiveForResource": {"policyType": "AlwaysActive", **RESOURCE},
    "DTOngoing": RESOURCE,
    "DTScheduled1": {"matchParams": {"element": "Resource", "elementType": STORAGE_TYPES}},
    "DTScheduled": RESOURCE,
}
CERTIFICATION = {
    "AlwaysActiveForResource": {"policyType": "AlwaysActive", **RESOURCE},
    "AlwaysBannedForSE1SE2": {"policyType": "AlwaysBanned", "matchParams": {"name": "SE1,SE2"}},
    "AlwaysBannedForSite": {"policyType": "AlwaysBanned", **SITE},
    "AlwaysBannedForSite2": {"policyType": "AlwaysBanned", "matchParams": {"element": "Site", "domain": "test"}},
}
CONDITIONAL = {
    "AlwaysActive": RESOURCE,
    "DTScheduled1": {"matchParams": {"element": "Resource", "status": "Active,Degraded"}},
    "DTOngoing": {"matchParams": {"element": "Resource", "status": "Banned"}},
}
PROPOSED = {
    "Downtime": {"hours": "0"},
    "FreeDiskSpace": {"Unit": "TB", "Banned_threshold": "0.1", "Degraded_threshold": "5"},
    "AlwaysActiveForResource": {"policyType": "AlwaysActive", **RESOURCE},
    "SpecificFreeDiskSpace": {
        "policyType": "FreeDiskSpace",
        "Unit": "GB",
        "Banned_threshold": "10",
        "Degraded_threshold": "50",
        "matchParams": {"element": "Resource", "name": "LogSE", "statusType": "WriteAccess"},
    },
    "PropagationForSite": {"policyType": "Propagation", **SITE},
}

SE1, CE = element("SE1", "StorageElement"), element()
HERE = element("LCG.Here.org", "Site", family="Site", site="LCG.Here.org")


def in_force(policies: Told, folder: Path) -> PolicySet:
    return loaded(brought_in({"Policies": policies, "PolicyActions": ENFORCED}), folder)


def trial(found: PolicySet) -> Trial:
    return Trial(state(CE, HERE, SE1, by=found))


# --- A: production


def test_the_policies_of_a_production_are_five_and_those_on_downtimes_are_called_after_their_types() -> None:
    made = of_policies(PRODUCTION)
    assert {name: made.tables[name]["type"] for name in PRODUCTION} == {
        "AlwaysActiveForSite": "always",
        "AlwaysActiveForResource": "always",
        "DTOngoing": "downtime",
        "DTScheduled1": "downtime",
        "DTScheduled": "downtime",
    }
    assert made.tables["DTScheduled1"]["match"] == {"family": ["Resource"], "type": ["StorageElement", "FTS"]}
    leads = [made.tables[name]["arguments"] for name in ("DTOngoing", "DTScheduled1", "DTScheduled")]
    assert leads == [{"lead": {"default": f"{hours}h"}} for hours in (0, 1, 12)]


def test_what_gridmask_does_by_itself_gives_way_to_what_was_imported() -> None:
    assert of_policies(PRODUCTION).tables["declared-downtimes"] == {"enabled": False}


def test_in_production_everything_is_good_unless_something_objects(tmp_path: Path) -> None:
    tried = trial(in_force(PRODUCTION, tmp_path))
    assert (tried.status(CE), tried.status(HERE)) == (Status.ACTIVE, Status.ACTIVE)
    tried.announce(downtime("20:30", "22:00", CE, HERE))
    assert (tried.status(CE), tried.status(HERE)) == (Status.ACTIVE, Status.ACTIVE)
    tried.wait("09:00")
    assert (tried.status(CE), tried.status(HERE)) == (Status.BANNED, Status.ACTIVE)


# --- B: certification


def test_in_certification_a_ban_by_name_beats_what_is_always_active(tmp_path: Path) -> None:
    tried = trial(in_force(CERTIFICATION, tmp_path))
    assert (tried.status(CE), tried.status(HERE)) == (Status.ACTIVE, Status.BANNED)
    assert tried.status(SE1, status_type="WriteAccess") is Status.BANNED


def test_the_domain_that_dirac_passes_over_is_passed_over_and_told() -> None:
    made = of_policies(CERTIFICATION)
    assert made.tables["AlwaysBannedForSite2"] == made.tables["AlwaysBannedForSite"]
    assert "no effect in DIRAC: matchParams/domain = 'test'" in remarks(made, "AlwaysBannedForSite2")
    assert entry(made, "AlwaysBannedForSite2").needs_review


def test_the_domain_can_be_taken_as_it_was_meant() -> None:
    made = of_policies(CERTIFICATION, as_meant=True)
    assert made.tables["AlwaysBannedForSite2"]["match"] == {"family": ["Site"], "domain": ["test"]}


# --- C: downtimes on condition of a status


def test_downtimes_on_condition_of_a_status_become_one_policy() -> None:
    made = of_policies(CONDITIONAL)
    assert made.tables["DTScheduled1"]["match"] == {"family": ["Resource"]}
    assert "DTOngoing" not in made.tables
    assert entry(made, "DTOngoing").outcome is Outcome.ABSORBED
    assert "'DTOngoing' it bans early and frees late" in remarks(made, "DTScheduled1")


def test_downtimes_on_condition_of_a_status_ban_an_hour_early_and_free_when_it_is_over(tmp_path: Path) -> None:
    tried = trial(in_force(CONDITIONAL, tmp_path))
    tried.announce(downtime("10:00", "12:00", CE))
    seen = {}
    for time in ("08:59", "09:00", "09:20", "10:00", "11:59", "12:00"):
        tried.wait(time)
        seen[time] = tried.status(CE)
    assert [time for time, status in seen.items() if status is Status.BANNED] == ["09:00", "09:20", "10:00", "11:59"]
    assert seen["12:00"] is Status.ACTIVE


# --- D: the grammar with arguments


def test_a_section_with_arguments_only_is_what_policies_of_its_type_are_given() -> None:
    made = of_policies(PROPOSED)
    assert [entry(made, name).outcome for name in ("Downtime", "FreeDiskSpace")] == [Outcome.ARGUMENTS] * 2
    assert "for 'SpecificFreeDiskSpace'" in remarks(made, "FreeDiskSpace")
    assert "there is no policy of this type" in remarks(made, "Downtime")


def test_a_policy_with_arguments_has_its_own_before_those_of_its_type() -> None:
    assert of_policies(PROPOSED).tables["SpecificFreeDiskSpace"] == {
        "type": "free-space",
        "match": {"family": ["Resource"], "name": ["LogSE"], "status_type": ["WriteAccess"]},
        "arguments": {
            "banned_below": "10 GiB",
            "degraded_below": "50 GiB",
            "banned_below_fraction": 0.01,
            "degraded_below_fraction": 0.05,
        },
    }


def test_propagation_is_taken_over_and_needs_review() -> None:
    made = of_policies(PROPOSED)
    assert made.tables["PropagationForSite"] == {
        "type": "propagation",
        "match": {"family": ["Site"]},
        "arguments": {"types": ["StorageElement", "ComputingElement"]},
    }
    assert entry(made, "PropagationForSite").needs_review


def test_the_grammar_with_arguments_loads(tmp_path: Path) -> None:
    assert {policy.name for policy in in_force(PROPOSED, tmp_path).effective("all")} >= {"PropagationForSite"}


# --- E: actions


def test_actions_that_tell_people_are_quoted_with_what_to_do_instead() -> None:
    mail = {"actionType": "EmailAction", **RESOURCE, "combinedResult": {"Status": "Banned"}}
    made = of_policies(PRODUCTION, actions={**ENFORCED, "ElementIsBanned": mail})
    assert entry(made, "ElementIsBanned").outcome is Outcome.BY_HAND
    told = remarks(made, "ElementIsBanned")
    assert "where matchParams element = Resource and combinedResult Status = Banned" in told
    assert "[[webhook]]" in told


def test_actions_that_gridmask_takes_anyway_need_nothing() -> None:
    made = of_policies(PRODUCTION)
    assert [(entry(made, name).outcome, entry(made, name).remarks) for name in ENFORCED] == [(Outcome.BUILT_IN, ())] * 2


def test_the_template_of_an_action_is_quoted_whole() -> None:
    template = {
        "actionType": "SlackAction",
        "matchParams": {"element": "Site", "active": "Active"},
        "combinedResult": {"Status": "Banned", "Reason": "*outage*"},
        "policyResults": {"DTOngoing": "Banned", "Gone": "Active"},
    }
    told = remarks(of_policies(PRODUCTION, actions={**ENFORCED, "Tell": template}), "Tell")
    assert all(part in told for part in ("active = Active", "Reason = *outage*", "DTOngoing = Banned"))
    assert "no policy 'Gone'" in told
