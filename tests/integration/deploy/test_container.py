"""The Containerfile. What it runs was run by hand, where the documentation says; here is what can be seen without that."""

from __future__ import annotations

import json
import re
import subprocess

from tests.documentation import ROOT

TEXT = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
KNOWN = {"ARG", "FROM", "RUN", "COPY", "ENV", "USER", "WORKDIR", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}


def instructions() -> list[tuple[str, str]]:
    lines = "\n".join(line for line in TEXT.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", lines)
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line.strip())]


def of(name: str) -> list[str]:
    return [rest for other, rest in instructions() if other == name]


def test_it_consists_of_instructions() -> None:
    assert {name for name, _ in instructions()} - KNOWN == set()


def test_it_names_no_registry_and_one_base() -> None:
    assert {rest.split()[0] for rest in of("FROM")} == {"${BASE}"}
    assert re.fullmatch(r"BASE=[a-z]+:[\w.-]+", of("ARG")[0])
    assert re.search(r"https?://(?!127\.0\.0\.1)", TEXT) is None


def test_what_runs_is_not_root_and_cannot_install_anything() -> None:
    last = TEXT[TEXT.rindex("FROM ${BASE}") :]
    assert "USER gridmask" in last
    assert "pip" not in re.sub(r"^#.*$", "", last, flags=re.MULTILINE)


def test_every_package_is_pinned_by_its_hash() -> None:
    (requirements,) = [argument.partition("=")[2] for argument in of("ARG") if argument.startswith("REQUIREMENTS=")]
    pinned = (ROOT / "requirements" / requirements).read_text(encoding="utf-8")
    assert "--require-hashes" in TEXT
    assert len(re.findall(r"^[a-z0-9].*==", pinned, re.MULTILINE)) < pinned.count("--hash=sha256:")


def test_what_it_runs_can_be_read_by_a_shell() -> None:
    for command in of("RUN"):
        assert subprocess.run(["sh", "-n"], input=command, text=True, check=False).returncode == 0, command
    for form in (*of("ENTRYPOINT"), *of("CMD"), of("HEALTHCHECK")[0].partition("CMD ")[2]):
        assert all(isinstance(word, str) for word in json.loads(form))
