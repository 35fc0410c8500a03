"""What a decision is made about: a user, the user's portal, and what an actor wants done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from rules.access import Actor, Role
from rules.lifecycle.action_spec import ActionSpec
from rules.lifecycle.actions import ACTIONS, Action
from rules.lifecycle.licenses import Kind, SeatMode
from rules.lifecycle.transitions import LifecycleState, Transition
from rules.mail import cooldown


class UserView(LifecycleState, Protocol):
    """The columns of a user that decisions read."""

    @property
    def id(self) -> UUID: ...
    @property
    def portal_id(self) -> UUID: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def role(self) -> Role: ...
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
    """A portal, and what is left of its seats and admins after the users decided so far.

    `seats_total` is None if unlimited; `packages_running` says whether any license package runs at this moment.
    """

    id: UUID
    is_active: bool
    password_sign_in_enabled: bool
    seat_mode: SeatMode
    seats_total: int | None
    seats_used: int
    packages_running: bool
    enabled_admins: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The change that an action or an event makes to a user."""

    transition: Transition
    holds_seat: bool
    takes_seat: int
    """+1: one more seat is taken. -1: one is released."""
    admins: int
    """+1: one more admin is in ENABLED. -1: one fewer."""


@dataclass(frozen=True, slots=True)
class InvitationTerms:
    """How to invite: by a mail of this server or not, with a trusted stored address (E7), or not at all: adds only (E3)."""

    by_mail: bool = True
    without_contact_confirmation: bool = False
    adds_only: bool = False


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """May `actor` do `action` to `user` of `portal`, at this moment?

    `terms` matter to INVITE. `mail_free_at`: when the mail caps allow the action's mail to the user's address; None: now.
    `is_new`: the user is added in the same call. `admins_left`: how many admins the portal may add; None: no limit.
    """

    action: Action
    actor: Actor
    user: UserView
    portal: PortalState
    at: datetime
    terms: InvitationTerms = InvitationTerms()
    mail_free_at: datetime | None = None
    is_new: bool = False
    admins_left: int | None = None

    @property
    def spec(self) -> ActionSpec[Action]:
        """Requires an action of this version."""
        return ACTIONS[self.action]

    @property
    def is_on_self(self) -> bool:
        return self.user.id == self.actor.id

    @property
    def retry_at(self) -> datetime | None:
        """When the action's mail may be queued; None: now, or no mail is sent."""
        kind = self.spec.cooldown
        if kind is None or not self.terms.by_mail:
            return None
        return cooldown.retry_at(getattr(self.user, kind), self.at, cap_ends_at=self.mail_free_at)
