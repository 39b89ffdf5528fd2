"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.kind import MeasurementKind
from gridmask.collectors.webdav_quota import reader
from gridmask.collectors.webdav_quota.options import WebdavQuota

KINDS = {"webdav-quota": MeasurementKind(reader.read, reader.gather, WebdavQuota)}
