"""The bench on which somebody tries other policies of a VO: what they wrote, and what came of what they asked of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.errors import GridmaskError
from gridmask.domain.rights import Action
from gridmask.portal.frame import pages
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.sections import POLICIES
from gridmask.portal.policies.difference import Difference, difference
from gridmask.portal.policies.foreseen import Foreseen, foreseen
from gridmask.portal.policies.retold import Retold, retold
from gridmask.service.policy_layers import named
from gridmask.service.replay_trials import DAYS
from gridmask.store.policy_layers import revision_of

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.policies.check import Checked
    from gridmask.policies.testing.outcome import Outcome
    from gridmask.portal.frame.reader import Reader
    from gridmask.service.policy_texts import Standing

MOST_LINES = 3000
"""Of a longer text, no copy with numbered lines is shown beside what is wrong in it."""

TESTS = """\
# What must become of what, when. Nothing of it is about the real world: say what there is, what happens, what you expect.
#
# [[element]]
# name = "disk"
# type = "StorageElement"
#
# [[test]]
# name = "Writing is drained before an outage"
#
# [[test.at]]
# time = "08:00"
# downtime = [{{ start = "+30m", end = "+3h" }}]
# expect = [{{ vo = "{vo}", status_type = "WriteAccess", status = "Banned" }}]
"""
"""What tests can begin with."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody writes.

    Attributes:
        text: what the VO's layer is to say.
        tests: what tests are to say of it.
        seen: the name of the layer that it began with.
        reason: why.
        days: over how many of the last days they look back.
    """

    text: str
    tests: str
    seen: str
    reason: str = ""
    days: int = DAYS[1]


@dataclass(frozen=True, slots=True)
class Results:
    """What came of what was asked for: ``asked`` names it. What was not asked for is None."""

    asked: str
    checked: Checked | None = None
    outcomes: list[Outcome] | None = None
    foreseen: Foreseen | None = None
    retold: Retold | None = None
    problem: str = ""

    @property
    def failed(self) -> int:
        """How many tests failed."""
        return sum(not outcome.passed for outcome in self.outcomes or ())


@dataclass(frozen=True, slots=True)
class Bench:
    """Where one reader tries policies of one VO."""

    gridmask: Installation
    reader: Reader
    vo: str
    standing: Standing

    @property
    def seen(self) -> str:
        """What the layer that stands is called."""
        layer = self.standing.layer
        return named(layer.version) if layer else revision_of(self.standing.text)

    @property
    def tries(self) -> bool:
        """Whether the reader may try anything."""
        return self.reader.actor.may(Action.CHECK_POLICIES, self.vo)

    @property
    def puts(self) -> bool:
        """Whether they may put it into force here."""
        return self.standing.layer is not None and self.reader.actor.may(Action.PUT_POLICIES, self.vo)

    @property
    def days(self) -> tuple[int, ...]:
        """How many days back they can look."""
        return DAYS

    @property
    def begins(self) -> str:
        """The text that somebody begins with: what stands, or an example."""
        return self.standing.text or self.gridmask.policy_texts.example(self.vo)

    async def begun(self, version: int | None) -> Draft:
        """What somebody begins with: what stands, a version that did once, or an example."""
        text = self.begins
        if version is not None:
            text = (await self.gridmask.policy_layers.show(self.vo, version)).text
        return Draft(text, TESTS.format(vo=self.vo), self.seen)

    async def results(self, draft: Draft, asked: str) -> Results:
        """What comes of asking for it; a text in which something is wrong is only checked."""
        try:
            checked = await self.gridmask.policy_layers.check(self.reader.actor, self.vo, draft.text, "the text")
            found = Results(asked, checked)
            return found if checked.errors else await self._more(found, draft)
        except GridmaskError as error:
            return Results(asked, problem=str(error))

    async def _more(self, found: Results, draft: Draft) -> Results:
        trials, actor = self.gridmask.policy_trials, self.reader.actor
        if found.asked == "test":
            return replace(found, outcomes=await trials.test(actor, self.vo, draft.text, draft.tests))
        if found.asked == "replay":
            replayed = await self.gridmask.replay_trials.over(actor, self.vo, draft.text, draft.days)
            return replace(found, retold=await to_thread.run_sync(retold, replayed))
        if found.asked in {"what-if", "save", "put"}:
            tried = await trials.what_if(actor, self.vo, draft.text)
            lines = (await self.gridmask.matrices.of(self.vo)).lines
            known = {line.element.key: line.element for line in lines}
            return replace(found, foreseen=await to_thread.run_sync(foreseen, tried, known))
        return found

    async def page(self, draft: Draft, results: Results | None) -> pages.Page:
        """The bench with ``draft`` on it."""
        numbered = (
            results is not None and results.checked is not None and bool(results.checked.errors or results.checked.warnings)
        )
        lines = draft.text.split("\n") if numbered else []
        about = {"bench": self, "draft": draft, "results": results, "lines": lines if len(lines) <= MOST_LINES else []}
        return await pages.made("policies/workbench.html", {**about, **await self._around()})

    async def confirmation(self, draft: Draft, results: Results, problem: str = "") -> pages.Page:
        """What is to be read before ``draft`` is put into force: the difference, and what it would lead to."""
        differs: Difference = await to_thread.run_sync(difference, self.standing.text, draft.text)
        about = {
            "bench": self,
            "draft": draft,
            "results": results,
            "difference": differs,
            "problem": problem,
            "overtaken": draft.seen != self.seen,
        }
        return await pages.made("policies/confirm.html", {**about, **await self._around()})

    async def _around(self) -> dict[str, object]:
        return {"vo": self.vo, **await around(self.gridmask, self.reader, POLICIES, self.vo)}
