"""The tables that say who is notified: what is wrong in them is told with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import InvalidConfiguration
from gridmask.settings import load

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.settings import Settings

SETTINGS = """
[[source]]
name = "ours"
kind = "toml"
url = "inventory.toml"

[mail]
port = 1
sender = "gridmask@example.org"

[address.desk]
url_variable = "DESK_URL_THAT_IS_NOT_SET"

[[notify]]
name = "daily"
to = ["boss@example.org"]
digests = ["08:00"]

[[notify]]
name = "storage"
to = ["desk", "boss@example.org"]
on = { match = { type = "Storage*", status_type = "WriteAccess" }, severity = ["lost"] }
"""


def loaded(folder: Path, before: str = "", after: str = "") -> Settings:
    assert before in SETTINGS
    file = folder / "gridmask.toml"
    file.write_text(SETTINGS.replace(before, after) if before else SETTINGS)
    return load(file)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('to = ["desk", ', 'to = ["dsk", ', "notify: storage: there is no address 'dsk'; did you mean 'desk'?"),
        ("[mail]", "[male]", "male: there is no such key; did you mean 'mail'?"),
        ('sender = "gridmask@example.org"', 'sender = "nobody"', "mail.sender: must be a mail address"),
        ('["08:00"]', '["8:00"]', "notify[0].digests: '8:00' is no time of the day"),
        ('name = "storage"', 'name = "daily"', "notify: daily is declared more than once"),
        ("port = 1", 'port = 1\nuser = "x"', "a user needs a password_file or a password_variable"),
        ("digests =", 'quiet = ["mon-sun"]\n#', "quiet: leaves no hour of the week"),
        ('url_variable = "DESK_URL_THAT_IS_NOT_SET"', "", "says exactly one of url, url_file, url_variable and mail"),
        ('url_variable = "DESK', 'url = "x"\nurl_variable = "DESK', "says exactly one of"),
        ("severity", "severty", "notify[1].on.severty: there is no such key; did you mean 'severity'?"),
        ("{ match", "{ when = 'change.x', match", "notify[1].on.when: line 1, column 7: change has no 'x'"),
    ],
)
def test_a_mistake_is_refused_with_its_place(tmp_path: Path, before: str, after: str, said: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        loaded(tmp_path, before, after)
    assert said in str(caught.value)


def test_without_a_server_for_mail_nobody_is_told_by_mail(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match=r"boss@example.org can be told by mail alone: write \[mail\]"):
        loaded(tmp_path, '[mail]\nport = 1\nsender = "gridmask@example.org"\n', "")


def test_secrets_are_paths_beside_the_settings_and_never_shown(tmp_path: Path) -> None:
    url = 'url_variable = "DESK_URL_THAT_IS_NOT_SET"'
    assert loaded(tmp_path, url, 'url_file = "desk"').address["desk"].url_file == tmp_path / "desk"
    assert "topsecret" not in repr(loaded(tmp_path, url, 'url = "json://user:topsecret@x/"'))
    with pytest.raises(InvalidConfiguration) as caught:
        loaded(tmp_path, url, 'url = "json://user:topsecret@x/"\nmail = "x@example.org"')
    assert "topsecret" not in str(caught.value)
