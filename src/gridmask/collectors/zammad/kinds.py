"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.kind import MeasurementKind
from gridmask.collectors.zammad import reader
from gridmask.collectors.zammad.asking import gather
from gridmask.collectors.zammad.options import ZammadOptions

TOKEN_AS = "Authorization: Token token="  # noqa: S105 - a header, and what stands before the token

KINDS = {"zammad": MeasurementKind(reader.read, gather, ZammadOptions, TOKEN_AS)}
