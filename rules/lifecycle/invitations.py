"""What has become of an invitation, and what its link leads to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol


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
