"""The state of an invitation, and the next step of the invitee."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class InvitationState(StrEnum):
    """The state of an invitation, such as pending, accepted or expired."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    SUPERSEDED = "SUPERSEDED"


class Step(StrEnum):
    """What the page behind an invitation's link shows the invitee. GraphQL: InvitationStep."""

    REGISTER = "REGISTER"
    SET_PASSWORD = "SET_PASSWORD"
    SIGN_IN = "SIGN_IN"


class InvitationLink(Protocol):
    """A protocol for the row of an invitation's link.

    - `address`: where the link was mailed to, so that opening the link proves this address. None if the inviter passed
      the link on.
    - `is_trusted`: whether the user's stored address counts as verified although the link was not mailed (E7).
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


def state(invitation: InvitationLink, now: datetime, *, is_newest: bool) -> InvitationState:
    """Return the state of the invitation at `now`.

    `is_newest` says whether `invitation` is the user's newest. An invitation with `superseded_at` is SUPERSEDED if
    there is a newer one, else REVOKED.
    """
    if invitation.used_at is not None:
        return InvitationState.ACCEPTED
    if invitation.superseded_at is not None:
        return InvitationState.REVOKED if is_newest else InvitationState.SUPERSEDED
    return InvitationState.PENDING if now < invitation.expires_at else InvitationState.EXPIRED


def step(invitation: InvitationLink) -> Step:
    """Return what the invitee does next.

    - SIGN_IN if the invitation was accepted.
    - SET_PASSWORD if the link was mailed to an address (W10), or the stored address is trusted (E7).
    - REGISTER otherwise (E8).
    """
    if invitation.used_at is not None:
        return Step.SIGN_IN
    return Step.SET_PASSWORD if invitation.is_trusted or invitation.address is not None else Step.REGISTER
