"""Whether the known keys open what is sealed, as the server tells its operator when it starts."""

from __future__ import annotations

import logging
from dataclasses import asdict

import structlog

from api.telemetry.metrics import Metrics
from models.db.database_errors import unavailable
from services.admin import key_rotation
from services.auth.ports import Encryption

log = structlog.get_logger(__name__)


async def look(encryption: Encryption, metrics: Metrics) -> None:
    """Count the secrets that no known key opens: for the log, as an error where there are any, and for /metrics."""
    try:
        found = await key_rotation.look(encryption)
    except Exception as problem:
        if not unavailable(problem):
            raise
        log.warning("keys.check_failed", exc_info=problem)  # the server starts, and serves once the database is back
        return
    metrics.unopened.set(found.unopened)
    is_incomplete = found.unopened or found.unusable_codes
    log.log(logging.ERROR if is_incomplete else logging.INFO, "keys.checked", **asdict(found))
