"""Settings of a server whose secret key is changed: with the old key, the new key, both, or a retired key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import SecretStr

OLD, NEW, OTHER = (SecretStr(f"{word}-secret-for-tests-of-32-bytes-or-more") for word in ("a", "a-new", "no"))

STEP = timedelta(seconds=30)

CURRENT: dict[str, Any] = {"secret_key": NEW}

BOTH: dict[str, Any] = {"secret_key": NEW, "previous_secret_keys": (OLD,)}

RETIRED: dict[str, Any] = {"secret_key": NEW, "retired_secret_keys": (OLD,)}
