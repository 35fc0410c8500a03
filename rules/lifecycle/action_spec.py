"""The type of one row in the table of actions. The table itself is in rules/lifecycle/actions.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from rules.audit_events import AuditEventType
from rules.lifecycle.statuses import StatusReason
from rules.lifecycle.transitions import Transitions
from rules.mail.cooldown import Cooldown
from rules.mail.kinds import MailKind
from rules.mail.link_recipients import HasAddresses
from rules.refusals import Code

A = TypeVar("A", bound=StrEnum)
"""Stands for the enum `Action`. That enum cannot be imported here, because its module imports this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec(Generic[A]):
    """One row of the table of actions: the effects of an action, its refusals and its texts."""

    mutation: str
    """The name of the mutation that performs the action."""
    description: str
    """The description of the mutation in the schema."""
    past_participle: str
    """The text that completes the sentence "Ann was not …" in messages, such as "locked"."""
    audit_event: AuditEventType
    transitions: Transitions
    status_reason: StatusReason | None = None
    """The status reason that is stored with a new status."""
    suggested: Mapping[Code, A] = field(default_factory=dict)
    """The action that a refusal's message suggests, by the code of the refusal."""

    allowed_on_self: bool = True
    """Whether admins can perform the action on their own account.

    If not, the action is refused with CANNOT_TARGET_SELF.
    """
    allowed_to_owner: bool = False
    """Whether portal users who are not admins can perform the action on their own account."""
    needs_active_portal: bool = False
    """Whether the action is refused with PORTAL_INACTIVE in an inactive portal.

    True for actions that give access or send mail.
    """

    mail: Callable[[HasAddresses], tuple[MailKind, str | None]] | None = None
    """A function that returns the kind and the address of the mail with a link. None if the action sends no such mail.

    The function can return None as the address. If the request then needs an address, the action is refused with
    NO_EMAIL.
    """
    cooldown: Cooldown | None = None
    """The cooldown that the action's mail starts. Until it ends, the action is refused with COOLDOWN."""
    replaces_password: bool = False
    """Whether the action makes the user set a new password with a mailed link.

    The action is refused with UNVERIFIED if the user's address is not verified, and with PASSWORD_SIGN_IN_OFF if the
    portal does not allow passwords.
    """

    changes_role: bool = False
    """Whether the action gives the user the role that the request names.

    The action is refused with ALREADY_IN_STATE if the user has this role already.
    """
    changes_access: bool = False
    """Whether the action gives the user the access that the request names.

    The action is refused with ALREADY_IN_STATE if the user has this access already.
    """
    ends_sessions: bool = False
    ends_sign_in_steps: bool = False
    """Whether the action ends the steps of a sign-in that has begun. The user must then begin again with the password.

    Actions that block the account do not need this, because each step of a sign-in checks the account.
    """
    clears_attempts: bool = False
    """Whether the action deletes the counters of the user's failed attempts."""
    removes_second_factor: bool = False
    """Whether the action deletes the user's second factor. The user gets a notification by mail."""
    retakes_seat: bool = False
    """Whether the action gives back a seat that the user lost when an invitation expired.

    If false, the action changes the seat only together with the status.
    """
