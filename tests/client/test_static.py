"""A mask that lies somewhere as a file is followed as one that a server has."""

from __future__ import annotations

import gzip
import json
import time
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest

from gridmask.service import static_files
from gridmask_client import Mask, Pace
from gridmask_client.errors import NotFound, Unusable
from gridmask_client.masks import MaskElement, WholeMask
from gridmask_client.snapshot import Snapshot
from tests.nginx import nginx
from tests.servers import private_folder

QUICK = Pace(poll=0.03, first=0.03, longest=0.05, settle=0.2)

LOCATION = """
location /masks/ {{ alias {folder}/www/; gzip_static on; add_header Cache-Control no-cache; }}
location ~ ^/masks/([^/]+/[0-9]+-[0-9a-f]+/.+)$ {{
    alias {folder}/www/$1;
    gzip_static on;
    add_header Cache-Control "max-age=31536000, public, immutable";
}}
"""


class Copy:
    """A static copy, as ``gridmask export static`` makes one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, revision: int, status: str, mark: str = "0123456789abcdef", *, is_right: bool = True) -> None:
        elements = (MaskElement("Resource", "CE", "ce", "A", {"all": status}),)
        body = Snapshot.of(WholeMask("cms", revision, elements, mark=mark)).encoded()
        place = self.folder / "cms" / f"{revision}-{mark}"
        place.mkdir(parents=True, exist_ok=True)
        (place / "mask.json").write_bytes(body)
        digest = sha256(body if is_right else b"").hexdigest()
        file = {"file": "mask.json", "size": len(body), "sha256": digest}
        entry = {"revision": revision, "mark": mark, "path": f"cms/{place.name}", "formats": {"json": {"identity": file}}}
        index = json.dumps({"format": 1, "masks": {"cms": entry}, "aliases": {"uscms": "cms"}})
        static_files.put(self.folder / "index.json", index.encode())

    def checked(self, moment: str) -> None:
        (self.folder / "checked.json").write_text(json.dumps({"checked_at": moment}))


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    made = Copy(tmp_path)
    made.has(3, "Active")
    return made


def until(mask: Mask, revision: int) -> bool:
    """Wait until the mask has it; whether it came."""
    end = time.monotonic() + 10
    while mask.revision != revision and time.monotonic() < end:
        time.sleep(0.01)
    return mask.revision == revision


@pytest.mark.parametrize("ending", ["", "/", "/index.json"])
def test_a_copy_on_disk_is_followed(copy: Copy, ending: str) -> None:
    with Mask(f"file://{copy.folder}{ending}", "USCMS", pace=QUICK) as mask:
        assert (mask.vo, mask.usable("ce"), mask.is_streaming) == ("cms", True, False)
        copy.has(4, "Banned")
        assert until(mask, 4)
        assert not mask.usable("ce")


def test_it_is_as_old_as_the_copy_says(copy: Copy) -> None:
    copy.checked("2020-01-01T00:00:00Z")
    with Mask(f"file://{copy.folder}", "cms", pace=QUICK, stale_after=60) as mask:
        assert mask.is_stale
    (copy.folder / "checked.json").unlink()
    with Mask(f"file://{copy.folder}", "cms", pace=QUICK, stale_after=60) as mask:
        assert not mask.is_stale


def test_what_is_half_there_is_not_taken(copy: Copy) -> None:
    with Mask(f"file://{copy.folder}", "cms", pace=QUICK) as mask:
        copy.has(4, "Banned", is_right=False)
        time.sleep(0.2)
        assert (mask.revision, "not what the index says" in str(mask.problem)) == (3, True)
        copy.has(5, "Banned")
        assert until(mask, 5)
        assert mask.problem is None


def test_another_past_is_told_as_such(copy: Copy) -> None:
    restored = []
    with Mask(f"file://{copy.folder}", "cms", pace=QUICK) as mask:
        mask.on_change(lambda change: restored.append(change.restored))
        copy.has(4, "Banned")
        assert until(mask, 4)
        copy.has(3, "Error", "fedcba9876543210")
        assert until(mask, 3)
    assert restored == [False, True]


def test_what_is_not_there_is_told(copy: Copy) -> None:
    with pytest.raises(NotFound, match="it has cms"):
        Mask(f"file://{copy.folder}", "atlas", pace=QUICK)
    with pytest.raises(NotFound, match="There is no"):
        Mask(f"file://{copy.folder}/nowhere", "cms", pace=QUICK)
    for url in ("file://elsewhere/masks", "file:masks"):
        with pytest.raises(Unusable):
            Mask(url, "cms")
    with Mask(f"file://{copy.folder}", "cms", pace=QUICK) as mask, pytest.raises(Unusable, match="ask a server"):
        mask.why("ce")


def test_a_copy_that_nginx_carries_is_followed_and_sent_as_it_was_packed() -> None:
    with private_folder("gridmask-static-") as folder, nginx(LOCATION.format(folder=folder)) as server:
        copy = Copy(folder / "www")
        copy.has(3, "Active")
        (packed,) = (Path(f"{file}.gz") for file in copy.folder.glob("cms/*/mask.json"))
        packed.write_bytes(gzip.compress(packed.with_suffix("").read_bytes()))
        with Mask(f"{server.url}/masks/index.json", "cms", pace=QUICK) as mask:
            assert mask.usable("ce")
            copy.has(4, "Banned")
            assert until(mask, 4)
        with httpx2.stream("GET", f"{server.url}/masks/cms/{packed.parent.name}/mask.json") as answer:
            assert (answer.headers["Content-Encoding"], b"".join(answer.iter_raw())) == ("gzip", packed.read_bytes())
            assert answer.headers["Cache-Control"] == "max-age=31536000, public, immutable"
        assert httpx2.head(f"{server.url}/masks/index.json").headers["Cache-Control"] == "no-cache"
