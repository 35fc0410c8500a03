"""The type of a row in the table of actions. The table is in rules/lifecycle/actions.py."""

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
"""The enum Action, which rules/lifecycle/actions.py defines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec(Generic[A]):
    """The declaration of an action: its effects, its refusals and its texts."""

    mutation: str
    """The name of the mutation that performs the action."""
    description: str
    """The description of the mutation in the schema."""
    past_participle: str
    """The text that completes the sentence "Ann was not …" in messages."""
    audit_event: AuditEventType
    transitions: Transitions
    status_reason: StatusReason | None = None
    """The reason of the new status."""
    suggested: Mapping[Code, A] = field(default_factory=dict)
    """The action to try instead, by the code of the refusal."""

    allowed_on_self: bool = True
    """Whether admins may perform the action on their own account. If not, the code is CANNOT_TARGET_SELF."""
    allowed_to_owner: bool = False
    """Whether users who manage no users may perform the action on their own account."""
    needs_active_portal: bool = False
    """Whether the action is refused with PORTAL_INACTIVE in an inactive portal: it gives access or sends mail."""

    mail: Callable[[HasAddresses], tuple[MailKind, str | None]] | None = None
    """A function that returns the kind and the address of the action's mail. If the address is None, the action is
    refused with NO_EMAIL. None: the action sends no mail with a link."""
    cooldown: Cooldown | None = None
    """The cooldown that the action's mail starts. While it runs, the action is refused with COOLDOWN."""
    replaces_password: bool = False
    """Whether the user must set a new password with a mailed link. Refused with UNVERIFIED if the user's address is not
    verified, and with PASSWORD_SIGN_IN_OFF if the portal does not allow passwords."""

    ends_sessions: bool = False
    ends_sign_in_steps: bool = False
    """Whether a sign-in that waits for a second factor or a new password must start again. Actions that block the
    account do not need it, because each step of a sign-in checks the account."""
    clears_attempts: bool = False
    """Whether earlier failed attempts are deleted."""
    removes_second_factor: bool = False
    """Whether the second factor is deleted. A notification is mailed to the user."""
    retakes_seat: bool = False
    """Whether a user whose status does not change takes a seat again, after an expired invitation released it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAction:
    """The declaration of an action that this version does not perform. For the fields see ActionSpec."""

    mutation: str
    past_participle: str
