"""The permissions of the server's files: the umask for new files, and the restriction of existing files to their owner."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from api.settings.settings import Settings
from api.settings.settings_errors import SettingsError

OTHERS = 0o077
"""The permission bits of the group and of others."""

SQLITE = b"SQLite format 3\0"
"""The first bytes of a SQLite database file."""


def make_private() -> None:
    """Set the umask of the process so that only the owner can read and write new files."""
    os.umask(OTHERS)


def restrict_access(settings: Settings) -> list[str]:
    """Let only the owner read the SQLite database, and the mail folder with its files.

    Return a sentence for each changed path. Raise SettingsError if a permission cannot be changed. These files stay
    unchanged:

    - A database file that does not begin like a SQLite database. It could belong to another program.
    - The key file. If others can read it, `api/settings/secret_key_file.py` rejects it.
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
            return opened.read(len(SQLITE)) in (SQLITE, b"")  # a database without tables is an empty file
    except OSError:  # absent or unreadable: opening the database reports the error
        return False


def _restrict(path: Path) -> str:
    try:
        path.chmod(_mode(path) & ~OTHERS)
    except OSError as error:
        raise SettingsError(f"{path} can be read by others, and that cannot be changed: {error.strerror}") from error
    return f"{path} could be read by others; now only its owner can."


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
