"""Who does the work, as the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import InvalidConfiguration
from gridmask.settings import load

if TYPE_CHECKING:
    from pathlib import Path


def test_celery_needs_a_broker_and_the_environment_can_name_it(tmp_path: Path) -> None:
    file = tmp_path / "gridmask.toml"
    file.write_text('[engine]\nkind = "celery"\n')
    with pytest.raises(InvalidConfiguration, match=r"needs a broker: a URL that begins with one of amqp://"):
        load(file, {})
    found = load(file, {"GRIDMASK_BROKER": "amqp://a:secret@mq.example.org/x"})
    assert found.engine.broker == "amqp://a:secret@mq.example.org/x"
    assert "secret" not in repr(found)


def test_without_workers_nothing_is_said_of_a_broker(tmp_path: Path) -> None:
    file = tmp_path / "gridmask.toml"
    file.write_text("")
    assert load(file, {}).engine.kind == "in-process"
