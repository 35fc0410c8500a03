"""What a decision about a user needs (ActionRequest), and what it returns (Decision)."""

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
    """A protocol for a user's row: the columns that decisions read."""

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
    """The values of a portal that decisions read.

    - `seats_total`: the number of seats, or None if seats are unlimited.
    - `packages_running`: whether a license package is active now.
    - `enabled_admins`: the number of enabled admins with access to the portal.
    - `counted_admins`: the number of admins who count towards `max_admins`.
    - `max_admins`: the maximum number of admins, or None if there is no limit.

    In a bulk operation, `apply_to_portal_state` adds each decision to these numbers before the next decision.
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
    """The change that an action or an event makes to a user. `holds_seat` is the value after the change."""

    transition: Transition
    role: Role
    """The user's role after the change."""
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

    - `by_mail`: whether the server mails the link. Otherwise the inviter passes the link on.
    - `trust_stored_email`: whether acceptance of the invitation verifies the stored address (E7).
    - `adds_only`: whether the user is only added, without an invitation (E3).
    """

    by_mail: bool = True
    trust_stored_email: bool = False
    adds_only: bool = False


class ActionRequest(NamedTuple):
    """A request of `actor` to perform `action` on `user` of `portal` at the time `at`.

    - `terms`: how to invite. Only INVITE uses it.
    - `mail_free_at`: the time from which the mail caps allow the action's mail to the user's address. None means now.
    - `is_new`: whether the same call has just added the user.
    - `role`: the new role, if the action changes roles. None makes a PORTAL_USER a PORTAL_ADMIN, and the reverse.
    - `access`: the change of the user's access, if the action changes access. None if the API only lists the possible
      actions: the guards on changes of access then refuse nothing.
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
        return ACTIONS[self.action]

    @property
    def is_on_self(self) -> bool:
        return self.user.id == self.actor.id

    @property
    def role_afterwards(self) -> Role:
        if not self.spec.changes_role:
            return self.user.role
        return self.role or OTHER_PORTAL_ROLE[self.user.role]

    @property
    def changed_access(self) -> ChangedAccess | None:
        """The user's access before and after the action, or None if the access does not change."""
        return self.access.changed if self.access else None

    @property
    def field_outside_portal(self) -> str | None:
        """The input field with an entry that is not in the catalogue of the user's portal, or None."""
        return self.access.given.field_outside(self.user.portal_id) if self.access else None

    @property
    def retry_at(self) -> datetime | None:
        """The time from which the action's mail can be sent. None means now, or that the action sends no mail."""
        kind = self.spec.cooldown
        if kind is None or not self.terms.by_mail:
            return None
        return cooldown.retry_at(getattr(self.user, kind), self.at, cap_ends_at=self.mail_free_at)
