"""The state of an invitation, and the step that its link leads to."""

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
    """The form behind an invitation's link."""

    REGISTER = "REGISTER"
    SET_PASSWORD = "SET_PASSWORD"
    SIGN_IN = "SIGN_IN"


class Invitation(Protocol):
    """The columns of an invitation's link that the rules read.

    `address` is proved by holding the link: a link that was only mailed has one, a link that is passed on has none.
    """

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
    """Return the state. REVOKED is a superseded invitation that has no successor."""
    if invitation.used_at is not None:
        return InvitationState.ACCEPTED
    if invitation.superseded_at is not None:
        return InvitationState.REVOKED if is_newest else InvitationState.SUPERSEDED
    return InvitationState.PENDING if now < invitation.expires_at else InvitationState.EXPIRED


def step(invitation: Invitation) -> Step:
    """Return SET_PASSWORD if the address is proved (W10) or trusted (E7), SIGN_IN after acceptance, else REGISTER (E8)."""
    if invitation.used_at is not None:
        return Step.SIGN_IN
    return Step.SET_PASSWORD if invitation.is_trusted or invitation.address is not None else Step.REGISTER
