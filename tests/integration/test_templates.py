"""Templates that people write: whose they are, and what becomes of those that are broken, endless, or too large."""

from __future__ import annotations

import resource
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.actions.notify import apart
from gridmask.actions.notify.grouping import Message, Part
from gridmask.actions.notify.items import items_of, joined
from gridmask.actions.notify.layout import Layout, Letter
from gridmask.actions.notify.writing import MessageSaid, said
from tests.clocks import NOW
from tests.news import change, news

if TYPE_CHECKING:
    from pathlib import Path

DOUBLING = "{% set ns = namespace(x='a') %}{% for i in range(40) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}"


def told(vo: str = "", name: str = "ce01") -> MessageSaid:
    parts = (Part("ops", "SITE", joined(items_of(news(change(name))))),)
    return said(Message("alice@example.org", parts), vo, "", NOW)


def test_a_vo_has_its_own_words_others_those_of_all_and_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (tmp_path / "secret.j2").write_text("Subject: secret\n")
    (folder / "cms.j2").write_text("Subject: CMS: {{ message.headline }}\nHello")
    (folder / "all.j2").write_text("Subject: all\n{{ message.sections[0].items[0].since | utc }}")
    assert Layout(folder).letters([told(vo) for vo in ("cms", "atlas", "../secret")]) == [
        Letter("CMS: ce01 can no longer be used", "Hello\n"),
        Letter("all", "2026-08-21 17:00 UTC\n"),
        Letter("all", "2026-08-21 17:00 UTC\n"),
    ]


def test_a_broken_template_gives_way_to_the_usual_form_which_says_so_and_no_other_does(tmp_path: Path) -> None:
    (tmp_path / "all.j2").write_text("Subject: x\nfine{% if 'bad' in message.headline %}{{ 1 / 0 }}{% endif %}")
    first, second, third = Layout(tmp_path).letters([told(name=name) for name in ("ce01", "bad", "ce02")])
    assert (first.body, third.body) == ("fine\n", "fine\n")
    assert second.subject == "[Gridmask] bad can no longer be used"
    assert second.trouble == "the template all.j2 is broken: ZeroDivisionError: division by zero"
    assert second.trouble in second.body


def test_a_template_that_fills_the_memory_fills_that_of_nobody_else(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (tmp_path / "cms.j2").write_text(f"Subject: x\n{DOUBLING}")
    (tmp_path / "all.j2").write_text("Subject: x\nfine")
    first, second, third = Layout(tmp_path).letters([told("cms"), told("cms"), told()])
    assert [one.trouble for one in (first, second)] == ["the template cms.j2 is broken: it takes more memory than it may"] * 2
    assert third.body == "fine\n"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


def test_what_is_not_there_in_time_is_written_in_the_usual_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart.letters, "__defaults__", (0.5,))
    (tmp_path / "all.j2").write_text("Subject: x\n{{ range(100000) | map('string') | join | length }}" * 10_000)
    letter = Layout(tmp_path).letter(told())
    assert letter.trouble == "the template all.j2 is broken: nothing came of it within 0.5 s"
    assert letter.subject == "[Gridmask] ce01 can no longer be used"


def test_templates_are_not_told_what_this_process_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "all.j2").write_text("Subject: x\nfine")
    monkeypatch.setenv("SECRET_OF_THE_TEST", "word")
    run: Any = subprocess.run
    known: set[str] = set()

    def noted(*given: Any, env: dict[str, str], **more: Any) -> object:  # noqa: ANN401 - as it is called
        known.update(env)
        return run(*given, env=env, **more)

    monkeypatch.setattr(subprocess, "run", noted)
    assert Layout(tmp_path).letter(told()).body == "fine\n"
    assert ("PATH" in known, "SECRET_OF_THE_TEST" in known) == (True, False)
