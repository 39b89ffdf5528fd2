"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.kind import MeasurementKind
from gridmask.collectors.xrootd_space import reader
from gridmask.collectors.xrootd_space.asking import gather
from gridmask.collectors.xrootd_space.options import XrootdSpace

KINDS = {"xrootd-space": MeasurementKind(reader.read, gather, XrootdSpace)}
