"""Where somebody is led back to after they logged in: a page of this server, and nowhere else."""

from __future__ import annotations

HOME = "/"

LONGEST = 1024

_NOT_AGAIN = ("/login", "/logout", "/static/")


def local(asked: str) -> str:
    r"""``asked`` if it is a page of this server, as a path from its root; the first page if it is anything else.

    Browsers take ``//host``, ``/\host`` and either with tabs or newlines in it for another server's address. Such are refused
    by what they have in them, and not repaired: a path of our own pages is plain ASCII, and has one slash to begin with.
    """
    plain = asked.isascii() and asked.isprintable() and " " not in asked and "\\" not in asked
    if not plain or len(asked) > LONGEST or not asked.startswith("/") or asked.startswith("//"):
        return HOME
    return HOME if asked.startswith(_NOT_AGAIN) else asked
