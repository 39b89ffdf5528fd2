"""Options that are one of a few words: what is misspelt is told with the word that was meant."""

from __future__ import annotations

from collections.abc import Callable

import typer


def one_of(*words: str) -> Callable[[str], str]:
    """Reads one of ``words``."""

    def choice(text: str) -> str:
        if text in words:
            return text
        from gridmask.domain.spelling import suggest

        near = suggest(text, words)
        raise typer.BadParameter(f"{text!r} is not one of {', '.join(words)}{f'; did you mean {near!r}?' if near else ''}")

    return choice
