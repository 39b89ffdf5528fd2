"""What the settings say of logging in: what is found where, and mistakes that are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import InvalidConfiguration
from gridmask.settings import Settings, load

if TYPE_CHECKING:
    from pathlib import Path

ISSUER = '[[issuer]]\nname = "iam"\nurl = "https://iam.example.org/"\n'


def written(folder: Path, text: str) -> Settings:
    path = folder / "gridmask.toml"
    path.write_text(text)
    return load(path, {})


def test_keys_and_secrets_are_found_from_where_the_settings_are(tmp_path: Path) -> None:
    access = '[access]\nurl = "https://RSS.example.org/"\nsession_key_file = "k"\n'
    proxies = 'proxies = ["127.0.0.1"]\nproxy_secret_file = "p"\n'
    settings = written(tmp_path, f'{access}{proxies}{ISSUER}client_id = "g"\nclient_secret_file = "s"\n')
    assert settings.access is not None
    assert (settings.access.url, settings.access.session_key_file) == ("https://rss.example.org", tmp_path / "k")
    assert settings.access.proxy_secret_file == tmp_path / "p"
    assert settings.issuer[0].client_secret_file == tmp_path / "s"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[access]\nurl = "http://rss.example.org"', "access.url: must be an https address"),
        ('[access]\nurl = "rss.example.org"', "access.url: must be an https address"),
        ('[access]\nurl = "https://rss.example.org/rss"', "access.url: must be a scheme, a name and perhaps a port"),
        ('[access]\nurl = "https://a@rss.example.org"', "access.url: must be a scheme, a name and perhaps a port"),
        ('[access]\nurl = "https://rss.example.org?"\nhosts = ["x"]', "access.url: 'hosts' lacks 'rss.example.org'"),
        ('[access]\nsession = "2d"', "access.session: input should be less than or equal to 1 day"),
        ('[access]\nsession = "0m"', "access.session: no time at all is too short"),
        (f'[access]\n{ISSUER}client_id = "g"', "issuer: with a client_id people log in to the portal: say where"),
        (
            f'[access]\n{ISSUER}client_secret_file = "s"',
            "issuer[0].client_secret_file: a secret is of no use without a client_id",
        ),
        (f'[access]\n{ISSUER}scopes = ["groups"]', "issuer[0].scopes: must have 'openid'"),
        ('[access]\nproxy_secret_file = "s"', "access.proxy_secret_file: a secret is of no use without 'proxies'"),
        ('[access]\n[[issuer]]\nname = "gridmask"\nurl = "https://iam.example.org/"', "issuer: 'gridmask' ends the names of"),
        (f'[access]\n{ISSUER}client_secret = "s"', "issuer[0].client_secret: there is no such key"),
    ],
)
def test_a_mistake_is_told_with_its_key(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        written(tmp_path, text)
    assert caught.value.problem.startswith(problem)


@pytest.mark.parametrize(
    ("given", "url"), [("https://a.example.org:443", "https://a.example.org"), ("https://[::1]:8000", "https://[::1]:8000")]
)
def test_an_address_is_as_browsers_have_it(tmp_path: Path, given: str, url: str) -> None:
    settings = written(tmp_path, f'[access]\nurl = "{given}"')
    assert settings.access is not None
    assert settings.access.url == url
