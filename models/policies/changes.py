"""The statement that writes the policy of a portal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from models.db.writes import update_rows
from models.portals.table import Portal


async def store(portal_id: UUID, values: Mapping[str, Any]) -> None:
    """Write new values of a portal's settings. `values` maps column names to values. The portal must be locked."""
    await update_rows(Portal, list(values), [{"id": portal_id, **values}])
