"""The bulk plan of every action except INVITE (invite_plan.py) and CHANGE_ACCESS (access_plan.py)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.operations import OperationRow
from rules.access import Actor, Role
from rules.lifecycle.actions import Action
from rules.lifecycle.decision_types import ActionRequest, Decision
from rules.lifecycle.decisions import decide
from rules.refusals import Refusal
from services.bulk.targets.previews import Preview
from services.bulk.targets.selected_users import lock_selection
from services.bulk.targets.selection import SelectedUsers
from services.bulk.targets.target import Target
from services.grants import access_writes
from services.lifecycle import effects
from services.lifecycle.effects import PlannedChange
from services.lifecycle.portal_locks import LockedPortals
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class ActionPlan:
    """The bulk plan that applies `action` to the selected users. `role` is the role that CHANGE_ROLE gives.

    A user who loses the role of an admin also loses the admin-only modules (W6).
    """

    action: Action
    selection: SelectedUsers
    role: Role | None = None

    @property
    def access_hash(self) -> None:
        return None

    @property
    def asked(self) -> object:
        return (self.selection, self.role) if self.role else self.selection

    def faults(self) -> Iterator[Refusal]:
        return iter(())

    async def targets(
        self, runtime: Runtime, actor: Actor, at: datetime, preview: Preview | None, *, dry_run: bool
    ) -> tuple[LockedPortals, Sequence[Target]]:
        return await lock_selection(runtime, actor, self.selection, at, preview, dry_run=dry_run)

    def decide(self, request: ActionRequest) -> Decision:
        return decide(request._replace(role=self.role) if self.role else request)

    async def write(
        self,
        runtime: Runtime,
        locked: LockedPortals,
        targets: Sequence[Target],
        changes: Mapping[UUID, PlannedChange],
        operation: OperationRow,
    ) -> Mapping[UUID, str]:
        planned, at, actor_id = list(changes.values()), locked.at, locked.actor.id
        await effects.apply_action(runtime, self.action, planned, locked.portals, at, actor_id=actor_id)
        await effects.record_changes(
            runtime,
            self.action,
            planned,
            at,
            actor_id=actor_id,
            operation=operation,
        )
        await access_writes.take_admin_only(runtime, locked.actor, planned, at, operation)
        return {}
