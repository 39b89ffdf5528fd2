from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.policy_import.report import Outcome
from tests.resource_status import ENFORCED, RESOURCE, brought_in, entry, of_policies, remarks

if TYPE_CHECKING:
    from gridmask.policy_import.dirac import Import
    from tests.resource_status import Told

ACCESSES = "ReadAccess, WriteAccess, CheckAccess, RemoveAccess"
SECRET = "https://hooks.example.org/services/T0/B0/tellnobody"
CONFIG = {
    "Cache": "600",
    "State": "Active",
    "FromAddress": "shift@example.org",
    "notificationGroups": "ShiftersGroup",
    "Slack": SECRET,
    "Colour": "red",
    "StatusTypes": {"default": "all", "StorageElement": ACCESSES, "FTS": "all, Extra"},
    "Other": {},
}


def configured(**config: object) -> Import:
    return brought_in({"ResourceStatus": {"Config": config, "Policies": {"DTOngoing": RESOURCE}, "PolicyActions": ENFORCED}})


def test_every_option_of_the_configuration_is_accounted_for() -> None:
    made = configured(**CONFIG)
    outcomes = {name: entry(made, name).outcome for name in CONFIG if name != "StatusTypes"}
    by_hand, nothing = Outcome.BY_HAND, Outcome.NOTHING
    assert outcomes == {
        "Cache": nothing,
        "State": nothing,
        "FromAddress": by_hand,
        "notificationGroups": by_hand,
        "Slack": by_hand,
        "Colour": nothing,
        "Other": nothing,
    }


def test_status_types_are_built_in_or_have_to_be_declared() -> None:
    made = configured(**CONFIG)
    assert [entry(made, name).outcome for name in ("default", "StorageElement")] == [Outcome.BUILT_IN] * 2
    assert "status types 'all', 'Extra' of 'FTS'" in remarks(made, "FTS")


def test_what_is_as_good_as_a_password_and_whom_it_may_concern_is_not_repeated() -> None:
    made = brought_in({"ResourceStatus": {"Config": CONFIG, "Notification": {"Group": {"users": "somebody"}}}})
    said = made.layers[0].text("dirac.cfg") + str(made)
    assert not [private for private in (SECRET, "tellnobody", "shift@example.org", "somebody") if private in said]
    assert entry(made, "Group").outcome is Outcome.BY_HAND


def test_a_section_that_dirac_does_not_read_is_told() -> None:
    made = brought_in({"ResourceStatus": {"Policy": {"DTOngoing": RESOURCE}, "Policies": {}}})
    assert "DIRAC reads nothing of this name" in remarks(made, "Policy")


def test_enforcement_on_conditions_needs_review() -> None:
    made = of_policies({"DTOngoing": RESOURCE}, actions={"LogStatusAction": RESOURCE})
    assert "not only where matchParams element = Resource" in remarks(made, "LogStatusAction")
    assert entry(made, "LogStatusAction").needs_review


@pytest.mark.parametrize(("actions", "told"), [({}, True), ({"LogPolicyResultAction": {}}, True), (ENFORCED, False)])
def test_policies_that_nothing_enforced_need_review(actions: Told, *, told: bool) -> None:
    made = of_policies({"DTOngoing": RESOURCE}, actions=actions)
    assert any("DIRAC decided and changed no status" in r.text for one in made.entries for r in one.remarks) is told


def test_an_unknown_action_is_told() -> None:
    made = of_policies({}, actions={"Pager": {"actionType": "SMSAction"}, "Loose": "x"})
    assert "DIRAC has no action 'SMSAction'" in remarks(made, "Pager")
    assert entry(made, "Loose").outcome is Outcome.NOTHING
