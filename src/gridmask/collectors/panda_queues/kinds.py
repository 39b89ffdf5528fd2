"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.kind import MeasurementKind
from gridmask.collectors.panda_queues import reader
from gridmask.collectors.panda_queues.options import PandaQueueOptions

KINDS = {"panda-queues": MeasurementKind(reader.read, reader.gather, PandaQueueOptions)}
