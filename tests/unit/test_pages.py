"""Every link of the documentation leads somewhere, and every page, picture and path that it names is there."""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.documentation import DOCS, ROOT, Page

PAGES = [path.relative_to(ROOT).as_posix() for path in (*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")))]


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    page = Page.of(name)
    for target, _, anchor in (link.partition("#") for link in re.findall(r"\]\(([^)\s]+)\)", page.prose)):
        if not re.match(r"[a-z]+:", target):
            found = (page.path.parent / target) if target else page.path
            assert found.exists(), f"{name}: {target} does not exist"
            assert (
                not anchor
                or found.suffix == ".png"
                or anchor in _anchors(Page.of(found.resolve().relative_to(ROOT).as_posix()))
            ), f"{name}: {target}#{anchor}"


@cache
def _anchors(page: Page) -> set[str]:
    """The anchors of a page's headings, as the site and code hosts make them."""
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in page.headings()}


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md"])
def test_every_path_that_a_page_names_exists(name: str) -> None:
    paths = re.findall(r"`((?:src|tests|docs|examples|benchmarks|requirements)/[\w./-]*)`", Page.of(name).text)
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_page_is_in_the_navigation() -> None:
    named = re.findall(r'= "([\w/-]+\.md)"', (ROOT / "zensical.toml").read_text(encoding="utf-8"))
    assert sorted(named) == sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def test_every_decision_is_in_the_index() -> None:
    index = Page.of("docs/decisions/index.md").text
    assert [path.name for path in DOCS.glob("decisions/0*.md") if f"({path.name})" not in index] == []


def test_every_picture_is_shown_somewhere() -> None:
    pages = "".join(Page.of(name).text for name in PAGES)
    assert [path.name for path in DOCS.glob("pictures/*.svg") if f"pictures/{path.name})" not in pages] == []
