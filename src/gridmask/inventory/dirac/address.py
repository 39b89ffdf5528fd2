"""Addresses of services that are found by their host alone."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def with_path(url: str, path: str) -> str:
    """``url`` with ``path``, unless it is no web address without a path of its own."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url  # whoever asks for it says what is wrong
    return urlunsplit(parts._replace(path=path)) if parts.netloc and not parts.path.strip("/") else url
