"""Fixtures that the tests of this folder share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.databases import Database
from tests.support.processes.commands import Shell


@pytest.fixture
def shell(closed_db: Database, tmp_path: Path) -> Shell:
    return Shell({"database_url": closed_db.url, "data_dir": tmp_path / "data"})
