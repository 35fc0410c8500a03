"""The check, at the start of the server, that the configured keys open all sealed secrets."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict

import structlog

from models.db.database_errors import unavailable
from services.admin import key_rotation
from services.ports import Encryption

log = structlog.get_logger(__name__)


async def check(encryption: Encryption, record: Callable[[int], None]) -> None:
    """Log how many second factors and recovery codes need an earlier key or an unknown key.

    The level is error if a needed key is not configured, otherwise info. If the database is unavailable, log only a
    warning. `record` receives the number of second factors that no configured key opens.
    """
    try:
        found = await key_rotation.count_secrets(encryption)
    except Exception as problem:
        if not unavailable(problem):
            raise
        log.warning(
            "keys.check_failed", exc_info=problem
        )  # the server starts anyway, and serves when the database is available
        return
    record(found.unopened)
    is_incomplete = found.unopened or found.unusable_codes
    log.log(logging.ERROR if is_incomplete else logging.INFO, "keys.checked", **asdict(found))
