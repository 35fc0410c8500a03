"""The input types and the result type of a decision about a user."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from rules.access import OTHER_PORTAL_ROLE, Actor, Role
from rules.grants.access_changes import AccessRequest
from rules.grants.held_access import ChangedAccess
from rules.lifecycle.action_spec import ActionSpec
from rules.lifecycle.actions import ACTIONS, Action
from rules.lifecycle.licenses import SeatMode, UserKind
from rules.lifecycle.transitions import HasLifecycleColumns, Transition
from rules.mail import cooldown


class HasDecisionColumns(HasLifecycleColumns, Protocol):
    """A protocol for a user's row: the columns that decisions read. `UserRow` of models/ has these columns."""

    @property
    def id(self) -> UUID: ...
    @property
    def portal_id(self) -> UUID: ...
    @property
    def kind(self) -> UserKind: ...
    @property
    def role(self) -> Role: ...
    @property
    def portal_access(self) -> bool: ...
    @property
    def holds_seat(self) -> bool: ...
    @property
    def email(self) -> str | None: ...
    @property
    def email_verified_at(self) -> datetime | None: ...
    @property
    def reset_mailed_at(self) -> datetime | None: ...
    @property
    def verification_mailed_at(self) -> datetime | None: ...
    @property
    def locked_for_good(self) -> bool: ...


@dataclass(slots=True)
class PortalState:
    """The values of a portal that decisions read. The object exists in memory only.

    - `seats_total`: the number of seats, or None if seats are unlimited.
    - `packages_running`: whether a license package is active now.
    - `enabled_admins`: the number of enabled admins with access to the portal.
    - `counted_admins`: the number of admins that count against `max_admins`.
    - `max_admins`: the maximum number of admins, or None if the number is not limited.

    `apply_to_portal_state` adds a decision to `seats_used`, `enabled_admins` and `counted_admins`. Each decision of a
    bulk operation therefore takes the earlier decisions into account.
    """

    id: UUID
    is_active: bool
    in_production: bool
    password_sign_in_enabled: bool
    seat_mode: SeatMode
    seats_total: int | None
    seats_used: int
    packages_running: bool
    enabled_admins: int
    counted_admins: int
    max_admins: int | None


class Decision(NamedTuple):
    """The change that an action or an event makes to a user. `holds_seat` states whether the user has a seat afterwards."""

    transition: Transition
    role: Role
    """The user's role afterwards."""
    access: ChangedAccess | None
    """What the user may reach before and after. None if the action does not change it."""
    portal_access: bool
    """Whether the user may use the portal afterwards."""
    holds_seat: bool
    seat_change: int
    """What the decision adds to the portal's used seats: 1, 0 or -1."""
    admin_change: int
    """What the decision adds to the portal's enabled admins: 1, 0 or -1."""
    counted_admin_change: int
    """What the decision adds to the admins that count against the portal's limit: 1, 0 or -1."""


@dataclass(frozen=True, slots=True)
class InvitationTerms:
    """How a user is invited.

    - `by_mail`: whether the server mails the link. If not, the inviter passes the link on.
    - `trust_stored_email`: whether the stored address counts as verified when the invitation is accepted (E7).
    - `adds_only`: whether the user is only added, without an invitation (E3).
    """

    by_mail: bool = True
    trust_stored_email: bool = False
    adds_only: bool = False


class ActionRequest(NamedTuple):
    """A request of `actor` to perform `action` on `user` of `portal` at the time `at`.

    - `terms`: how to invite. Other actions than INVITE have the defaults.
    - `mail_free_at`: the time from which the mail caps allow the action's mail to the user's address. None means now.
    - `is_new`: whether the same call has just added the user.
    - `role`: the new role, for an action with `ActionSpec.changes_role`. None stands for the other one of the two
      portal roles.
    - `access`: the change of the user's access. None for other actions. For an action with `ActionSpec.changes_access`,
      None stands for a change that no rule forbids.
    """

    action: Action
    actor: Actor
    user: HasDecisionColumns
    portal: PortalState
    at: datetime
    terms: InvitationTerms = InvitationTerms()
    mail_free_at: datetime | None = None
    is_new: bool = False
    role: Role | None = None
    access: AccessRequest | None = None

    @property
    def spec(self) -> ActionSpec[Action]:
        """The declaration of the action."""
        return ACTIONS[self.action]

    @property
    def is_on_self(self) -> bool:
        return self.user.id == self.actor.id

    @property
    def role_afterwards(self) -> Role:
        """The role that the user has after the action."""
        if not self.spec.changes_role:
            return self.user.role
        return self.role or OTHER_PORTAL_ROLE[self.user.role]

    @property
    def changed_access(self) -> ChangedAccess | None:
        """The user's access before and after the action. None if the action does not change the access."""
        return self.access.changed if self.access else None

    @property
    def field_outside_portal(self) -> str | None:
        """The input field that names an entry outside the catalogue of the user's portal.

        None if there is no such field.
        """
        return self.access.given.field_outside(self.user.portal_id) if self.access else None

    @property
    def retry_at(self) -> datetime | None:
        """The time from which the cooldown and the caps allow the action's mail.

        None if they allow the mail now, or if the action sends no mail.
        """
        kind = self.spec.cooldown
        if kind is None or not self.terms.by_mail:
            return None
        return cooldown.retry_at(getattr(self.user, kind), self.at, cap_ends_at=self.mail_free_at)
