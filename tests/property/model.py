"""A model of the promises about users, in plain Python. It follows the requirements and does not use rules/."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tests.property.action_table import (
    DISABLED,
    ENABLED,
    ENDS_SESSIONS,
    GIVES_ACCESS,
    NOT_ONESELF,
    OTHER_ROLE,
    PORTAL_ACCESS,
    RESUMED,
    TABLE,
    UNCONFIRMED,
)
from tests.property.tenants import Account, Portal, User

Outcome = tuple[str, str | None, str | None, str | None]
"""The status of an outcome, the code of its reason, and the user's previous and new status."""


@dataclass
class Model:
    portals: dict[str, Portal] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    signed_in: set[str] = field(default_factory=set)
    """The ids of accounts with a session that has not ended."""

    def act(
        self,
        actor: Account,
        mutation: str,
        ids: list[str],
        now: datetime,
        *,
        or_nothing: bool,
        role: str | None = None,
    ) -> list[Outcome]:
        """Apply the mutation to the model, and return the expected outcome for each id.

        `role` is the role that changeRoles gives. If `or_nothing`, one refused user undoes the whole call.
        """
        users = dict(self.users)
        standings = {id: (user.standing(), user.role, user.is_open) for id, user in users.items()}
        sessions = set(self.signed_in)
        outcomes: list[Outcome] = []
        for i, id in enumerate(ids):
            user = self._visible(actor, id, users)
            if id in ids[:i]:
                outcomes.append(_refused("DUPLICATE_IN_REQUEST", self.users[id] if user and id in self.users else None))
            elif user is None:
                outcomes.append(_refused("NOT_FOUND", None))
            else:
                outcomes.append(self._done(actor, mutation, id, now, role))
        if or_nothing and any(status != "SUCCEEDED" for status, *_ in outcomes):
            self.users, self.signed_in = users, sessions
            for id, user in users.items():
                standing, user.role, user.is_open = standings[id]
                user.stand(*standing)  # type: ignore[arg-type]  # as it was taken down above
            outcomes = [
                _refused(reason or "ABORTED_BY_POLICY", self._visible(actor, id, users))
                for id, (_, reason, *_rest) in zip(ids, outcomes, strict=True)
            ]
        return outcomes

    def verdict(self, actor: Account, mutation: str, id: str, now: datetime, role: str | None = None) -> str | None:
        """Return the code of the first guard that refuses the mutation for the user, or None if it is allowed.

        `role` is the role that changeRoles gives, by default the role that the user does not have.
        """
        user = self.users[id]
        portal = self.portals[user.portal]
        cell = TABLE[mutation][user.status]
        role = (role or OTHER_ROLE[user.role]) if mutation == "changeRoles" else user.role
        if id == actor.id and mutation in NOT_ONESELF:
            return "CANNOT_TARGET_SELF"
        if not portal.is_active and mutation in GIVES_ACCESS:
            return "PORTAL_INACTIVE"
        is_open = PORTAL_ACCESS.get(mutation, user.is_open)
        if (mutation == "changeRoles" and role == user.role) or (mutation in PORTAL_ACCESS and is_open is user.is_open):
            return "ALREADY_IN_STATE"
        if cell.isupper():
            return cell
        leaves = cell in ("deactivated", "suspended", "gone") or role != user.role or mutation == "closePortal"
        if leaves and not actor.is_staff and self._is_last_admin(user):
            return "LAST_ADMIN"
        after = {"resume": user.resume or "ACTIVE", "provisioned": "PROVISIONED"}.get(cell)
        no_seat = self._no_seat(user, after, now) if after else None
        gone = {"deactivated": "DEACTIVATED", "suspended": "SUSPENDED", "gone": None}
        return no_seat or self._too_many_admins(user, gone.get(cell, after or user.status), role, is_open=is_open)

    def accept(self, id: str, now: datetime) -> list[str]:
        """Accept the user's valid invitation. Return the codes of the blockers or of the error that prevent the
        sign-in.
        """
        user = self.users[id]
        if not self.portals[user.portal].is_active:
            return ["PORTAL_INACTIVE"]
        has_no_seat = self._no_seat(user, "ACTIVE", now)
        after = "DEACTIVATED" if has_no_seat else "ACTIVE"
        if self._too_many_admins(user, after, user.role, is_open=user.is_open):
            return ["ADMIN_LIMIT_REACHED"]
        user.stand(after, *(("WAITING_FOR_SEAT", "ACTIVE", None) if has_no_seat else (None, None, None)))
        return [*(["WAITING_FOR_SEAT"] if has_no_seat else []), *([] if user.is_open else ["PORTAL_ACCESS_CLOSED"])]

    def _no_seat(self, user: User, after: str, now: datetime) -> str | None:
        """Return the code if the user needs a seat for the status `after` and gets none, otherwise None."""
        portal = self.portals[user.portal]
        if self.holds_seat(user) or not self._needs_seat(user, after):
            return None
        if not portal.running(now):
            return "LICENSE_PACKAGE_INACTIVE"
        return "NO_SEAT_AVAILABLE" if self.seats_used(user.portal) >= (portal.seats(now) or 0) else None

    def _too_many_admins(self, user: User, after: str | None, role: str, *, is_open: bool) -> str | None:
        """Return ADMIN_LIMIT_REACHED if the portal would have too many admins after the user's change, otherwise None.

        After the change, the user has the status `after` and the role `role`, and `is_open` says whether the user has
        access to the portal. The code is returned in two cases:

        - The user becomes an admin who is not DEACTIVATED, and the limit is already reached by such admins.
        - The user becomes an enabled admin with access to the portal, and the limit is already reached by such admins.
        """
        most = self.portals[user.portal].max_admins
        if most is None:
            return None
        admins = [u for u in self.users.values() if u.portal == user.portal and u.role == "PORTAL_ADMIN"]
        is_admin = role == "PORTAL_ADMIN"
        counted, enabled = [u for u in admins if u.status != "DEACTIVATED"], self._enabled_admins(user.portal)
        counts_anew = is_admin and after not in (None, "DEACTIVATED") and user not in counted
        is_enabled_anew = is_admin and after in ENABLED and is_open and user not in enabled
        too_many = (counts_anew and len(counted) >= most) or (is_enabled_anew and len(enabled) >= most)
        return "ADMIN_LIMIT_REACHED" if too_many else None

    def holds_seat(self, user: User) -> bool:
        return self._needs_seat(user, user.status)

    def seats_used(self, portal: str) -> int:
        return sum(self.holds_seat(user) for user in self.users.values() if user.portal == portal)

    def tiles(self, portals: set[str]) -> dict[str, int]:
        of_these = [user for user in self.users.values() if user.portal in portals]
        return {
            "ACTIVE_USERS": sum(user.status in ENABLED for user in of_these),
            "INACTIVE_USERS": sum(user.status in DISABLED for user in of_these),
            "OPEN_INVITES": sum(user.status in UNCONFIRMED for user in of_these),
            "LOCKED_USERS": sum(user.status in ("LOCKED_OUT", "SUSPENDED") for user in of_these),
            "WAITING_FOR_SEAT": sum(user.reason == "WAITING_FOR_SEAT" for user in of_these),
        }

    def may_sign_in(self, id: str) -> bool:
        user = self.users[id]
        return user.status == "ACTIVE" and user.is_open and self.portals[user.portal].is_active

    def is_in(self, account: Account) -> bool:
        """Return whether the account's next request is answered: its session has not ended, and its portal lets it sign
        in.
        """
        if account.id not in self.signed_in:
            return False
        return account.is_staff or (account.id in self.users and self.may_sign_in(account.id))

    def _done(self, actor: Account, mutation: str, id: str, now: datetime, role: str | None) -> Outcome:
        user = self.users[id]
        if code := self.verdict(actor, mutation, id, now, role):
            return _refused(code, user)
        if mutation == "changeRoles":
            user.role = role or OTHER_ROLE[user.role]
        user.is_open = PORTAL_ACCESS.get(mutation, user.is_open)
        before = user.status
        resume, why = (before, user.reason) if before in RESUMED else (user.resume or "ACTIVE", user.resume_reason)
        match TABLE[mutation][before]:
            case "gone":
                del self.users[id]
            case "deactivated":
                user.stand("DEACTIVATED", "ADMIN_ACTION", resume, why)
            case "suspended":
                user.stand("SUSPENDED", "ADMIN_ACTION", resume, why)
            case "provisioned":
                user.stand("PROVISIONED", None, None, None)
            case "resume":
                user.stand(resume, why, None, None)
        if mutation in ENDS_SESSIONS:
            self.signed_in.discard(id)
        return ("SUCCEEDED", None, before, user.status if id in self.users else None)

    def _visible(self, actor: Account, id: str, among: dict[str, User]) -> User | None:
        return among[id] if id in among and among[id].portal in actor.portals else None

    def _is_last_admin(self, user: User) -> bool:
        enabled = self._enabled_admins(user.portal)
        return user in enabled and len(enabled) == 1

    def _enabled_admins(self, portal: str) -> list[User]:
        """Return the enabled admins of the portal who have access to the portal."""
        admins = [user for user in self.users.values() if user.portal == portal and user.role == "PORTAL_ADMIN"]
        return [user for user in admins if user.status in ENABLED and user.is_open]

    def _needs_seat(self, user: User, status: str) -> bool:
        mode = self.portals[user.portal].seat_mode
        if user.kind != "EXTERNAL" or mode == "UNLIMITED":
            return False
        return status in (*ENABLED, "SUSPENDED") or (mode == "ON_INVITE" and status == "PROVISIONED")


def _refused(code: str, user: User | None) -> Outcome:
    return ("SKIPPED", code, user.status if user else None, user.status if user else None)
