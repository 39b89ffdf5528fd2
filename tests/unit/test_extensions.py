from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from gridmask import extensions
from gridmask.actions.settings import Action
from gridmask.domain.decision import ReasonKind
from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import InvalidConfiguration, MalformedAnswer, NotTold
from gridmask.domain.news import News, Notice
from gridmask.domain.status import Status
from gridmask.plugins import action_of, kind_of
from gridmask.policies import files as policy_files
from gridmask.policies.catalogue import rules
from gridmask.rules import name_of
from gridmask.source import Source
from gridmask.testing import answered, case, element
from tests.clocks import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Install = Callable[..., None]

MODULE = """
from dataclasses import dataclass
from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.policy import Finding
from gridmask.domain.status import Status
from gridmask.kinds import MeasurementKind

@dataclass(frozen=True, slots=True)
class Named:
    '''Bans what is called so.

    Attributes:
        name: what is banned.
    '''
    name: str
    how: Status = Status.BANNED

    def assess(self, case):
        if self.name == "boom":
            raise KeyError("boom")
        if self.name == "nothing":
            return None
        named = case.row.element.name == self.name
        return Finding(self.how if named else Status.ACTIVE, (Reason(ReasonKind.CONSTANT, "So it is called."),))

@dataclass
class Teller:
    where: str

    async def tell(self, news):
        raise OSError(f"{self.where} is away")

def read(answer, source, types):
    raise IndexError("no such column")

KIND = MeasurementKind(read)
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Makes a package there is, with entry points by group."""

    def install(package: str = "extra", module: str = MODULE, **groups: str) -> None:
        site = tmp_path / package
        metadata = site / f"{package}-1.0.dist-info"
        metadata.mkdir(parents=True)
        (site / f"{package}.py").write_text(module)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        points = "\n".join(f"[gridmask.{group}]\n{lines}" for group, lines in groups.items())
        (metadata / "entry_points.txt").write_text(points)
        monkeypatch.syspath_prepend(str(site))
        monkeypatch.delitem(sys.modules, package, raising=False)
        extensions.found.cache_clear()

    yield install
    extensions.found.cache_clear()


def refusal(kind: str, **arguments: object) -> str:
    with pytest.raises(InvalidConfiguration) as caught:
        policy_files.rule(kind, arguments)
    ((_, text),) = caught.value.details
    return text


CE = element("ce.example.org")
SOURCE = Source(name="there", kind="extra-kind", url="file:///nowhere")


def test_a_rule_of_a_plug_in_is_used_like_one_that_is_built_in(install: Install) -> None:
    install(rules="named = extra:Named")
    rule = policy_files.rule("named", {"name": "ce.example.org", "how": "Degraded"})
    assert rule.assess(case(CE, at="10:00")).status is Status.DEGRADED
    assert name_of(rule) == "named"
    assert rule == policy_files.rule("named", {"name": "ce.example.org", "how": "Degraded"})


def test_its_arguments_are_checked(install: Install) -> None:
    install(rules="named = extra:Named")
    with pytest.raises(InvalidConfiguration) as caught:
        policy_files.rule("named", {"nme": "x", "how": "Bannd"})
    told: dict[tuple[str | int, ...], str] = dict(caught.value.details)
    assert told["arguments", "nme"] == "there is no such key; did you mean 'name'?"
    assert told["arguments", "name"] == "is missing"
    assert "Did you mean 'Banned'?" in told["arguments", "how"]


def test_a_rule_is_suggested_from_those_of_plug_ins_too(install: Install) -> None:
    install(rules="named = extra:Named")
    assert refusal("namd") == "there is no rule 'namd'; did you mean 'named'?"


@pytest.mark.parametrize(
    ("name", "said"), [("boom", "The rule named failed: KeyError: 'boom'"), ("nothing", "gave no finding")]
)
def test_a_rule_that_fails_has_no_verdict_and_says_so(install: Install, name: str, said: str) -> None:
    install(rules="named = extra:Named")
    finding = policy_files.rule("named", {"name": name}).assess(case(CE, at="10:00"))
    assert (finding.status, finding.reasons[0].kind) == (None, ReasonKind.ERROR)
    assert said in finding.reasons[0].text


def test_a_name_that_is_built_in_is_refused_where_it_is_used(install: Install) -> None:
    install(rules="downtime = extra:Named")
    assert refusal("downtime") == "'downtime' is built in, and extra has it, too; remove that package, or rename it there"
    assert name_of(policy_files.rule("always", {"status": "Banned"})) == "always"


def test_a_name_that_two_packages_have_is_refused(install: Install) -> None:
    install(rules="named = extra:Named")
    install("more", rules="named = more:Named")
    assert refusal("named", name="x") == "extra and more both have 'named'; remove one of them"


@pytest.mark.parametrize(
    ("point", "module", "said"),
    [
        ("gone:Named", MODULE, "'named' of extra (gone:Named) cannot be loaded: ModuleNotFoundError: No module named 'gone'"),
        ("extra:Nmed", MODULE, "cannot be loaded: AttributeError"),
        ("extra:Named", "raise RuntimeError('not today')", "cannot be loaded: RuntimeError: not today"),
        ("extra:KIND", MODULE, "'named' of extra is no rule: a dataclass with a method assess(case)"),
    ],
)
def test_a_broken_plug_in_is_named_where_it_is_used_and_disturbs_nobody_else(
    install: Install, point: str, module: str, said: str
) -> None:
    install(module=module, rules=f"named = {point}")
    assert name_of(policy_files.rule("always", {"status": "Banned"})) == "always"
    assert said in refusal("named", name="x")
    assert said in next(rule.problem for rule in rules() if rule.name == "named")


def test_the_catalogue_tells_rules_with_their_arguments(install: Install) -> None:
    install(rules="named = extra:Named")
    told = {rule.name: rule for rule in rules()}
    assert (told["named"].package, told["named"].summary) == ("extra", "Bans what is called so.")
    assert [(a.name, a.type, a.default, a.meaning) for a in told["named"].arguments] == [
        ("name", "text", "", "what is banned."),
        ("how", "status", "Banned", ""),
    ]
    assert told["downtime"].package == ""


def test_a_kind_of_source_of_a_plug_in_that_fails_is_named(install: Install) -> None:
    install(collectors="extra-kind = extra:KIND")
    kind = kind_of(SOURCE)
    assert kind.evidence == "measurements"
    with pytest.raises(MalformedAnswer, match="there: the plug-in extra failed on it: IndexError: no such column"):
        kind.read(answered(b""), SOURCE, TypeRegistry())


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ("extra-knd = extra:KIND", "source there: kind: there is no 'extra-kind'; did you mean 'extra-knd'?"),
        ("extra-kind = extra:read", "'extra-kind' of extra is no InventoryKind, DowntimeKind or MeasurementKind"),
        ("extra-kind = gone:KIND", "source there: kind: 'extra-kind' of extra (gone:KIND) cannot be loaded"),
    ],
)
def test_a_kind_of_source_that_cannot_be_had_is_refused(install: Install, points: str, said: str) -> None:
    install(collectors=points)
    with pytest.raises(InvalidConfiguration) as caught:
        kind_of(SOURCE)
    assert said in str(caught.value)


def test_an_action_of_a_plug_in_that_fails_is_tried_again(install: Install) -> None:
    install(actions="teller = extra:Teller")
    action = action_of(Action(name="desk", kind="teller", options={"where": "the clerk"}))
    with pytest.raises(NotTold, match="action desk: OSError: the clerk is away"):
        anyio.run(action.tell, News("revision-1", 1, NOW, Notice("other", {})))


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("teler", {}, "action desk: kind: there is no 'teler'; did you mean 'teller'?"),
        ("teller", {"were": "x"}, "action desk: where: is missing; were: there is no such key; did you mean 'where'?"),
        ("webhook", {}, "kind: 'webhook' is built in; write it as [[webhook]]"),
        ("reader", {}, "kind: 'reader' is no action: a dataclass with a method tell(news)"),
    ],
)
def test_an_action_that_cannot_be_had_is_refused(install: Install, kind: str, options: dict[str, Any], said: str) -> None:
    install(actions="teller = extra:Teller\nreader = extra:read")
    with pytest.raises(InvalidConfiguration) as caught:
        action_of(Action(name="desk", kind=kind, options=options))
    assert said in str(caught.value)
