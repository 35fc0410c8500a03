"""SQLite files for tests."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.databases.database import Database
from tests.support.databases.open_databases import OpenDatabases
from tests.support.databases.template import alone_in, migrated


class SqlitePlace:
    """A folder of SQLite databases for tests.

    Each new database is a copy of one migrated file in the folder, which all processes of the test run share.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        with alone_in(folder):
            if not self._template.exists():
                unfinished = folder / "unfinished.db"
                with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
                    runner.run(migrated(f"sqlite://{unfinished}"))
                unfinished.rename(self._template)  # closing it has emptied its write-ahead log

    @contextmanager
    def fresh(self, opened: OpenDatabases | None = None) -> Iterator[Database]:
        with self.blank() as blank:
            file = Path(shutil.copyfile(self._template, blank.url.removeprefix("sqlite://")))
            file.chmod(0o600)
            yield blank

    @contextmanager
    def blank(self) -> Iterator[Database]:
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            yield Database("sqlite", f"sqlite://{folder}/gatehouse.db")
