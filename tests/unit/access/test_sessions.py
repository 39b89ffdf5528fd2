from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.access.bearer import Issuer
from gridmask.access.granting import GrantRule
from gridmask.access.identity import Identity
from gridmask.access.return_paths import local
from gridmask.access.sealing import LONGEST, Seals, keys_in
from gridmask.access.sessions import Sessions
from gridmask.access.spent import MOST, Spent
from gridmask.domain.errors import InvalidConfiguration, InvalidRequest
from gridmask.domain.rights import Grant, Role
from tests.clocks import Clock
from tests.issuer import URL

if TYPE_CHECKING:
    from pathlib import Path

KEY, OTHER = b"k" * 32, b"o" * 32
IAM = Issuer("iam", URL, frozenset(), "sub", (GrantRule(Role.READER, "cms", {"groups": ("/cms",)}),))
SOMEBODY = Identity("1234@iam", URL, frozenset({Grant(Role.OPERATOR, "cms"), Grant(Role.READER, "all")}))


def sessions(clock: Clock, *keys: bytes, issuer: Issuer = IAM) -> Sessions:
    return Sessions(Seals(keys), [issuer], timedelta(hours=8), clock)


# --- Seals


def test_what_was_sealed_opens_for_its_purpose_alone() -> None:
    seals = Seals([KEY])
    assert seals.open("one", seals.seal("one", {"a": 1})) == {"a": 1}
    assert seals.open("two", seals.seal("one", {"a": 1})) is None


def test_nothing_of_what_is_sealed_can_be_read() -> None:
    first, second = (Seals([KEY]).seal("one", {"a": "plain"}) for _ in range(2))
    assert "plain" not in first
    assert first != second


def test_a_key_of_before_still_opens_and_does_not_seal() -> None:
    old, new = Seals([KEY]), Seals([OTHER, KEY])
    assert new.open("one", old.seal("one", {})) == {}
    assert old.open("one", new.seal("one", {})) is None


def test_without_a_key_each_process_has_its_own() -> None:
    assert Seals().open("one", Seals().seal("one", {})) is None


@pytest.mark.parametrize(
    "sealed", ["", "x", "....", "eyJhbGciOiJub25lIn0....", "é", "x" * 5000, "a.b.c.d.e", "e30....", "\x00"]
)
def test_what_was_never_sealed_opens_nothing(sealed: str) -> None:
    assert Seals([KEY]).open("one", sealed) is None


def test_every_letter_of_a_seal_matters() -> None:
    sealed = Seals([KEY]).seal("one", {"a": 1})
    head, _, iv, text, tag = sealed.split(".")
    for part in (head, iv, text, tag):
        changed = ("A" if part[3] != "A" else "B").join((part[:3], part[4:]))
        assert Seals([KEY]).open("one", sealed.replace(part, changed, 1)) is None


@pytest.mark.parametrize("written", [b"", b"short", b"A" * 44, b"=" * 44, b"\xff", b"QUFB", (b"A" * 43 + b"=\n") * 9])
def test_a_file_without_keys_is_refused_with_its_place(tmp_path: Path, written: bytes) -> None:
    (tmp_path / "keys").write_bytes(written)
    with pytest.raises(InvalidConfiguration, match="openssl rand -base64 32"):
        keys_in(tmp_path / "keys")


def test_a_file_that_is_not_there_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match=r"session_key_file .*keys: cannot be read"):
        keys_in(tmp_path / "keys")


# --- Sessions


def test_a_session_tells_whose_it_is() -> None:
    known = sessions(Clock(), KEY).identify(sessions(Clock(), KEY).begin(SOMEBODY))
    assert known is not None
    assert (known.name, known.issuer, known.grants) == (SOMEBODY.name, SOMEBODY.issuer, SOMEBODY.grants)


def test_a_session_is_over_after_its_time() -> None:
    clock = Clock()
    made = sessions(clock, KEY)
    kept = made.begin(SOMEBODY)
    clock.advance(hours=8)
    assert made.identify(kept) is None


def test_a_session_that_was_ended_is_over_where_it_was() -> None:
    made = sessions(Clock(), KEY)
    kept, another = made.begin(SOMEBODY), made.begin(SOMEBODY)
    ended = made.end(kept)
    assert ended is not None
    assert (ended.name, made.identify(kept), made.end(kept), made.identify(another) is None) == ("1234@iam", None, None, False)


@pytest.mark.parametrize(
    "issuer",
    [
        Issuer("other", URL, frozenset(), "sub", IAM.rules),
        Issuer("iam", URL, frozenset(), "email", IAM.rules),
        Issuer("iam", URL, frozenset(), "sub", ()),
        Issuer("iam", URL, frozenset(), "sub", (GrantRule(Role.READER, "cms", {"groups": ("/cms", "/atlas")}),)),
        Issuer("iam", "https://other.example.org/", frozenset(), "sub", IAM.rules),
    ],
)
def test_a_session_is_over_once_its_issuers_word_is_good_for_something_else(issuer: Issuer) -> None:
    kept = sessions(Clock(), KEY).begin(SOMEBODY)
    assert sessions(Clock(), KEY, issuer=issuer).identify(kept) is None


def test_a_hundred_vos_fit_and_what_a_browser_would_not_keep_is_told() -> None:
    made = sessions(Clock(), KEY)
    roles = (Role.OPERATOR, Role.AUTHOR, Role.READER)
    many = frozenset(Grant(role, f"vo{n}.example.org") for n in range(100) for role in roles)
    assert len(made.begin(Identity("1234@iam", URL, many))) <= LONGEST
    noise = frozenset(Grant(Role.READER, Seals([KEY]).seal(str(n), {})) for n in range(100))
    with pytest.raises(InvalidRequest, match="granted 100 roles"):
        made.begin(Identity("1234@iam", URL, noise))


def test_what_was_used_up_is_remembered_within_bounds() -> None:
    clock = Clock()
    spent = Spent(clock)
    for n in range(MOST + 1):
        spent.add(str(n), clock().timestamp() + 60)
    assert ("0" in spent, "1" in spent, str(MOST) in spent) == (False, True, True)
    clock.advance(minutes=2)
    spent.add("new", clock().timestamp() + 60)
    assert ("1" in spent, "new" in spent) == (False, True)


# --- Where one is led back to


@pytest.mark.parametrize(
    "path", ["/", "/vos/cms?q=CE&status=Banned", "/elements/Resource/FTS/https://x?vo=cms", "/a%2F%2Fb", "/vos/a//b"]
)
def test_a_page_of_ours_is_gone_back_to(path: str) -> None:
    assert local(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example.org/",
        "//evil.example.org",
        "///evil.example.org",
        "/\\evil.example.org",
        "\\\\evil.example.org",
        "/\t/evil.example.org",
        "/\n/evil.example.org",
        "/\r\nSet-Cookie: a=b",
        "\t//evil.example.org",
        "%2F%2Fevil.example.org",
        "javascript:alert(1)",
        "data:text/html,x",
        "vos/cms",
        "",
        "/login",
        "/login/iam",
        "/logout",
        "/\u2215evil.example.org",
        "/\u3002evil.example.org",
        "/ /evil.example.org",
        "/" + "a" * 2000,
    ],
)
def test_what_is_no_page_of_ours_leads_home(path: str) -> None:
    assert local(path) == "/"
