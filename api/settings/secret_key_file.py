"""The file with the secret key that Gatehouse makes in development."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from pathlib import Path

from pydantic import SecretStr

from api.settings.types import check_secret


def read_or_make(file: Path) -> SecretStr:
    """Return the secret key in `file`. If the file does not exist, make the file with a new key.

    Raise ValueError if users other than the owner can read the file, or if it holds no valid secret key. The message
    says what to do. The permissions are not corrected, because others could already have read the key.
    """
    if not file.exists():
        _make(file)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise ValueError(f"{file} can be read by others: chmod 600 {file}")
    try:
        return check_secret(SecretStr(file.read_text(encoding="ascii").strip()))
    except ValueError:
        raise ValueError(f"{file} does not hold a secret key: delete it to have a new one made") from None


def _make(file: Path) -> None:
    """Write `file` with a new secret. Do nothing if another process has already made the file.

    No process ever sees a half-written file.
    """
    descriptor, written = tempfile.mkstemp(dir=file.parent, prefix=".secret_key-")  # mkstemp sets the mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as draft:
            draft.write(secrets.token_urlsafe(48) + "\n")
            draft.flush()
            os.fsync(draft.fileno())
        # A link fails if `file` exists, a rename would replace it. So two processes use the secret of the first one.
        os.link(written, file)
    except FileExistsError:
        pass
    finally:
        os.unlink(written)
