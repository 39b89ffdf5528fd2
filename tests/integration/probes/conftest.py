"""What probes need beside servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def password(tmp_path: Path) -> Path:
    """A file with the password of the services."""
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    file.chmod(0o600)
    return file
