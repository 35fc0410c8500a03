"""One user, one action, one answer: the guards in the order of docs/requirements.md#guards; the first refusal counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from rules.access import Actor, Role
from rules.lifecycle.actions import ACTIONS, PLANNED, Action, mail_of, transition
from rules.lifecycle.licenses import Kind, SeatMode, holds_seat
from rules.lifecycle.statuses import CATEGORY, Category
from rules.lifecycle.transitions import LifecycleState, Transition
from rules.mail import cooldown
from rules.refusals import Code, Refusal


class UserView(LifecycleState, Protocol):
    """A user as the rules see one."""

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
    """A portal while a bulk is decided: what holds in it, and what is left after the users decided so far.

    `seats_total` is None when unlimited; `packages_running` says whether any license package runs at this moment.
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
    """What a decided action makes of a user."""

    transition: Transition
    holds_seat: bool
    takes_seat: int
    """+1: one more is taken, -1: one is given back."""
    admins: int
    """+1 or -1: an admin more or fewer in ENABLED."""


@dataclass(frozen=True, slots=True)
class InvitationTerms:
    """How somebody is invited: by a mail of ours or otherwise, whether the stored address is trusted (E7), or whether he
    is merely added (E3)."""

    by_mail: bool = True
    without_contact_confirmation: bool = False
    adds_only: bool = False


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """The question: may `actor` do `action` to `user` in `place`, at this moment? `terms` matter to invitations;
    `mail_free_at` is when the user's address may be mailed again, None where no cap is reached."""

    action: Action
    actor: Actor
    user: UserView
    place: PortalState
    at: datetime
    terms: InvitationTerms = InvitationTerms()
    mail_free_at: datetime | None = None

    @property
    def retry_at(self) -> datetime | None:
        """When the action's mail may be queued; None: now, or no mail."""
        kind = ACTIONS[self.action].cooldown
        if kind is None or not self.terms.by_mail:
            return None
        return cooldown.retry_at(getattr(self.user, kind), self.at, cap_ends_at=self.mail_free_at)


def decide(case: ActionRequest) -> Decision:
    """What the action makes of the user, or the Refusal of the first guard that speaks. Changes nothing."""
    for guard in BEFORE_THE_TABLE:
        guard(case)
    to = transition(case.action, case.user)
    keeps_seat = to.status is case.user.status and not ACTIONS[case.action].retakes_seat
    change = evaluate(case.user, case.place, to, case.user.holds_seat if keeps_seat else None)
    for check in AFTER_THE_TABLE:
        check(case, change)
    return change


def check_guards_only(case: ActionRequest) -> Decision:
    """The user stays as he is, or the Refusal of the first guard that speaks before the table is asked."""
    for guard in BEFORE_THE_TABLE:
        guard(case)
    user = case.user
    stay = Transition(user.status, user.status_reason, user.resume_status, user.resume_reason)
    return evaluate(user, case.place, stay, user.holds_seat)


def apply_to_totals(place: PortalState, change: Decision) -> None:
    """Counts a decided change into its portal, so that the next user is decided on what is left (K12)."""
    place.seats_used += change.takes_seat
    place.enabled_admins += change.admins


def evaluate(user: UserView, place: PortalState, to: Transition, seat: bool | None = None) -> Decision:
    """Return what the move means for seats and admins. `seat`: whether a seat is held then; None: as the status says."""
    if seat is None:
        seat = holds_seat(user.kind, to.status, place.seat_mode)
    was_admin = user.role is Role.PORTAL_ADMIN and CATEGORY[user.status] is Category.ENABLED
    is_admin = user.role is Role.PORTAL_ADMIN and to.category is Category.ENABLED
    return Decision(to, seat, seat - user.holds_seat, is_admin - was_admin)


def _rank(case: ActionRequest) -> None:
    spec = ACTIONS.get(case.action)
    is_own = spec is not None and spec.allowed_to_owner and case.user.id == case.actor.id
    if not case.actor.manages_users and not is_own:
        raise Refusal(Code.HIGHER_ROLE)


def _is_supported(case: ActionRequest) -> None:
    if case.action in PLANNED:
        raise Refusal(Code.NOT_SUPPORTED)


def _not_oneself(case: ActionRequest) -> None:
    if case.user.id == case.actor.id and not ACTIONS[case.action].allowed_on_self:
        raise Refusal(Code.CANNOT_TARGET_SELF)


def _portal_is_active(case: ActionRequest) -> None:
    if not case.place.is_active and ACTIONS[case.action].needs_active_portal:
        raise Refusal(Code.PORTAL_INACTIVE)


def _has_an_address(case: ActionRequest, change: Decision) -> None:
    """An invitation needs an address if it is mailed, or if the stored address is trusted (E9)."""
    spec = ACTIONS[case.action]
    if spec.mail is None or not (case.terms.by_mail or case.terms.without_contact_confirmation):
        return
    if mail_of(case.action, case.user) is None:
        raise Refusal(Code.NO_EMAIL)
    if spec.replaces_password and case.user.email_verified_at is None:
        raise Refusal(Code.UNVERIFIED)


def _signs_in_by_password(case: ActionRequest, change: Decision) -> None:
    if ACTIONS[case.action].replaces_password and not case.place.password_sign_in_enabled:
        raise Refusal(Code.PASSWORD_SIGN_IN_OFF)


def _cooled_down(case: ActionRequest, change: Decision) -> None:
    if retry_at := case.retry_at:
        raise Refusal(Code.COOLDOWN, retry_at=retry_at)


def _an_admin_stays(case: ActionRequest, change: Decision) -> None:
    if change.admins < 0 and not case.actor.is_staff and case.place.enabled_admins + change.admins < 1:
        raise Refusal(Code.LAST_ADMIN)


def _a_package_runs(case: ActionRequest, change: Decision) -> None:
    a_package_runs(change, case.place)


def _a_seat_is_free(case: ActionRequest, change: Decision) -> None:
    a_seat_is_free(change, case.place)


def a_package_runs(change: Decision, place: PortalState) -> None:
    """Refusal LICENSE_PACKAGE_INACTIVE when a seat is wanted while no package runs (E1)."""
    if change.takes_seat > 0 and not place.packages_running:
        raise Refusal(Code.LICENSE_PACKAGE_INACTIVE)


def a_seat_is_free(change: Decision, place: PortalState) -> None:
    """Refusal NO_SEAT_AVAILABLE when a seat is wanted and all are taken (K12)."""
    total = place.seats_total
    if change.takes_seat > 0 and total is not None and place.seats_used + change.takes_seat > total:
        raise Refusal(Code.NO_SEAT_AVAILABLE)


BEFORE_THE_TABLE: tuple[Callable[[ActionRequest], None], ...] = (_rank, _is_supported, _not_oneself, _portal_is_active)
AFTER_THE_TABLE: tuple[Callable[[ActionRequest, Decision], None], ...] = (
    _has_an_address,
    _signs_in_by_password,
    _cooled_down,
    _an_admin_stays,
    _a_package_runs,
    _a_seat_is_free,
)
