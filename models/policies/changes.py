"""Write the policy of a portal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from models.db.writes import update_rows
from models.portals.table import Portal


async def store(portal_id: UUID, values: Mapping[str, Any]) -> None:
    """Write new values of settings. `values` maps columns to values. Requires the portal to be locked."""
    await update_rows(Portal, list(values), [{"id": portal_id, **values}])
