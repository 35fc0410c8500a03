"""The bulk engine locks the users of a call, decides about each, writes the changes and records the operation.

An action on one user is a bulk run with one target. Decisions are made without database access. The number of SQL
statements does not depend on the number of users. A dry run only writes its preview, and ignores the idempotency key.
"""

from __future__ import annotations

from typing import Any

from models import operation_cleanup, operations
from models.operations import OperationRow
from rules import access
from rules.access import Actor
from rules.bulk_limits import PREVIEW_LIVES
from rules.housekeeping import MOST_PREVIEWS
from rules.outcomes import ErrorPolicy, OperationState, OutcomeStatus, summary_of
from rules.refusals import raise_all
from services.bulk import idempotency, input_faults, selection_words
from services.bulk.outcomes import abort, decide_all, undecided_outcomes
from services.bulk.plan import BulkPlan, RunOptions
from services.bulk.preview_binding import bind, require_unchanged, with_defaults
from services.bulk.required_reasons import require_reason
from services.bulk.results import BulkResult
from services.bulk.targets.previews import Preview, open_preview
from services.bulk.targets.selection import ByPreview, Matching
from services.lifecycle.portal_locks import LockedPortals
from services.mail import caps as mail_caps
from services.runtime import Runtime


async def run(runtime: Runtime, actor: Actor, plan: BulkPlan, options: RunOptions) -> BulkResult:
    """Run the plan and return one outcome per target, in order. A Refusal means that nothing was written.

    Raise the refusals of `plan.targets`, all faults of `input_faults.of_call` together, or Refusal with one of these
    codes:

    - NOT_ALLOWED if the actor does not manage users.
    - UNAUTHENTICATED if the actor's access has ended.
    - INVALID_INPUT if the error policy, the role or the access differs from the value in the preview.
    - IDEMPOTENCY_KEY_REUSED if an earlier call had the same idempotency key and another input.
    - NOT_FOUND if the actor has no such preview of the action.
    - PREVIEW_EXPIRED if the preview is too old or was used.
    - SELECTION_CHANGED if `options.only_if_unchanged` is true and an outcome differs from the preview's outcome.
    - REASON_REQUIRED if a portal requires staff to give a reason or a ticket, and `options` has neither.
    """
    access.require_management(actor)
    raise_all(input_faults.of_call(actor, plan, options))
    return await runtime.transactions.run(lambda: _attempt(runtime, actor, plan, options))


async def _attempt(runtime: Runtime, actor: Actor, plan: BulkPlan, options: RunOptions) -> BulkResult:
    """Run the plan inside a transaction. After a deadlock, this function is called again."""
    began, dry_run = runtime.now(), options.dry_run
    options = with_defaults(options, plan.selection)
    claim = None if dry_run else await idempotency.claim(runtime, actor, plan, options, began)
    if isinstance(claim, BulkResult):
        return claim

    preview = None
    if isinstance(plan.selection, ByPreview):
        preview = await open_preview(actor, plan.action, plan.selection, began, dry_run=dry_run)
        options = bind(options, plan, preview)
    locked, targets = await plan.targets(runtime, actor, began, preview, dry_run=dry_run)
    require_reason(locked, options)
    users = [target.user for target in targets if target.user]
    mail_free_at = await mail_caps.allowed_at_for_action(plan.action, users, locked.at)
    operation_id = runtime.new_id()
    outcomes = undecided_outcomes(runtime.new_id, operation_id, targets)
    outcomes, changes = decide_all(plan, locked, targets, outcomes, mail_free_at, dry_run=dry_run)
    is_whole = all(outcome.status is OutcomeStatus.SUCCEEDED for outcome in outcomes)
    if options.error_policy is ErrorPolicy.ALL_OR_NOTHING and not is_whole:
        outcomes, changes = abort(targets, outcomes), {}
    if preview is not None and options.only_if_unchanged:
        require_unchanged(preview, outcomes)

    selection, search = _described(plan, locked, preview)
    if not dry_run and any(change.decision.transition.deletes for change in changes.values()):
        search = None  # it can contain the name of a user that this run deletes (K32)
    operation = OperationRow(
        id=operation_id,
        mssp_id=locked.actor.mssp_id,
        action=plan.action,
        role=plan.role,
        access_hash=plan.access_hash,
        state=OperationState.PREVIEW if dry_run else summary_of(outcomes).state,
        actor_id=locked.actor.id,
        reason=options.reason,
        ticket=options.ticket,
        error_policy=options.error_policy or ErrorPolicy.PARTIAL,
        selection=selection,
        selection_search=search,
        created_at=locked.at,
        finished_at=locked.at,
        preview_expires_at=locked.at + PREVIEW_LIVES if dry_run else None,
    )
    tokens = {} if dry_run else await plan.write(runtime, locked, targets, changes, operation)
    await operations.record(locked.actor, operation, outcomes)
    if dry_run:
        await operation_cleanup.keep_newest_previews(locked.actor.id, operation_id, MOST_PREVIEWS)
    if claim is not None:
        await idempotency.store_result(claim, operation)
    return BulkResult(operation, targets, outcomes, sorted(locked.portals), tokens)


def _described(
    plan: BulkPlan, locked: LockedPortals, preview: Preview | None
) -> tuple[dict[str, Any] | None, str | None]:
    """Return what the operation stores about its selection: a description, and the text of a search.

    The text is None if there was no search. A run of a preview gets the preview's values.
    """
    if preview is not None:
        return preview.operation.selection, preview.operation.selection_search
    selection = plan.selection
    slugs = [portal.row.slug for portal in locked.portals.values()] if selection_words.names_portal(selection) else []
    search = (selection.which.search or "").strip() if isinstance(selection, Matching) else ""
    return selection_words.describe(selection, slugs[0] if slugs else None), search or None
