"""Forms as browsers send them: what a page has in one, and what somebody changes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


@dataclass
class Form:
    """A form: where it is sent to, and what is in it."""

    action: str
    name: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)

    def filled(self, **said: str | list[str]) -> dict[str, list[str]]:
        """What is sent once ``said`` is filled in; an empty list takes out what was there."""
        changed = {name: [value] if isinstance(value, str) else value for name, value in said.items()}
        return {**self.fields, **changed}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._text: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(told.get("action", ""), told.get("id", ""))
            self.forms.append(self._open)
        if self._open is None or not told.get("name"):
            return
        if tag == "textarea":
            self._text = told["name"]
            self._open.fields.setdefault(self._text, [""])
        chosen = told.get("type") not in {"radio", "checkbox"} or "checked" in told
        if tag == "input" and chosen:
            self._open.fields.setdefault(told["name"], []).append(told.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._text is not None:
            # a browser leaves out the first newline
            self._open.fields[self._text] = [data.removeprefix("\n")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = None
        if tag == "form":
            self._open = None


def forms(page: str) -> list[Form]:
    """The forms of ``page``, in order."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


def form(page: str, name: str) -> Form:
    """The form of ``page`` with that identifier, or, if none has it, the one that is sent there."""
    return next(one for one in forms(page) if name in {one.name, one.action})


async def send(
    client: httpx2.AsyncClient, sent: Form, headers: dict[str, str] | None = None, /, **said: str | list[str]
) -> httpx2.Response:
    """Send a form as a browser does that shows it."""
    return await client.post(sent.action, data=sent.filled(**said), headers={**OURS, **(headers or {})})
