"""What is declared about an action on users. The rows are in rules/lifecycle/actions.py."""

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
"""The enum of the actions, which stands with their rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec(Generic[A]):
    """What an action does, when it is refused, and what clients read about it."""

    mutation: str
    """The root field of the schema that does it."""
    description: str
    """Of the mutation, in the schema."""
    past_participle: str
    """Completes "Ann was not …" in messages."""
    audit_event: AuditEventType
    transitions: Transitions
    status_reason: StatusReason | None = None
    """The reason of the new status."""
    suggested: Mapping[Code, A] = field(default_factory=dict)
    """What to try instead, by the code of the refusal."""

    allowed_on_self: bool = True
    """If false, CANNOT_TARGET_SELF: the owner has other ways."""
    allowed_to_owner: bool = False
    """Users who manage no users may do it to themselves."""
    needs_active_portal: bool = False
    """Gives access or sends mail: PORTAL_INACTIVE in an inactive portal."""

    mail: Callable[[HasAddresses], tuple[MailKind, str | None]] | None = None
    """The mail with a link that it sends, and its address: NO_EMAIL without one."""
    cooldown: Cooldown | None = None
    """The cooldown that its mail waits for and begins."""
    replaces_password: bool = False
    """The user must set a new password by mail: UNVERIFIED, PASSWORD_SIGN_IN_OFF."""

    ends_sessions: bool = False
    ends_sign_in_steps: bool = False
    """A sign-in between password and session must start again. Other actions block the account, which a step checks."""
    clears_attempts: bool = False
    """Earlier failed attempts no longer count at all."""
    removes_second_factor: bool = False
    """The second factor is deleted, and a notification tells the owner."""
    retakes_seat: bool = False
    """A user whose status stays takes its seat again, if the seat was released when the invitation expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAction:
    """An action that is not in this version. The fields are those of ActionSpec."""

    mutation: str
    past_participle: str
