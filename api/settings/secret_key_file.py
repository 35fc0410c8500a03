"""The file in which development keeps the secret key that it made."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from pathlib import Path

from pydantic import SecretStr

from api.settings.types import check_secret


def kept(file: Path) -> SecretStr:
    """Return the file's secret key; make the file where there is none.

    Raises ValueError where others can read the file or it holds no secret key; the message says what to do. A key that
    others could read is refused, not corrected: it may have been read.
    """
    if not file.exists():
        _keep_new(file)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise ValueError(f"{file} can be read by others: chmod 600 {file}")
    try:
        return check_secret(SecretStr(file.read_text(encoding="ascii").strip()))
    except ValueError:
        raise ValueError(f"{file} does not hold a secret key: delete it to have a new one made") from None


def _keep_new(file: Path) -> None:
    """Write a new secret unless another process is first; the file is complete from the moment that it can be seen."""
    descriptor, written = tempfile.mkstemp(dir=file.parent, prefix=".secret_key-")  # mkstemp makes it 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as draft:
            draft.write(secrets.token_urlsafe(48) + "\n")
            draft.flush()
            os.fsync(draft.fileno())
        # A link fails where a rename would replace: the second process takes the first one's secret.
        os.link(written, file)
    except FileExistsError:
        pass
    finally:
        os.unlink(written)
