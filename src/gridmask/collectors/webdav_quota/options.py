"""Which folders are asked about, and what each tells of."""

from __future__ import annotations

from pydantic import Field

from gridmask.collectors.options import OfType, VoName
from gridmask.documents import Strict
from gridmask.domain.vo import ALL


class FolderTable(Strict):
    """``[[source.folder]]``: a folder with a quota."""

    path: str = Field(min_length=1, description="Where it is, seen from the source's `url`, as in `/lhcb/`.")
    element: str = Field(min_length=1, description="The element that it is.")
    vo: VoName = Field(ALL, description="Whom it is about, where each VO has a folder of its own in one element.")


class WebdavQuota(OfType):
    """Options of ``webdav-quota``."""

    folder: tuple[FolderTable, ...] = Field(min_length=1, description="The folders, as a list of tables: see below.")
