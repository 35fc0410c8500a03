"""What has become of an invitation, and what its link leads to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from rules.access import Role
from rules.lifecycle.decisions import ActionRequest, Decision, check_guards_only, decide
from rules.lifecycle.statuses import UNCONFIRMED, Status
from rules.refusals import Code, Refusal


class InvitationState(StrEnum):
    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    SUPERSEDED = "SUPERSEDED"


class Step(StrEnum):
    """What the page behind an invitation's link asks for."""

    REGISTER = "REGISTER"
    SET_PASSWORD = "SET_PASSWORD"
    SIGN_IN = "SIGN_IN"


class Invitation(Protocol):
    """An invitation's link as the rules see it. `address` is the one that whoever holds the link has proved to be his:
    a link that was only ever mailed has one, a link that somebody passes on has none."""

    @property
    def expires_at(self) -> datetime: ...
    @property
    def used_at(self) -> datetime | None: ...
    @property
    def superseded_at(self) -> datetime | None: ...
    @property
    def address(self) -> str | None: ...
    @property
    def is_trusted(self) -> bool: ...


def state(invitation: Invitation, now: datetime, *, is_newest: bool) -> InvitationState:
    """What has become of it: one without a successor that is dead all the same was taken back (REVOKED)."""
    if invitation.used_at is not None:
        return InvitationState.ACCEPTED
    if invitation.superseded_at is not None:
        return InvitationState.REVOKED if is_newest else InvitationState.SUPERSEDED
    return InvitationState.PENDING if now < invitation.expires_at else InvitationState.EXPIRED


def step(invitation: Invitation) -> Step:
    """Who proved the address, or is trusted with it, only sets a password (W10, E7); everybody else registers (E8)."""
    if invitation.used_at is not None:
        return Step.SIGN_IN
    return Step.SET_PASSWORD if invitation.is_trusted or invitation.address is not None else Step.REGISTER


def invite(case: ActionRequest) -> Decision:
    """What inviting makes of somebody who is in the portal; Refusal of the first guard that speaks.

    Where nobody is to be invited but added only, whoever was added before is there already.
    """
    if case.terms.adds_only and case.user.status in UNCONFIRMED:
        check_guards_only(case)
        raise Refusal(Code.ALREADY_INVITED if case.user.status is Status.PROVISIONED else Code.ALREADY_IN_STATE)
    return decide(case)


def add(case: ActionRequest, admins_left: int | None) -> Decision:
    """What becomes of somebody who is added now, STAGED until then: invited, or left as he is when added only.

    `admins_left` is how many more admins the portal may have, None without a limit. A seat matters to who is invited.
    """
    change = check_guards_only(case) if case.terms.adds_only else decide(case)
    if case.user.role is Role.PORTAL_ADMIN and admins_left is not None and admins_left < 1:
        raise Refusal(Code.ADMIN_LIMIT_REACHED)
    return change
