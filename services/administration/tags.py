"""The tags of a portal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.portals import tags as stored
from models.portals.table import PortalRow
from rules.access import Actor
from rules.administration.tags import Tag
from services.runtime import Runtime


async def replace(runtime: Runtime, actor: Actor, portal: PortalRow, tags: Sequence[Tag]) -> list[dict[str, Any]]:
    """Replace the portal's tags. Return the `changes` of the audit event, an empty list if no tag changes.

    `tags` come from `rules.administration.tags.validate`. Requires the portal to be locked, and an actor who
    administers the MSSP.
    """
    before = (await stored.of_portals(actor, [portal.id])).get(portal.id, [])
    after = [tag.text for tag in tags]
    if before == after:
        return []
    await stored.replace(portal.mssp_id, portal.id, {runtime.new_id(): tag for tag in tags})
    return [{"field": "tags", "before": ", ".join(before) or None, "after": ", ".join(after) or None}]
