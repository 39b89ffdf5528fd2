"""The sandbox in which templates run: they reach nothing but what they are given, and take neither much time nor much room."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

if TYPE_CHECKING:
    from types import FrameType

    from jinja2.runtime import Context

_CODE = "<template>"
_LARGEST = 10**9
_PADDING = frozenset({"center", "expandtabs", "format", "format_map", "ljust", "replace", "rjust", "zfill"})
_PADDING_FILTERS = ("center", "format", "indent", "replace", "wordwrap")


class Sandbox(ImmutableSandboxedEnvironment):
    """What templates may do. What is written is plain text: nothing in it is escaped, and nothing reads it as anything else."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, keep_trailing_newline=True)
        for name in _PADDING_FILTERS:
            del self.filters[name]

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - whatever they give
        """Let numbers be multiplied, and nothing else: texts and lists that are would fill the memory."""
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator == "**" or not numbers or max(abs(left), abs(right)) > _LARGEST:
            raise SecurityError(f"there is no {operator} but for numbers, and not for large ones")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ANN401 - likewise
        """Likewise of methods that make long texts of short ones."""
        return not (isinstance(obj, str) and attr in _PADDING) and super().is_safe_attribute(obj, attr, value)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Ends what a template does in this thread after so many seconds, wherever it is.

    Raises:
        TimeoutError: it did not come to an end by itself.
    """
    end, before = time.monotonic() + seconds, sys.gettrace()

    def line(frame: FrameType, event: str, arg: object) -> Any:  # noqa: ANN401, ARG001 - as Python calls it
        if time.monotonic() > end:
            raise TimeoutError(f"it takes more than {seconds:g} s")
        return line

    def call(frame: FrameType, event: str, arg: object) -> Any:  # noqa: ANN401, ARG001 - likewise
        return line if frame.f_code.co_filename == _CODE else None

    sys.settrace(call)
    try:
        yield
    finally:
        sys.settrace(before)
