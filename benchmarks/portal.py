"""The portal's matrices in Debian's chromium: how soon they are seen, how soon a change is, and what many changes leave behind.

The baseline of what is seen first is the same page, byte for byte, from a server that only hands it out.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from benchmarks.portal_server import VO

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOST = "127.0.0.1"
ROWS = 3000
TABS = 3
LOOKS = 20
"""So many single changes are waited for."""

AT_ONCE = 10
"""So many rows are changed in a transaction, where many are."""

CHANGED = 100
"""Among so many rows: each has changed before anything is compared, since what is told of a row that did is more."""

LOADS = 5
ALONE = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
SIZE = {"width": 1400, "height": 1000}

_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
_WATCHING = """() => {
  window.seen = {}; window.shifted = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shifted += one.value; })
    .observe({ type: "layout-shift", buffered: false });
  new MutationObserver((changes) => {
    for (const { target } of changes) if (target.matches(".cell"))
      requestAnimationFrame(() => { window.seen[target.hash + target.pathname + target.classList[1]] = Date.now(); });
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["class"] });
}"""


@dataclass(frozen=True, slots=True)
class Paint:
    """Milliseconds until something of a page of ``size`` kB is seen, best and median of some; ``plain``: of its bytes."""

    what: str
    size: int
    best: float
    median: float
    plain: float


@dataclass(frozen=True, slots=True)
class Live:
    """What changes made of pages that were open.

    Attributes:
        changes: how many rows were changed.
        median, most: milliseconds from the answer to who changed a row until the last of some tabs had drawn it.
        shift: the layout shift score that all of that had, in the worst tab.
        heap: megabytes of a tab's heap, before and after, garbage collected.
        nodes: of its document, likewise.
        memory: megabytes of the server, likewise.
        each: milliseconds of the server's processor for each change, its transaction included.
    """

    changes: int
    median: float
    most: float
    shift: float
    heap: tuple[float, float]
    nodes: tuple[int, int]
    memory: tuple[int, int]
    each: float


def paints(osg: Path | None) -> Iterator[Paint]:
    """How soon matrices are seen; ``osg``: what its topology lists, if that is at hand."""
    with _browser() as browser:
        with _server("grid", str(ROWS)) as grid:
            yield _paint(browser, grid, f"/vos/{VO}/matrix", f"{ROWS:,} x 8")
            yield _paint(browser, grid, f"/vos/{VO}/matrix?level=site", f"{ROWS // 8:,} sites alone")
        if osg is not None:
            with _server("osg", str(osg)) as grid:
                yield _paint(browser, grid, "/vos/cms/matrix", "OSG for cms")
                yield _paint(browser, grid, "/compare?group=none&type=ComputingElement", "OSG's CEs x 38")


def live(changes: int) -> Live:
    """What becomes of open matrices while so many rows are changed."""
    with _browser() as browser, _server("grid", str(ROWS)) as grid:
        tabs = [_opened(browser, grid) for _ in range(TABS)]
        took = [_one_change(tabs, grid, number) for number in range(LOOKS)]
        for tab in tabs[1:]:
            tab.close()
        watched = tabs[0]
        for number in range(2 * CHANGED // AT_ONCE):
            _set(watched, grid, number, AT_ONCE)
        watched.wait_for_timeout(2000)
        before, began, processor = _held(watched), grid.memory(), grid.processor_seconds()
        for number in range(changes // AT_ONCE):
            _set(watched, grid, number, AT_ONCE)
        watched.wait_for_timeout(2000)
        after, shift = _held(watched), float(watched.evaluate("window.shifted"))
        each = (grid.processor_seconds() - processor) / max(changes, 1) * 1000
        kept = ((before[0], after[0]), (before[1], after[1]), (began, grid.memory()))
        return Live(changes, statistics.median(took), max(took), shift, *kept, each)


@dataclass(frozen=True, slots=True)
class _Server:
    address: str
    pid: int

    def memory(self) -> int:
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * 4096 // 2**20

    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100


@contextmanager
def _server(kind: str, what: str) -> Iterator[_Server]:
    command = [sys.executable, "-m", "benchmarks.portal_server", kind, what]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield _Server(json.loads(process.stdout.readline())["address"], process.pid)
        finally:
            # it holds nothing that is worth a farewell, and would wait for streams to end
            process.kill()


@contextmanager
def _browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        sys.exit("There is no chromium on PATH; Debian's package `chromium` brings it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ALONE))
        yield browser
        browser.close()


def _paint(browser: Browser, server: _Server, path: str, what: str) -> Paint:
    took, size = _loads(browser, server.address + path)
    with _handed_out(browser, server.address + path) as plain:
        by_hand, _ = _loads(browser, plain + path)
    return Paint(what, size // 1024, min(took), statistics.median(took), min(by_hand))


def _loads(browser: Browser, address: str) -> tuple[list[float], int]:
    took, size = [], 0
    for _ in range(LOADS):
        context = browser.new_context(viewport=SIZE)  # type: ignore[arg-type]  # a width and a height
        page = context.new_page()
        answer = page.goto(address)
        assert answer is not None
        size = len(answer.body())
        took.append(float(page.evaluate(_PAINTED)))
        context.close()
    return took, size


@contextmanager
def _handed_out(browser: Browser, address: str) -> Iterator[str]:
    """A server that has nothing but the page at ``address`` and its files, as they are."""
    page = browser.new_page()
    answers: dict[str, tuple[bytes, Mapping[str, str]]] = {}

    def keep(answer: Any) -> None:  # noqa: ANN401 - playwright's
        if "stream" not in answer.url and answer.ok:
            answers["/" + answer.url.split("/", 3)[3]] = (answer.body(), answer.headers)

    page.on("requestfinished", lambda request: keep(request.response()))
    page.goto(address)
    page.wait_for_timeout(500)
    page.close()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body, headers = answers.get(self.path, (b"", {}))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", headers.get("content-type", "text/plain"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_address[1]}"
        server.shutdown()


def _opened(browser: Browser, server: _Server) -> Page:
    page = browser.new_context(viewport=SIZE).new_page()  # type: ignore[arg-type]  # as above
    page.goto(f"{server.address}/vos/{VO}/matrix")
    page.wait_for_function("document.getElementById('live').textContent === 'live'")
    page.wait_for_timeout(1000)
    page.evaluate(_WATCHING)
    return page


def _name(number: int) -> str:
    return f"vault{number % 8}.site{number // 8 % (ROWS // 8):03}.example.org"


def _set(page: Page, server: _Server, number: int, rows: int) -> str:
    status = ("Banned", "Active")[number % 2]
    names = [_name((number // 2 * rows + one) % CHANGED) for one in range(rows)]
    wanted = [{"name": name, "vo": VO, "status_type": "Check"} for name in names]
    answer = page.request.post(f"{server.address}/api/v1/statuses", data={"rows": wanted, "status": status, "reason": "tried"})
    assert answer.ok, answer.text()
    return status


def _one_change(tabs: list[Page], server: _Server, number: int) -> float:
    status = _set(tabs[0], server, number, 1)
    done, key = time.time() * 1000, f"#status-Check/elements/Resource/Vault/{_name(number // 2)}{status}"
    for tab in tabs:
        tab.wait_for_function("(key) => window.seen[key]", arg=key)
    took = max(float(tab.evaluate("(key) => window.seen[key]", key)) for tab in tabs) - done
    tabs[0].wait_for_timeout(300)
    return took


def _held(page: Page) -> tuple[float, int]:
    """Megabytes of the heap, and nodes, after all garbage is gone."""
    session = page.context.new_cdp_session(page)
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"] / 2**20
    nodes = session.send("Memory.getDOMCounters")["nodes"]
    session.detach()
    return used, nodes
