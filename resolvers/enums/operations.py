"""The enums of bulk operations: states, outcome statuses and error policies."""

from __future__ import annotations

from resolvers.enums.declare import declare
from rules.outcomes import ErrorPolicy, OperationState, OutcomeStatus

declare(
    OutcomeStatus,
    "OutcomeStatus",
    "The result of a bulk action for one user.",
    {
        "SUCCEEDED": "The user was changed; in a dry run, the user would be changed.",
        "SKIPPED": "A rule prevents the action. The user was not changed; see `reason`.",
        "FAILED": "The server failed to change the user. Not returned in this version: if the server fails, no user is changed,"
        " and the mutation is null with a top-level error.",
    },
)

declare(
    OperationState,
    "BulkOperationState",
    "The progress or the result of a bulk operation.",
    {
        "PREVIEW": "A dry run; no user was changed. The state stays PREVIEW after the preview has expired or was used.",
        "QUEUED": "Waits to run in the background. Not returned in this version: an operation has ended when the"
        " mutation answers.",
        "RUNNING": "Runs in the background. Not returned in this version.",
        "SUCCEEDED": "Every user was changed.",
        "PARTIALLY_SUCCEEDED": "Some users were changed; others were skipped.",
        "UNCHANGED": "No user was changed: every user was SKIPPED, for a reason of its own or because `errorPolicy` is"
        " ALL_OR_NOTHING.",
        "FAILED": "No user was changed, because the server failed for at least one of them. Not returned in this version.",
        "CANCELLED": "Stopped by an admin before every user was reached. Not returned in this version.",
    },
)

declare(
    ErrorPolicy,
    "ErrorPolicy",
    "What happens if some users cannot be changed.",
    {
        "PARTIAL": "Change the users that can be changed. The others are SKIPPED.",
        "ALL_OR_NOTHING": "If one user cannot be changed, no user is changed: users that could be changed are SKIPPED with"
        " ABORTED_BY_POLICY.",
    },
)
