"""The pictures of the portal in the documentation: taken of the demonstration, in light and in dark, by ``./dev pictures``."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import quote

from playwright.sync_api import sync_playwright

from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser, ViewportSize

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "portal"

VO = "astra"

INTO_THE_PLAY = 150
"""Seconds after which enough has happened in the demonstration to be looked at."""

STARTED_WITHIN = 60
"""Seconds."""

LOOKS = 2.5
"""Seconds until a page is at rest."""

SIZE: ViewportSize = {"width": 1280, "height": 860}
ZONE = "Europe/Zurich"
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)


def main() -> int:
    """Take them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with played() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        for second in range(INTO_THE_PLAY, 0, -1):
            say(f"the demonstration plays for {second} s more")
            time.sleep(1)
        for scheme in SCHEMES:
            for name, path in pages(address).items():
                take(browser, address + path, FOLDER / f"{name}-{scheme}.png", scheme)
                say(f"{name}-{scheme}.png")
        browser.close()
    return 0


def say(words: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"\r{words.ljust(50)}")


@contextmanager
def played() -> Iterator[str]:
    """The address of a demonstration that is played meanwhile."""
    port = free_port()
    command = [sys.executable, "-m", "gridmask", "serve", "--demo", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as served:
        try:
            yield _answering(f"http://127.0.0.1:{port}")
        finally:
            served.terminate()


def _answering(address: str) -> str:
    """``address``, once a server answers there."""
    for _ in range(STARTED_WITHIN):
        with suppress(OSError), urllib.request.urlopen(f"{address}/readyz", timeout=5):
            return address
        time.sleep(1)
    raise SystemExit(f"Nothing answers at {address}.")


def pages(address: str) -> Mapping[str, str]:
    """The path of each page that is taken, by the name of its picture."""
    found = asked(f"{address}/api/v1/statuses?vo={VO}&status=Banned")["statuses"]
    banned = next((row for row in found if row["family"] == "Resource" and row["status_type"] != "all"), found[0])
    element = "/".join(quote(banned[part], safe="") for part in ("family", "type", "name"))
    return {
        "overview": f"/vos/{VO}",
        "matrix": f"/vos/{VO}/matrix",
        "element": f"/elements/{element}?vo={VO}",
        "downtimes": f"/downtimes?vo={VO}",
        "workbench": f"/policies/workbench?vo={VO}",
        "reports": f"/reports?vo={VO}",
    }


def asked(url: str) -> dict[str, list[dict[str, str]]]:
    """What the server answers."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        found: dict[str, list[dict[str, str]]] = json.load(answer)
        return found


def take(browser: Browser, url: str, file: Path, scheme: Scheme) -> None:
    """Look at ``url`` for as long as it takes, and keep what is seen."""
    context = browser.new_context(viewport=SIZE, color_scheme=scheme, timezone_id=ZONE)
    page = context.new_page()
    page.goto(url)
    page.wait_for_timeout(LOOKS * 1000)
    page.screenshot(path=file)
    context.close()


if __name__ == "__main__":
    sys.exit(main())
