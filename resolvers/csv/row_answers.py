"""The answer for one row of an imported file, as JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from models.portals.lookup import LicensedPortal
from resolvers.core.global_ids import global_id
from resolvers.core.scalars import write_instant
from resolvers.types.reasons import reason_params
from rules.lifecycle.actions import Action
from rules.messages import outcomes
from services.csv.user_import import RowOutcome


def row_answer(
    row: RowOutcome, portal: LicensedPortal, at: datetime, invitation_link: Callable[[str], str]
) -> dict[str, Any]:
    """Return the JSON object for a row: its line and outcome, and the reason if the user was not added or invited.

    `portal` was read at `at`. `invitation_link` returns the URL of an invitation for its token.
    """
    outcome = row.outcome
    params = None
    if outcome.reason is not None:
        params = reason_params(
            outcome.reason,
            Action.INVITE,
            portal,
            at,
            user=row.label,
            field=outcome.field,
            retry_at=outcome.retry_at,
        )
    return {
        "line": row.line,
        "label": row.label,
        "status": outcome.status.value,
        "code": outcome.reason.value if outcome.reason else None,
        "message": outcomes.message_of(outcome.reason, params) if outcome.reason and params is not None else None,
        "params": params,
        "retryAt": write_instant(outcome.retry_at) if outcome.retry_at else None,
        "userId": global_id("PortalUser", outcome.user_id) if outcome.user_id else None,
        "newStatus": outcome.new_status.value if outcome.new_status else None,
        "inviteLink": invitation_link(row.token) if row.token else None,
    }
