"""Where the files are, and what each tells of."""

from __future__ import annotations

from pydantic import Field

from gridmask.collectors.options import OfType, VoName
from gridmask.documents import Strict
from gridmask.domain.vo import ALL


class FileTable(Strict):
    """``[[source.file]]``: a file of occupancy."""

    path: str = Field(min_length=1, description="Where it is, seen from the source's `url`, as in `/lhcb/occupancy.json`.")
    element: str = Field(min_length=1, description="The element that it tells of.")
    vo: VoName = Field(ALL, description="Whom it is about, where each VO has a part of its own in one element.")


class OccupancyOptions(OfType):
    """Options of ``dirac-occupancy``."""

    file: tuple[FileTable, ...] = Field(min_length=1, description="The files, as a list of tables: see below.")
