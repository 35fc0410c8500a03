"""What the product promises about users, in plain Python: written from the requirements, without a look at rules/."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

TABLE = {
    mutation: dict(
        zip(
            [
                "STAGED",
                "PROVISIONED",
                "ACTIVE",
                "AWAITING_NEW_PASSWORD",
                "RECOVERY",
                "LOCKED_OUT",
                "SUSPENDED",
                "DEACTIVATED",
            ],
            cells,
            strict=True,
        )
    )
    for mutation, *cells in map(
        str.split,
        """
activateUsers   NOT_CONFIRMED NOT_CONFIRMED ALREADY_IN_STATE ALREADY_IN_STATE ALREADY_IN_STATE LOCKED_OUT  resume      resume
deactivateUsers NOT_CONFIRMED NOT_CONFIRMED deactivated      deactivated      deactivated      deactivated deactivated ALREADY_IN_STATE
lockUsers       NOT_CONFIRMED NOT_CONFIRMED suspended        suspended        suspended        suspended   ALREADY_IN_STATE INACTIVE
unlockUsers     NOT_LOCKED    NOT_LOCKED    NOT_LOCKED       NOT_LOCKED       NOT_LOCKED       resume      resume      INACTIVE
revokeSessions  NOT_CONFIRMED NOT_CONFIRMED done             done             done             done        done        done
inviteUsers     provisioned   done          ALREADY_MEMBER   ALREADY_MEMBER   ALREADY_MEMBER   ALREADY_MEMBER INACTIVE  INACTIVE
deleteUsers     gone          gone          gone             gone             gone             gone        gone        gone
""".strip().splitlines(),
    )
}
"""docs/requirements.md#actions: codes in capitals refuse, small words say what happens."""

ENABLED = ("ACTIVE", "AWAITING_NEW_PASSWORD", "RECOVERY", "LOCKED_OUT")
DISABLED = ("SUSPENDED", "DEACTIVATED")
UNCONFIRMED = ("STAGED", "PROVISIONED")
RESUMED = ("ACTIVE", "AWAITING_NEW_PASSWORD", "RECOVERY")
ENDS_SESSIONS = ("deactivateUsers", "lockUsers", "deleteUsers", "revokeSessions")
NOT_ONESELF = ("deactivateUsers", "lockUsers", "deleteUsers")
GIVES_ACCESS = ("activateUsers", "unlockUsers", "inviteUsers")

Outcome = tuple[str, str | None, str | None, str | None]
"""Status, reason's code, previous status, new status."""


@dataclass
class Package:
    seats: int
    starts_at: datetime | None
    ends_at: datetime | None

    def runs(self, now: datetime) -> bool:
        return (self.starts_at is None or self.starts_at <= now) and (self.ends_at is None or now < self.ends_at)


@dataclass
class Portal:
    mssp: str
    seat_mode: str
    is_active: bool = True
    packages: list[Package] = field(default_factory=list)

    def running(self, now: datetime) -> list[Package]:
        return [package for package in self.packages if package.runs(now)]

    def seats(self, now: datetime) -> int | None:
        """None is unlimited."""
        return None if self.seat_mode == "UNLIMITED" else sum(package.seats for package in self.running(now))


@dataclass(eq=False)
class User:
    portal: str
    kind: str
    role: str
    status: str
    reason: str | None = None
    resume: str | None = None
    resume_reason: str | None = None

    def standing(self) -> tuple[str | None, ...]:
        return (self.status, self.reason, self.resume, self.resume_reason)

    def stand(self, status: str, reason: str | None, resume: str | None, resume_reason: str | None) -> None:
        self.status, self.reason, self.resume, self.resume_reason = status, reason, resume, resume_reason


@dataclass
class Account:
    """The account that acts: staff reach `portals`; of a portal's account `id` is the user's."""

    id: str
    role: str
    mssp: str
    portals: set[str]

    @property
    def is_staff(self) -> bool:
        return self.role.startswith("MSSP_")


@dataclass
class Model:
    portals: dict[str, Portal] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    signed_in: set[str] = field(default_factory=set)
    """Accounts with a session that nothing has ended."""

    def act(self, actor: Account, mutation: str, ids: list[str], now: datetime, *, or_nothing: bool) -> list[Outcome]:
        """What the mutation answers, user by user; what changes is changed here as well."""
        users = dict(self.users)
        standings = {id: user.standing() for id, user in users.items()}
        sessions = set(self.signed_in)
        outcomes: list[Outcome] = []
        for i, id in enumerate(ids):
            user = self._visible(actor, id, users)
            if id in ids[:i]:
                outcomes.append(_refused("DUPLICATE_IN_REQUEST", self.users[id] if user and id in self.users else None))
            elif user is None:
                outcomes.append(_refused("NOT_FOUND", None))
            else:
                outcomes.append(self._done(actor, mutation, id, now))
        if or_nothing and any(status != "SUCCEEDED" for status, *_ in outcomes):
            self.users, self.signed_in = users, sessions
            for id, user in users.items():
                user.stand(*standings[id])  # type: ignore[arg-type]  # as it was taken down above
            outcomes = [
                _refused(reason or "ABORTED_BY_POLICY", self._visible(actor, id, users))
                for id, (_, reason, *_rest) in zip(ids, outcomes, strict=True)
            ]
        return outcomes

    def verdict(self, actor: Account, mutation: str, id: str, now: datetime) -> str | None:
        """The code of the first guard that speaks; None: it may be done."""
        user = self.users[id]
        portal = self.portals[user.portal]
        cell = TABLE[mutation][user.status]
        if id == actor.id and mutation in NOT_ONESELF:
            return "CANNOT_TARGET_SELF"
        if not portal.is_active and mutation in GIVES_ACCESS:
            return "PORTAL_INACTIVE"
        if cell.isupper():
            return cell
        if cell in ("deactivated", "suspended", "gone") and not actor.is_staff and self._is_last_admin(user):
            return "LAST_ADMIN"
        after = {"resume": user.resume or "ACTIVE", "provisioned": "PROVISIONED"}.get(cell)
        return self._no_seat(user, after, now) if after else None

    def accept(self, id: str, now: datetime) -> str | None:
        """A user follows a good link; return the blocker that keeps the user out."""
        user = self.users[id]
        if not self.portals[user.portal].is_active:
            return "PORTAL_INACTIVE"
        if self._no_seat(user, "ACTIVE", now):
            user.stand("DEACTIVATED", "WAITING_FOR_SEAT", "ACTIVE", None)
            return "WAITING_FOR_SEAT"
        user.stand("ACTIVE", None, None, None)
        return None

    def _no_seat(self, user: User, after: str, now: datetime) -> str | None:
        """Why there is no seat for what the user is to be; None where none is needed or one is free."""
        portal = self.portals[user.portal]
        if self.holds_seat(user) or not self._needs_seat(user, after):
            return None
        if not portal.running(now):
            return "LICENSE_PACKAGE_INACTIVE"
        return "NO_SEAT_AVAILABLE" if self.seats_used(user.portal) >= (portal.seats(now) or 0) else None

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
        return self.users[id].status == "ACTIVE" and self.portals[self.users[id].portal].is_active

    def is_in(self, account: Account) -> bool:
        """Whether the account's next request is answered: its session lives, and its portal lets it."""
        if account.id not in self.signed_in:
            return False
        return account.is_staff or (account.id in self.users and self.may_sign_in(account.id))

    def _done(self, actor: Account, mutation: str, id: str, now: datetime) -> Outcome:
        user = self.users[id]
        if code := self.verdict(actor, mutation, id, now):
            return _refused(code, user)
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
        enabled = [
            u
            for u in self.users.values()
            if u.portal == user.portal and u.role == "PORTAL_ADMIN" and u.status in ENABLED
        ]
        return user in enabled and len(enabled) == 1

    def _needs_seat(self, user: User, status: str) -> bool:
        mode = self.portals[user.portal].seat_mode
        if user.kind != "EXTERNAL" or mode == "UNLIMITED":
            return False
        return status in (*ENABLED, "SUSPENDED") or (mode == "ON_INVITE" and status == "PROVISIONED")


def _refused(code: str, user: User | None) -> Outcome:
    return ("SKIPPED", code, user.status if user else None, user.status if user else None)
