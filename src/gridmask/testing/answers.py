"""Answers of sources, as readers get them."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.http import Answer, Gathered, Provenance, Validators
from gridmask.testing.times import moment

if TYPE_CHECKING:
    from gridmask.testing.times import Time


def answered(*bodies: bytes, at: Time = "10:00", url: str = "https://source.example.org/") -> Gathered:
    """What a source answered at that time: ``bodies``, of which there is at least one."""
    return Gathered.of([_answer(body, at, url) for body in bodies])


def _answer(body: bytes, at: Time, url: str) -> Answer:
    sha256 = hashlib.sha256(body).hexdigest()
    return Answer(body, Provenance(url, moment(at), 200, sha256, len(body), Validators(), timedelta()))
