"""Read the portals and the summaries of many bulk operations at once."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from models.db.dialect import is_any_of, unindexed
from models.db.rows import grouped
from models.db.sql import fetch
from models.operations import outcomes_visible_to, visible_to
from models.portals.reach import reach
from rules.access import Actor
from rules.outcomes import OutcomeStatus, Summary, summarize
from rules.refusals import Code


async def portals(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Return the portals of each operation's selected users, keyed by operation id and ordered by name.

    Only operations and portals that the actor can see are included.
    """
    rows = await fetch(
        "SELECT d.operation_id, d.portal_id FROM operation_portal d JOIN bulk_operation o ON o.id = d.operation_id"
        " JOIN portal p ON p.id = d.portal_id WHERE "
        + unindexed(visible_to(actor))
        + " AND "
        + reach(actor, "d.portal_id")
        + " AND "
        + is_any_of("d.operation_id", ids)
        + " AND EXISTS (SELECT 1 FROM bulk_outcome c WHERE c.operation_id = d.operation_id AND c.portal_id = d.portal_id)"
        " ORDER BY p.name_key, p.id"
    )
    return grouped((UUID(str(row["operation_id"])), UUID(str(row["portal_id"]))) for row in rows)


async def summaries(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Summary]:
    """Return a summary of each operation's outcomes, keyed by operation id.

    Only outcomes that the actor can see count. Operations without such outcomes are left out.
    """
    rows = await fetch(
        "SELECT c.operation_id, c.status, c.reason, COUNT(*) AS times"
        " FROM bulk_outcome c JOIN bulk_operation o ON o.id = c.operation_id WHERE "
        + unindexed(outcomes_visible_to(actor))
        + " AND "
        + is_any_of("c.operation_id", ids)
        + " GROUP BY c.operation_id, c.status, c.reason"
    )
    answers = grouped(
        (
            UUID(str(row["operation_id"])),
            (OutcomeStatus(row["status"]), Code(row["reason"]) if row["reason"] else None, row["times"]),
        )
        for row in rows
    )
    return {operation_id: summarize(given) for operation_id, given in answers.items()}
