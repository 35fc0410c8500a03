"""The options that a run takes from its preview, and the comparison of the run's outcomes with the preview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.operations import OutcomeRow
from rules.messages.bulk import AccessChangeMessage, BulkMessage
from rules.outcomes import ErrorPolicy
from rules.refusals import Refusal
from services.bulk.plan import BulkPlan, RunOptions
from services.bulk.targets.previews import PATH, Preview
from services.bulk.targets.selection import ByPreview, Selection


def with_defaults(options: RunOptions, selection: Selection) -> RunOptions:
    """Return the options with the error policy PARTIAL if none is given.

    If the selection is a preview, return the options unchanged, because `bind` takes the policy from the preview.
    """
    if isinstance(selection, ByPreview):
        return options
    return replace(options, error_policy=options.error_policy or ErrorPolicy.PARTIAL)


def bind(options: RunOptions, plan: BulkPlan, preview: Preview) -> RunOptions:
    """Fill the absent options of a run from its preview: the error policy, the reason and the ticket.

    Raise Refusal(INVALID_INPUT) if the given error policy, role or access differs from that of the preview.
    """
    if plan.access_hash != preview.operation.access_hash:
        raise Refusal(AccessChangeMessage.OTHER_ACCESS, path=("access",))
    if plan.role is not preview.operation.role:
        raise Refusal(BulkMessage.OTHER_ROLE, path=("role",), role=preview.operation.role)
    policy = preview.operation.error_policy
    if options.error_policy not in (None, policy):
        raise Refusal(BulkMessage.OTHER_ERROR_POLICY, path=("options", "errorPolicy"), errorPolicy=policy)
    previewed = preview.operation
    return replace(
        options,
        error_policy=policy,
        reason=options.reason or previewed.reason,
        ticket=options.ticket or previewed.ticket,
    )


def require_unchanged(preview: Preview, outcomes: Sequence[OutcomeRow]) -> None:
    """Raise Refusal(SELECTION_CHANGED) if an outcome differs from the preview's outcome at the same position."""
    differing = sum(_shown(now) != _shown(then) for now, then in zip(outcomes, preview.outcomes, strict=True))
    if differing:
        raise Refusal(BulkMessage.OUTCOMES_CHANGED, path=PATH, differing=differing, outcomes=len(outcomes))


def _shown(outcome: OutcomeRow) -> tuple[object, ...]:
    """Return the values of an outcome that must be equal in the preview and in the run.

    `retry_at` is left out, because it depends on the time.
    """
    return outcome.user_id, outcome.status, outcome.reason, outcome.previous_status, outcome.new_status, outcome.field
