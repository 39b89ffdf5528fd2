"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.kind import MeasurementKind
from gridmask.collectors.rucio import reader, transfers
from gridmask.collectors.rucio.asking import TOKEN_AS, gather
from gridmask.collectors.rucio.options import RucioOptions, RucioTransfers

KINDS = {
    "rucio-transfers": MeasurementKind(transfers.read, transfers.gather, RucioTransfers, TOKEN_AS),
    "rucio-usage": MeasurementKind(reader.read, gather, RucioOptions, TOKEN_AS),
}
