"""Masks from the command line, of the example installation."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gridmask import bootstrap, settings
from gridmask.service.masks import FORMATS
from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("example")


def test_the_masks_of_the_example_differ_as_its_files_say() -> None:
    def said(vo: str, *name: str) -> list[list[str]]:
        lines = gridmask("mask", vo, *(part for each in name for part in ("--name", each))).out.splitlines()
        return [line.split("\t")[2:] for line in lines[1:]]

    assert said("aurora", "glacier-ce", "fjord-ce2") == [["fjord-ce2", "all", "Active"], ["glacier-ce", "all", "Banned"]]
    assert said("comet", "glacier-ce", "fjord-ce2") == [["glacier-ce", "all", "Degraded"], ["fjord-ce2", "-", "not offered"]]
    assert said("borealis", "tundra-ce2", "nowhere") == [["tundra-ce2", "-", "out of service"], ["nowhere", "-", "not known"]]
    assert ["tundra-disk", "WriteAccess", "Banned"] in said("comet", "tundra-disk")
    assert [line[2] for line in said("borealis", "tundra-disk")] == ["Active"] * 4


def test_the_mask_is_byte_by_byte_what_the_other_doors_serve(example: Path) -> None:
    async def served(vo: str, encoding: str) -> str:
        async with bootstrap.visit(settings.load(example / "gridmask.toml")) as installation:
            return (await installation.masks.serve(vo, encoding)).body.decode()

    assert gridmask("mask", "aurora", "--format", "text").out == asyncio.run(served("aurora", "text"))
    assert gridmask("mask", "AUR", "--json").out == asyncio.run(served("aurora", "json"))
    for form in FORMATS:
        assert gridmask("mask", "aurora", "--format", form).out == asyncio.run(served("aurora", form))


def test_a_mask_of_the_past_has_the_rows_that_were_served() -> None:
    def rows(*at: str) -> list[str]:
        return gridmask("mask", "aurora", *at).out.splitlines()[1:]

    before, moment = rows(), datetime.now(UTC).isoformat()
    gridmask("status", "set", "Degraded", "fjord-ce2", "--vo", "aurora", "--reason", "smoke")
    assert rows("--at", moment) == before != rows()
    assert rows("--at", "now") == rows()


def test_a_moment_of_which_no_mask_can_be_told_is_refused() -> None:
    assert "still to come" in failing("mask", "aurora", "--at", "+2h")
    assert "is known since" in failing("mask", "aurora", "--at", "2001-01-01T00:00Z")
    assert "leave out --name" in failing("mask", "aurora", "--at", "now", "--name", "fjord-ce2", code=2)


def test_what_is_probing_is_listed_for_tests_alone() -> None:
    gridmask("status", "set", "Probing", "fjord-ce1", "--vo", "aurora", "--reason", "It is to be tried.")

    def said(*more: str) -> list[list[str]]:
        return [line.split("\t")[2:] for line in gridmask("mask", "aurora", *more).out.splitlines()[1:]]

    assert ["fjord-ce1", "all", "Probing"] in said("--purpose", "test")
    assert {row[2] for row in said("--purpose", "use")} <= {"Active", "Degraded"}
    assert said("--purpose", "use", "--name", "fjord-ce1") == [["fjord-ce1", "-", "not usable"]]
    assert "(usable for tests only)" in gridmask("status", "why", "fjord-ce1", "--vo", "aurora").out


def test_what_a_mask_does_not_show_is_absent_for_a_reason() -> None:
    told = gridmask("mask", "comet", "--json", "--name", "fjord-ce2", "--name", "nowhere", "--name", "fjord-ce1").told
    assert [(e["name"], e.get("absence")) for e in told["elements"]] == [
        ("fjord-ce2", "not offered"),
        ("nowhere", "not known"),
        ("fjord-ce1", None),
    ]


def test_an_unknown_vo_is_refused_with_a_suggestion() -> None:
    assert "There is no VO called 'aurorra'. Did you mean 'aurora'?" in failing("mask", "aurorra")


def test_a_feed_is_made_of_a_whole_mask() -> None:
    assert "leave out --name" in failing("mask", "aurora", "--format", "ssb", "--name", "fjord-ce1", code=2)
    assert "not as ssb" in failing("mask", "aurora", "--format", "ssb", "--at", "2026-08-21T17:00Z")
