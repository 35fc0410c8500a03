"""The bulk plan of one chunk of an imported file.

A dry run stores no users. The plan therefore remembers the logins, seats and admins of the earlier chunks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from models.users.taken_logins import TakenLogins
from rules.access import Actor
from rules.grants.access_changes import AccessChange
from rules.lifecycle.decision_types import PortalState
from rules.outcomes import OutcomeStatus
from rules.text.folding import login_key
from rules.text.lookalikes import skeleton
from services.bulk.invite_plan import InvitePlan
from services.bulk.results import BulkResult
from services.bulk.targets.invitees import Invitee
from services.bulk.targets.previews import Preview
from services.bulk.targets.selection import Invitees
from services.bulk.targets.target import Target
from services.lifecycle.portal_locks import LockedPortals
from services.onboarding.invitations import InvitationOptions
from services.runtime import Runtime


@dataclass(slots=True)
class EarlierChunks:
    """What the earlier chunks of a dry run would have added to the portal: logins, seats and admins.

    A dry run stores no user, so a later chunk cannot read these values from the database. In other runs, they stay
    empty.
    """

    taken: TakenLogins = field(default_factory=lambda: TakenLogins(set(), set()))
    seats_used: int = 0
    enabled_admins: int = 0
    counted_admins: int = 0
    _stored: PortalState | None = None
    _decided: PortalState | None = None

    def add_to(self, state: PortalState) -> None:
        """Add the seats and admins of the earlier chunks to the state of the locked portal.

        Call this method before a chunk is decided.
        """
        self._stored, self._decided = replace(state), state
        state.seats_used += self.seats_used
        state.enabled_admins += self.enabled_admins
        state.counted_admins += self.counted_admins

    def add_chunk(self, run: BulkResult) -> None:
        """Remember the logins, seats and admins of a chunk. Call this method after the dry run of the chunk."""
        if self._stored and self._decided:
            self.seats_used = self._decided.seats_used - self._stored.seats_used
            self.enabled_admins = self._decided.enabled_admins - self._stored.enabled_admins
            self.counted_admins = self._decided.counted_admins - self._stored.counted_admins
        for target, outcome in zip(run.targets, run.outcomes, strict=True):
            if target.is_new and target.user and outcome.status is OutcomeStatus.SUCCEEDED:
                self.taken.logins.update(login_key(each) for each in (target.user.username, target.user.email) if each)
                self.taken.looks.add(skeleton(login_key(target.user.username)))


class ImportPlan(InvitePlan):
    """The plan that adds and invites the people of one chunk of a file.

    `people` are the cleaned invitees of `selection`. `file` is a digest of the whole file: an idempotency key is
    refused if the file differs, even if this chunk is equal.
    """

    def __init__(
        self,
        selection: Invitees,
        people: Sequence[Invitee],
        invitation_options: InvitationOptions,
        access: AccessChange | None,
        file: str,
        earlier: EarlierChunks,
    ) -> None:
        super().__init__(selection, invitation_options, access)
        self.people = people
        self._file = file
        self._earlier = earlier

    @property
    def asked(self) -> object:
        return super().asked, self._file

    @property
    def taken_earlier(self) -> TakenLogins:
        return self._earlier.taken

    async def targets(
        self, runtime: Runtime, actor: Actor, at: datetime, preview: Preview | None, *, dry_run: bool
    ) -> tuple[LockedPortals, Sequence[Target]]:
        locked, targets = await super().targets(runtime, actor, at, preview, dry_run=dry_run)
        if dry_run:
            for state in locked.portal_states.values():  # of one portal
                self._earlier.add_to(state)
        return locked, targets
