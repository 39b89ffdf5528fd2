"""``gridmask probe``."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INVENTORY = """
[[site]]
name = "EXAMPLE-SITE"
[[site.resource]]
name = "ce01"
type = "ComputingElement"
hosts = ["127.0.0.1"]
[[site.resource]]
name = "ce02"
type = "ComputingElement"
"""
SETTINGS = """
policies = "policies"
[[source]]
name = "own"
kind = "toml"
url = "inventory.toml"
[[probe]]
name = "gate"
kind = "tcp"
url = "tcp://{{host}}:{port}"
timeout = "2s"
match = {{ type = "ComputingElement" }}
"""


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def config(tmp_path: Path, listening: int) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "all.toml").write_text('[policy.probes]\ntype = "probe"\n')
    (tmp_path / "inventory.toml").write_text(INVENTORY)
    file = tmp_path / "gridmask.toml"
    file.write_text(SETTINGS.format(port=listening))
    assert gridmask("-c", file, "sync").code == 0
    return file


def test_probes_are_listed_with_what_they_cannot_look_at(config: Path) -> None:
    answer = gridmask("-c", config, "probe", "list")
    assert answer.lines("gate", "tcp", "5 min", "1")
    assert answer.lines("ComputingElement ce02 is not probed: it has no host.")


def test_a_run_tells_what_it_finds_and_keeps_nothing(config: Path, listening: int) -> None:
    answer = gridmask("-c", config, "probe", "run", "gate")
    assert (answer.code, bool(answer.lines("ce01", "OK", "it takes connections"))) == (0, True)
    assert answer.lines("Nothing of it was kept.")
    assert gridmask("-c", config, "probe", "list", "gate").lines("ce01", f"tcp://127.0.0.1:{listening}", "never")


def test_what_is_recorded_is_in_the_mask_and_in_the_list(config: Path) -> None:
    config.write_text(SETTINGS.format(port=1))
    answer = gridmask("-c", config, "--json", "probe", "run", "gate", "ce01", "--record")
    assert (answer.told["results"][0]["result"], answer.told["revision"]) == ("CRITICAL", 2)
    assert gridmask("-c", config, "status", "list").lines("ce01", "Banned")
    [told] = gridmask("-c", config, "--json", "probe", "list", "gate").told["probes"]
    assert [target["result"] for target in told["targets"]] == ["CRITICAL"]
    assert gridmask("-c", config, "source", "list").lines("gate", "probe tcp", "good")


def test_a_run_that_finds_trouble_fails(config: Path) -> None:
    config.write_text(SETTINGS.format(port=1))
    answer = gridmask("-c", config, "probe", "run", "gate")
    assert (answer.code, bool(answer.lines("ce01", "CRITICAL", "connection refused"))) == (1, True)


def test_a_probe_or_an_element_that_is_not_there(config: Path, tmp_path: Path) -> None:
    assert "There is no probe called 'gat'. Did you mean 'gate'?" in failing("-c", config, "probe", "run", "gat")
    assert "There is no target called 'ce03'" in failing("-c", config, "probe", "run", "gate", "ce03")
    bare = tmp_path / "bare.toml"
    bare.write_text("\n".join(line for line in config.read_text().split("[[probe]]")[0].splitlines()))
    assert "No probe is configured" in failing("-c", bare, "probe", "list")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('kind = "htpp"', "kind: there is no 'htpp'; did you mean 'http'?"),
        ('kind = "tcp"\ngreting = "x"', "greting: there is no such key for tcp; did you mean 'greeting'?"),
        ('kind = "tcp"\nurl = "tcp://{hots}:1"', "there is no {hots}"),
        ('kind = "tcp"', "url: tcp has no usual port"),
        ('kind = "tcp"\nurl = "http://{host}"', "tcp does not speak 'http'"),
        ('kind = "tls"\nwarning_days = 1\ncritical_days = 2', "critical_days (2) must not be more"),
        ('kind = "tls"\nmatch = { vo = "cms" }', "elements have no 'vo'"),
        ('kind = "tls"\ntimeout = "10m"', "must not be longer than 'every'"),
        ('kind = "tls"\nkey = "x"', "a key is of no use without a certificate"),
        ('kind = "tls"\nurl = "tls://{host}:{port}"', "{port} and {path} are those of a fact"),
        ('kind = "ldap"\nfilter = "(&(a=b)(c=d))"', "filter: '(&(a=b)(c=d))' is none that is known"),
        ('kind = "http"\nstatuses = "good"', "statuses: 'good' is no status"),
    ],
)
def test_what_cannot_be_is_said_where_it_is(tmp_path: Path, written: str, told: str) -> None:
    file = tmp_path / "gridmask.toml"
    file.write_text(f'[[source]]\nname = "own"\nkind = "toml"\nurl = "inventory.toml"\n[[probe]]\nname = "gate"\n{written}\n')
    assert told in failing("-c", file, "sync")


@pytest.mark.usefixtures("example")
def test_that_failures_are_real_is_said_for_a_while_and_taken_back() -> None:
    gridmask("sync")
    assert gridmask("probe", "believe", "--until", "+4h", "--reason", "so they say").lines("Failures are believed until")
    assert gridmask("audit").lines("probes believed", "so they say")
    assert gridmask("probe", "doubt", "--reason", "mended").lines("doubted again")
    assert "doubted already" in failing("probe", "doubt", "--reason", "mended")
    assert "within 7 days" in failing("probe", "believe", "--until", "+8d", "--reason", "x")
    assert "--until" in failing("probe", "believe", "--reason", "x", code=2)
