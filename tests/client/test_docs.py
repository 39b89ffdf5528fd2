"""The reference of the client is as the client is, and the examples of its guide do what they say."""

from __future__ import annotations

import asyncio
import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest

import gridmask_client
from gridmask_client import Client, Named, errors, statuses
from gridmask_client.client import Common
from gridmask_client.errors import GridmaskError
from gridmask_client.follower import Pace
from gridmask_client.mask import Mask
from gridmask_client.patience import Patience
from tests import osg
from tests.api.conftest import in_folder
from tests.client.samples import SAMPLES
from tests.client.test_errors import kinds
from tests.clocks import WallClock
from tests.documentation import Page, reference
from tests.grid import sync
from tests.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = reference("python-client")
GUIDE = Page.of("docs/how-to/script-gridmask.md")


def test_everything_that_can_be_asked_is_documented_as_it_is() -> None:
    assert PAGE.section("What can be asked").table() == {name: told(name) for name in SAMPLES}


def told(name: str) -> tuple[str, str, str, str]:
    """What the page says of an operation: what it takes, what ``do`` and ``each`` give of it, and which route that is."""
    noun, _, verb = name.partition(".")
    signature = inspect.signature(getattr(getattr(gridmask_client, noun), verb))
    annotated = _WITHOUT_CONDITION.get(name, str(signature.return_annotation))
    done, _, each = re.sub(r"^(Call|Listing)\[(.*)\]$", r"\2", annotated).partition(", ")
    return _code(_taken(signature)), _code(done), _code(each), _code(f"{SAMPLES[name].method} {SAMPLES[name].route}")


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


_WITHOUT_CONDITION = {
    "masks.read": "Call[Served[WholeMask]]",
    "masks.delta": "Call[Served[MaskDelta]]",
    "masks.document": "Call[Served[bytes]]",
    "policies.read": "Call[Versioned[PolicyLayer]]",
    "downtimes.calendar": "Call[Versioned[bytes]]",
}


def _taken(signature: inspect.Signature) -> str:
    shown = []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in shown:
            shown.append("*")
        shown.append(parameter.name if parameter.default is parameter.empty else f"{parameter.name}={parameter.default!r}")
    return ", ".join(shown)


def test_every_argument_of_a_client_is_documented_with_its_default() -> None:
    arguments = list(inspect.signature(Common.__init__).parameters.values())[1:]
    assert {name: row[0] for name, row in PAGE.section("Clients").table().items()} == _defaults(arguments)


@pytest.mark.parametrize(("made", "after"), [(Mask, "A mask held locally"), (Pace, "`Pace` is for")])
def test_every_argument_of_a_mask_is_documented_with_its_default(made: type[Any], after: str) -> None:
    arguments = list(inspect.signature(made).parameters.values())
    text = PAGE.text.partition(after if made is Pace else f"## {after}")[2]
    table = re.search(r"^\| argument .*?\n\n", text, re.MULTILINE | re.DOTALL)
    assert table is not None
    rows = re.findall(r"^\| `(\w+)` \|\s*(.*?)\s*\|", table[0], re.MULTILINE)
    told = {**_defaults(arguments), "pace": "`Pace()`"} if made is Mask else _defaults(arguments)
    assert dict(rows) == told


def test_patience_is_documented_with_its_defaults() -> None:
    arguments = list(inspect.signature(Patience).parameters.values())
    assert {name: row[0] for name, row in PAGE.section("Patience").table().items()} == _defaults(arguments)


def _defaults(arguments: list[inspect.Parameter]) -> dict[str, str]:
    required = inspect.Parameter.empty
    written = {one.name: one.default for one in arguments}
    return {
        name: "required" if default is required else "" if default is None else f"`{_number(default)}`"
        for name, default in written.items()
    }


def _number(default: object) -> str:
    return "Patience()" if isinstance(default, Patience) else f"{default:,}" if isinstance(default, int) else f"{default}"


def test_every_error_is_documented() -> None:
    assert [*PAGE.section("Errors").table()] == [kind.__name__ for kind in kinds(GridmaskError)]
    assert all(hasattr(errors, kind.__name__) for kind in kinds(GridmaskError))


# --- The guide

EXAMPLES = [block.strip() for block in re.findall(r"^```python\n(.*?)^```", GUIDE.text, re.MULTILINE | re.DOTALL)]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of what the guide is about."""
    grid = in_folder(tmp_path_factory.mktemp("guide"))
    grid.clock = WallClock()
    grid.publish(
        osg.group("EXAMPLE-T2", *(osg.resource(name, "CE") for name in ("ce01", "ce02")), osg.resource("store", "WebDAV"))
    )
    grid.announce()
    asyncio.run(_read(grid))
    with served(grid) as address:
        yield address


async def _read(grid: Any) -> None:  # noqa: ANN401 - a grid
    async with grid.open() as made:
        await sync(made)


PRINTED = (
    "ce99 not known",
    "ce01 Banned is new",
    "ce02 is Degraded now",
    "no element ce1 - did you mean ce01",
    "local [('administrator', 'all')]",
    "1 was taken in",
    "atlas 4",
    "it is the same",
)


def test_what_every_example_prints_is_known() -> None:
    assert len(EXAMPLES) == len(PRINTED)


@pytest.mark.parametrize(("code", "printed"), [*zip(EXAMPLES, PRINTED, strict=False)], ids=PRINTED)
def test_an_example_of_the_guide_does_what_it_says(
    code: str, printed: str, example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token").write_text("whichever")
    exec(compile(code.replace("http://127.0.0.1:8000", example), printed, "exec"), {"__name__": "__main__"})
    assert printed in capsys.readouterr().out


# --- What is told of masks that are held locally

HELD = [
    block.strip()
    for block in re.findall(
        r"^```python\n(.*?)^```",
        Page.of("docs/how-to/consume-a-mask.md").text.partition("## In Python")[2],
        re.MULTILINE | re.DOTALL,
    )
]
HELD_PRINTED = ("'ce99': False}\n['ce01', 'ce02']\nrevision ", "['store']", "True ['Active']")


@pytest.mark.parametrize(("code", "printed"), [*zip(HELD, HELD_PRINTED, strict=True)], ids=["file", "refuse", "async"])
def test_an_example_of_a_mask_that_is_held_does_what_it_says(
    code: str, printed: str, held: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(code.replace("http://127.0.0.1:8000", held), printed, "exec"), {"__name__": "__main__"})
    assert printed in capsys.readouterr().out


@pytest.fixture(scope="module")
def held(example: str) -> str:
    """The same server, all of it usable."""
    with Client(example) as client:
        client.do(statuses.set([Named(name, "cms") for name in ("ce01", "ce02", "store")], "Active", "well", lasting=True))
    return example
