"""What notifications look like."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from gridmask.actions.notify.grouping import Message, Part
from gridmask.actions.notify.items import Item, items_of, joined
from gridmask.actions.notify.layout import Layout, Letter
from gridmask.actions.notify.rendering import Job, attempted
from gridmask.actions.notify.services import _redacted
from gridmask.actions.notify.writing import MessageSaid, said
from gridmask.domain.news import HeldBatch, News, Reminder, SourceState
from gridmask.domain.status import Status
from tests.clocks import NOW
from tests.news import change, news

A, B = Status.ACTIVE, Status.BANNED


def told(*some: Item, vo: str = "", portal: str = "") -> MessageSaid:
    return said(Message("alice@example.org", (Part("ops", "SITE", joined(some)),)), vo, portal, NOW)


def written(*some: Item, vo: str = "", portal: str = "") -> Letter:
    return Layout().letter(told(*some, vo=vo, portal=portal))


def items(*what: News) -> tuple[Item, ...]:
    return tuple(item for one in what for item in items_of(one))


def test_it_tells_what_changed_why_since_when_and_where_to_look() -> None:
    letter = written(*items(news(change(vo="cms", number=42))), vo="cms", portal="https://rss.example.org")
    assert letter.subject == "[Gridmask cms] ce01 can no longer be used"
    assert letter.body == (
        "SITE\n"
        "* ComputingElement ce01 for cms: Active -> Banned, since 2026-08-21 17:00 UTC\n"
        "  In downtime 1816: cooling.\n"
        "  Revision 42. https://rss.example.org/elements/Resource/ComputingElement/ce01?vo=cms\n"
        "\n"
        "--\n"
        "1 change, told by ops at 2026-08-21 17:00 UTC. https://rss.example.org\n"
    )


def test_what_is_back_as_before_is_told_with_each_change() -> None:
    letter = written(*items(news(change(number=1)), news(change(before=B, after=A, number=2, actor="alice"))))
    assert letter.subject == "[Gridmask] ce01 is back as before"
    assert "Active, and back after 2 changes" in letter.body
    assert "    2026-08-21 17:00 UTC  Banned -> Active: In downtime 1816: cooling. (alice) [revision 2]\n" in letter.body


def test_the_subject_tells_the_gravest_first_and_only_so_many() -> None:
    lost = [change(f"ce{n}", number=n) for n in range(1, 9)]
    letter = written(*items(news(change("ce9", before=B, after=A, number=9)), news(*lost, number=10)))
    assert letter.subject == "[Gridmask] ce1, ce2 and 6 others can no longer be used; ce9 can be used again"


@pytest.mark.parametrize(
    ("about", "subject", "line"),
    [
        (
            HeldBatch("12", "held", "source osg", 1200, ("cms",)),
            "batch 12 held",
            "batch 12, 2026-08-21 17:00 UTC: held: 1,200 rows because of source osg, from cms",
        ),
        (
            Reminder("alice", NOW, NOW, ("ComputingElement ce01 for cms",)),
            "reminder of alice what you hold ends at 2026-08-21 17:00 UTC",
            "what you hold ends at 2026-08-21 17:00 UTC: ComputingElement ce01 for cms",
        ),
        (SourceState("osg", "failing", "no answer", {}), "source osg failing", "17:00 UTC: failing: no answer"),
        (SourceState("osg", "good", "", {}), "source osg good", "source osg, 2026-08-21 17:00 UTC: good"),
    ],
)
def test_other_things_are_told_in_words(about: HeldBatch | Reminder | SourceState, subject: str, line: str) -> None:
    letter = written(*items(News("x", 1, NOW, about)))
    assert letter.subject == f"[Gridmask] {subject}"
    assert line in letter.body


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("Subject: {{ message.nothing }}\n", "'gridmask.actions.notify.writing.MessageSaid object' has no attribute 'nothing'"),
        ("Subject: x\n{% for %}", "line 2: Expected an expression"),
        ("no subject", "its first line must be as in 'Subject: {{ message.headline }}'"),
        ("Subject: {{ ''.__class__.__mro__ }}", "access to attribute '__class__' of 'str' object is unsafe"),
        ("Subject: {{ 1 / 0 }}", "ZeroDivisionError: division by zero"),
        ("Subject: x\n{% for i in range(999999999) %}x{% endfor %}", "OverflowError"),
        ("Subject: {{ 'x' * 99999999 }}", "there is no * but for numbers"),
        ("Subject: {{ 10 ** 10 ** 10 }}", "there is no ** but for numbers"),
        ("Subject: {{ '%999999999d' % 1 }}", "there is no % but for numbers"),
        ("Subject: {{ 'x'.ljust(999999999) }}", "is unsafe"),
        ("Subject: {{ 'x' | center(999999999) }}", "No filter named 'center'"),
        (
            "Subject: x\n{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
            "it takes more than 0.3 s",
        ),
        ("Subject: x\n{% include 'all.j2' %}", "no loader for this environment"),
    ],
)
def test_what_is_wrong_with_a_template_is_told_with_its_place(template: str, said: str) -> None:
    letter = attempted(Job(template, told(*items(news(change())))), 0.3)
    assert (said in letter.trouble, letter.body) == (True, "")


def test_what_sources_say_makes_no_lines_of_a_subject() -> None:
    letter = written(*items(news(change("ce01\r\nBcc: everybody@example.org"))))
    assert letter.subject == "[Gridmask] ce01\\r Bcc: everybody@example.org can no longer be used"
    assert "\nBcc:" not in letter.body


def test_what_sources_say_calls_nobody_in_a_chat() -> None:
    letter = written(*items(news(change("@channel"))))
    assert "@channel" not in letter.subject + letter.body
    assert written(*items(news(change("a@all.example.org")))).body.count("a@all.example.org") == 1


def test_what_shows_nothing_does_nothing_either() -> None:
    letter = written(*items(news(change("ce\0 1\x1b[31m\u202e\x85x"))))
    assert letter.subject == r"[Gridmask] ce\x00 1\x1b[31m\u202e\x85x can no longer be used"
    assert letter.body.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "url", ["slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdn/#c", "mmosts://user:pass%20word@chat.example.org/TIiajkdn"]
)
def test_nothing_of_a_url_is_told(url: str) -> None:
    told = _redacted(f"could not send to {url}: {unquote(url)}", url)
    assert [part for part in ("TIiajkdn", "T1JJ3T3L2", "pass word", "pass%20word") if part in told] == []
