"""The bulk plan of `Action.INVITE`: invite existing users, or add invitees to a portal as users and invite them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from uuid import UUID

from models.links.table import Delivery
from models.operations import OperationRow
from models.portals import lookup as portals
from models.users.taken_logins import TakenLogins
from rules.access import Actor
from rules.grants.access_changes import LIST_FIELDS, AccessChange
from rules.lifecycle.actions import Action
from rules.lifecycle.decision_types import ActionRequest, Decision
from rules.lifecycle.decisions import decide
from rules.messages.bulk import BulkMessage
from rules.refusals import Refusal
from services.bulk.targets import invitees, new_users
from services.bulk.targets.previews import Preview
from services.bulk.targets.selected_users import lock_selection
from services.bulk.targets.selection import Invitees, Selection
from services.bulk.targets.target import Target
from services.bulk.targets.target_access import with_changes, with_one_change
from services.grants import access_writes
from services.grants.requested_access import ACCESS
from services.lifecycle import effects
from services.lifecycle.effects import PlannedChange
from services.lifecycle.portal_locks import LockedPortals, lock_portals
from services.onboarding.invitations import InvitationOptions, send
from services.runtime import Runtime


class InvitePlan:
    """The bulk plan that invites the selected users, or adds invitees to a portal and invites them.

    `access` is what the invited users may reach (W4). If it is None, existing users keep their access, and new users
    get the default access. The `access` of an invitee takes precedence.
    """

    action = Action.INVITE
    role = None
    access_hash = None

    def __init__(
        self, selection: Selection, invitation_options: InvitationOptions, access: AccessChange | None = None
    ) -> None:
        self.selection = selection
        self._invitation_options = invitation_options
        self._access = access

    @property
    def asked(self) -> object:
        return self.selection, self._invitation_options, self._access

    @property
    def taken_earlier(self) -> TakenLogins:
        """Logins that new users must not take, besides the stored ones. Empty unless a subclass overrides it."""
        return TakenLogins(set(), set())

    @cached_property
    def people(self) -> Sequence[invitees.Invitee]:
        """The invitees with cleaned fields."""
        typed = self.selection.invitees if isinstance(self.selection, Invitees) else ()
        return [invitees.clean(each) for each in typed]

    def faults(self) -> Iterator[Refusal]:
        if self._invitation_options.delivery is Delivery.NONE and not isinstance(self.selection, Invitees):
            yield Refusal(BulkMessage.ADDED_BEFORE, path=("delivery",))
        for fault in self._access.faults() if self._access else ():
            yield fault.inside(ACCESS, LIST_FIELDS.values())

    async def targets(
        self, runtime: Runtime, actor: Actor, at: datetime, preview: Preview | None, *, dry_run: bool
    ) -> tuple[LockedPortals, Sequence[Target]]:
        if not isinstance(self.selection, Invitees):
            locked, targets = await lock_selection(runtime, actor, self.selection, at, preview, dry_run=dry_run)
            return locked, await self._with_access(locked, targets)
        people = self.people  # cleaned before the portal is locked
        named = await portals.by_id_or_slug(actor, self.selection.portal_id, self.selection.portal_slug)
        locked = await lock_portals(runtime, actor, [named.row.id] if named else ())
        portal = locked.portals.get(named.row.id) if named else None
        if portal is None:
            field = "portalId" if self.selection.portal_slug is None else "portalSlug"
            raise Refusal(BulkMessage.NO_SUCH_PORTAL, path=("newUsers", field))
        targets = await new_users.targets(runtime, locked, portal, people, self.taken_earlier)
        return locked, await self._with_access(locked, targets, [invitee.access for invitee in people])

    async def _with_access(
        self, locked: LockedPortals, targets: Sequence[Target], own: Sequence[AccessChange | None] = ()
    ) -> Sequence[Target]:
        """Return the targets with the access that each user gets.

        `own` holds the access of each invitee, in the order of `targets`. It is empty for a selection of users.
        """
        if self._access is not None:
            targets = await with_one_change(locked.actor, targets, self._access)
        return await with_changes(locked.actor, targets, own) if any(own) else targets

    def decide(self, request: ActionRequest) -> Decision:
        return decide(request._replace(terms=self._invitation_options.terms))

    async def write(
        self,
        runtime: Runtime,
        locked: LockedPortals,
        targets: Sequence[Target],
        changes: Mapping[UUID, PlannedChange],
        operation: OperationRow,
    ) -> Mapping[UUID, str]:
        added = [target.user for target in targets if target.is_new and target.user and target.user.id in changes]
        await new_users.add(runtime, added, actor_id=operation.actor_id, operation=operation)
        planned, at, actor_id = list(changes.values()), locked.at, locked.actor.id
        if self._invitation_options.delivery is Delivery.NONE:
            await access_writes.write(runtime, locked.actor, planned, at, operation)
            return {}
        tokens = await send(runtime, planned, locked.portals, self._invitation_options, at, actor_id=actor_id)
        await effects.record_changes(
            runtime,
            self.action,
            planned,
            at,
            actor_id=actor_id,
            operation=operation,
        )
        await access_writes.write(runtime, locked.actor, planned, at, operation)
        return tokens
