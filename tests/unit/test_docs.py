"""What the reference says and what the program has are the same, in both directions; and every link leads somewhere."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from typing import TYPE_CHECKING, get_args

import click
import prometheus_client
import pytest
import typer
from markdown.extensions.toc import slugify

import gridmask
from gridmask import policy_files, settings
from gridmask.api.app import create_app
from gridmask.cli.app import app
from gridmask.collectors.osg.service_types import SERVICE_TYPES
from gridmask.documents import Strict
from gridmask.domain.decision import ReasonKind
from gridmask.domain.element import BUILT_IN_TYPES
from gridmask.domain.instructions import ChangeKind
from gridmask.domain.matching import KEYS
from gridmask.domain.status import Purpose, Status, usable
from gridmask.inventory import toml_tables
from gridmask.plugins import KINDS
from gridmask.rules import BUILT_IN
from gridmask.rules.downtime import SEVERITIES
from gridmask.store.tables import metadata
from tests.documentation import DOCS, ROOT, Page, fields, written

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = {
    "At the top": settings.Settings,
    "[server]": settings.Server,
    "[loop]": settings.Loop,
    "[http]": settings.Http,
    "[[source]]": settings.Source,
    "[vo.NAME]": settings.Vo,
    '[type."NAME"]': settings.Type,
    "[[webhook]]": settings.Webhook,
}
