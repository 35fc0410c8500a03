"""The faults of a bulk call's input that are found without a database read.

A client gets all these faults in one response.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules import user_fields
from rules.access import Actor
from rules.bulk_limits import LONGEST_IDEMPOTENCY_KEY, LONGEST_REASON, LONGEST_TICKET, MOST_EXCLUDED, MOST_USERS
from rules.lifecycle.licenses import UserKind
from rules.messages.bulk import BulkMessage
from rules.refusals import Refusal
from services.bulk.plan import BulkPlan, RunOptions
from services.bulk.targets.selection import ByIds, ByPreview, Invitees, Matching, Selection, number_fault


def of_call(actor: Actor, plan: BulkPlan, options: RunOptions) -> Iterator[Refusal]:
    """Yield a Refusal for each fault of the plan's own input, of the selection and of the options.

    - INVALID_INPUT if a value is missing, too long or not valid, or if two values exclude each other.
    - TOO_MANY_USERS if more than MOST_USERS users or invitees are given.
    - NOT_ALLOWED if an actor who is not MSSP staff invites an INTERNAL user.
    """
    selection = plan.selection
    if isinstance(selection, Invitees):
        yield from _of_invitees(actor, selection)
    elif isinstance(selection, ByIds):
        yield from number_fault(len(selection.targets), ("users", "ids"))
    elif isinstance(selection, ByPreview) and selection.operation_id is None:
        yield from number_fault(0, ("users", "previewId"))
    elif isinstance(selection, Matching):
        yield from _of_matching(selection, dry_run=options.dry_run)
    yield from plan.faults()
    yield from _of_options(options, selection)


def _of_invitees(actor: Actor, selection: Invitees) -> Iterator[Refusal]:
    if selection.portal_id is not None and selection.portal_slug is not None:
        yield Refusal(BulkMessage.TWO_PORTALS, path=("newUsers", "portalSlug"))
    if selection.portal_id is None and selection.portal_slug is None:
        yield Refusal(BulkMessage.NO_PORTAL, path=("newUsers", "portalId"))
    yield from number_fault(len(selection.invitees), ("newUsers", "invitees"))
    for index, invitee in enumerate(selection.invitees[:MOST_USERS]):
        if invitee.kind is UserKind.INTERNAL and not actor.is_staff:
            yield Refusal(BulkMessage.INTERNAL_INVITEE, path=("newUsers", "invitees", str(index), "kind"))


def _of_matching(selection: Matching, *, dry_run: bool) -> Iterator[Refusal]:
    path = ("users", "matching")
    if selection.which.portal_id is not None and selection.portal_slug is not None:
        yield Refusal(BulkMessage.TWO_PORTALS, path=(*path, "portalSlug"))
    if len(selection.exclude) > MOST_EXCLUDED:
        yield Refusal(BulkMessage.TOO_MANY_EXCLUDED, path=(*path, "excludeIds"), maximum=MOST_EXCLUDED)
    if selection.expected_count is None and not dry_run:
        yield Refusal(BulkMessage.COUNT_MISSING, path=(*path, "expectedCount"))


def _of_options(options: RunOptions, selection: Selection) -> Iterator[Refusal]:
    if options.only_if_unchanged and not isinstance(selection, ByPreview):
        yield Refusal(BulkMessage.NOT_A_PREVIEW, path=("options", "onlyIfUnchanged"))
    key = options.idempotency_key
    if key is not None and not options.dry_run and len(key) > LONGEST_IDEMPOTENCY_KEY:
        yield Refusal(BulkMessage.KEY_LENGTH, path=("options", "idempotencyKey"), maximum=LONGEST_IDEMPOTENCY_KEY)
    if options.reason is not None and len(options.reason) > LONGEST_REASON:
        yield Refusal(BulkMessage.REASON_TOO_LONG, path=("options", "reason"), maximum=LONGEST_REASON)
    if options.ticket is not None:
        try:
            user_fields.validate_name(options.ticket, "ticket", LONGEST_TICKET)
        except Refusal as refusal:
            yield refusal.inside("options", ("ticket",))
