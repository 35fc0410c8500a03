"""Access to files: new and existing ones are restricted to their owner."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from api.settings.errors import SettingsError
from api.settings.settings import Settings

OTHERS = 0o077
"""The permission bits of group and others."""

SQLITE = b"SQLite format 3\0"
"""The first bytes of a SQLite database."""


def make_private() -> None:
    """Set the process's umask: new files are for their owner only."""
    os.umask(OTHERS)


def restrict_access(settings: Settings) -> list[str]:
    """Remove the rights of group and others from the database's files and mails in files. Return a sentence for each.

    What the database's URL names is left alone unless it is a SQLite database: it may be another program's file.
    Raise SettingsError if that is not permitted. The key file is refused, not corrected (`api/settings/secret_key_file.py`), since a
    key that could be read may have been read.
    """
    return [_restrict(path) for path in _private(settings) if path.exists() and _mode(path) & OTHERS]


def _private(settings: Settings) -> list[Path]:
    paths = [settings.mail_folder, *sorted(settings.mail_folder.glob("*.eml"))]
    if settings.database_url.startswith("sqlite:"):
        file = settings.database_url.removeprefix("sqlite://").partition("?")[0]
        if _is_database(Path(file)):
            paths += [Path(f"{file}{ending}") for ending in ("", "-wal", "-shm")]
    return paths


def _is_database(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(len(SQLITE)) in (SQLITE, b"")  # empty until the first table
    except OSError:  # there is none, or it cannot be read: whatever opens it says so
        return False


def _restrict(path: Path) -> str:
    try:
        path.chmod(_mode(path) & ~OTHERS)
    except OSError as error:
        raise SettingsError(f"{path} can be read by others, and that cannot be changed: {error.strerror}") from error
    return f"{path} could be read by others; now only its owner can."


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
