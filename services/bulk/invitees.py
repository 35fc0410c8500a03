"""People who are to be in a portal: who of them is there already, who is new, and what each is called."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from models import audit, portals
from models.audit import AuditRow
from models.portals import LicensedPortal
from models.users import inserts as user_inserts
from models.users import logins
from models.users.logins import Taken
from models.users.table import UserRow
from rules import audit_events
from rules.access import Actor
from rules.lifecycle import edits
from rules.lifecycle.statuses import CATEGORY, Status
from rules.refusals import Code, Refusal
from rules.text.folding import login_key, sort_key
from rules.text.lookalikes import skeleton
from services import email_addresses
from services.bulk.selection import Invitee, Mention, Selected, check_number
from services.onboarding.invitations import Inviting
from services.runtime import Runtime

FIELDS = {"first_name": "firstName", "last_name": "lastName", "username": "username", "email": "email"}
LONGEST_MADE_UP = 100


@dataclass(frozen=True, slots=True)
class Typed:
    """An invitee as one can be stored; `wrong` says which field cannot be, and why."""

    label: str | None
    first_name: str | None
    last_name: str | None
    username: str | None
    email: str | None
    wrong: Refusal | None = None

    @property
    def key(self) -> Hashable | None:
        """The same for the same invitee: by the address, else the username. Two of the same name are two people."""
        if self.wrong:
            return None
        if self.email:
            return ("email", login_key(self.email))
        if self.username:
            return ("username", login_key(self.username))
        return None

    def lacks(self, required_fields: Sequence[str]) -> bool:
        """Whether a field is missing; as a username the address serves, and something must be there to make one of."""
        given = {edits.REQUIRED[name]: getattr(self, edits.REQUIRED[name]) for name in required_fields}
        if "username" in given:
            given["username"] = self.username or self.email
        return not all(given.values()) or not any((self.first_name, self.last_name, self.username, self.email))


def read(invitees: Sequence[Invitee]) -> tuple[Typed, ...]:
    """Return the invitees, cleaned. Raise Refusal(INVALID_INPUT) for none at all, Refusal(TOO_MANY_USERS)."""
    check_number(len(invitees), ("invitees",))
    return tuple(map(_typed, invitees))


def _typed(invitee: Invitee) -> Typed:
    """Return the invitee, cleaned; what cannot be stored is that invitee's own (E5)."""
    given = {name: text for name in FIELDS if name != "email" and edits.bare(text := getattr(invitee, name))}
    try:
        names = edits.cleaned(given, FIELDS, ())
        email = email_addresses.checked(invitee.email or "") if edits.bare(invitee.email) else None
    except Refusal as no:
        return Typed(invitee.label, None, None, None, None, wrong=no)
    return Typed(invitee.label, names.get("first_name"), names.get("last_name"), names.get("username"), email)


async def meet(
    runtime: Runtime, actor: Actor, portal: LicensedPortal, typed: Sequence[Typed], inviting: Inviting, at: datetime
) -> list[Mention]:
    """Return the user that each invitee means in the (locked) portal: the one with that address (E5), else a new one.

    Nobody's answer hangs on another's luck: of two invitees who want the same login, the second is refused it even where
    the first is not added.
    """
    arrivals = [(each, runtime.new_id()) for each in typed]
    keys, looks = set[str](), set[str]()
    for each, id in arrivals:
        keys |= _wanted(each, id)
        looks |= _shown(each, id)
    there = await user_inserts.lock_by_address(actor, portal.row.id, [login_key(e.email) for e in typed if e.email])
    taken = await logins.taken(portal.row.id, sorted(keys), sorted(looks))
    reception = _Reception(portal, inviting, at, there, taken)
    return [reception.mention(each, id) for each, id in arrivals]


async def admins_left(portal: LicensedPortal) -> int | None:
    """How many more admins the portal may have, those who are invited counted; None without a limit."""
    most = portal.row.max_admins
    return None if most is None else max(0, most - await user_inserts.admins_of(portal.row.id))


async def add(runtime: Runtime, actor: Actor, users: Sequence[UserRow], reason: str | None, operation_id: UUID) -> None:
    """Writes new users of one (locked) portal, counts them, and says so in the audit log."""
    if not users:
        return
    await user_inserts.add(users)
    portal_id, at = users[0].portal_id, users[0].added_at
    await portals.adjust_counters({portal_id: {"staged": len(users)}}, at)
    await audit.record(
        [
            AuditRow(
                id=runtime.new_id(),
                at=at,
                event=audit_events.ADDED,
                actor_id=actor.id,
                mssp_id=user.mssp_id,
                portal_id=portal_id,
                user_id=user.id,
                reason=reason,
                changes=[{"field": "status", "before": None, "after": Status.STAGED}],
                operation_id=operation_id,
            )
            for user in users
        ]
    )


@dataclass(slots=True)
class _Reception:
    portal: LicensedPortal
    inviting: Inviting
    at: datetime
    there: Mapping[str, UserRow]
    taken: Taken
    met: set[Hashable] = field(default_factory=set)

    def mention(self, typed: Typed, id: UUID) -> Mention:
        key = typed.key
        user = self.there.get(login_key(typed.email)) if typed.email else None
        if user is not None or (key is not None and key in self.met):
            return Mention(Selected(None, None), key, user, typed.label, self.portal.row.id)
        if key is not None:
            self.met.add(key)
        try:
            new = self._new(typed, id)
        except Refusal as no:
            return Mention(Selected(None, None), key, None, typed.label, self.portal.row.id, refusal=no)
        return Mention(Selected(None, None), key, new, typed.label, self.portal.row.id, is_new=True)

    def _new(self, typed: Typed, id: UUID) -> UserRow:
        """The user who is to be; Refusal for what is missing, wrong, or somebody else's."""
        if typed.wrong:
            raise typed.wrong
        if typed.lacks(self.portal.row.required_user_fields):
            raise Refusal(Code.REQUIRED_FIELD_MISSING)
        if typed.email and login_key(typed.email) in self.taken.logins:
            raise Refusal(Code.EMAIL_TAKEN)
        username = typed.username or typed.email or self._free(typed, id)
        key = login_key(username)
        shown = skeleton(key)
        if key in self.taken.logins or (_is_chosen(typed) and shown in self.taken.looks):
            raise Refusal(Code.USERNAME_TAKEN)
        self.taken.logins.update(login_key(login) for login in (username, typed.email) if login)
        self.taken.looks.add(shown)
        return UserRow(
            id=id,
            mssp_id=self.portal.row.mssp_id,
            portal_id=self.portal.row.id,
            kind=self.inviting.kind,
            role=self.inviting.role,
            username=username,
            first_name=typed.first_name,
            last_name=typed.last_name,
            email=typed.email,
            email_verified_at=None,
            pending_email=None,
            status=Status.STAGED,
            status_reason=None,
            resume_status=None,
            resume_reason=None,
            status_changed_at=self.at,
            category=CATEGORY[Status.STAGED],
            holds_seat=False,
            mfa_enrolled=False,
            last_sign_in_at=None,
            reset_mailed_at=None,
            verification_mailed_at=None,
            added_at=self.at,
            modified_at=self.at,
            version=1,
        )

    def _free(self, typed: Typed, id: UUID) -> str:
        made, longer = _made_up(typed, id)
        key = login_key(made)
        return longer if key in self.taken.logins or skeleton(key) in self.taken.looks else made


def _is_chosen(typed: Typed) -> bool:
    """Whether the username is neither the invitee's own address nor made up: only such a one may imitate another's."""
    return typed.username is not None and (typed.email is None or login_key(typed.username) != login_key(typed.email))


def _shown(typed: Typed, id: UUID) -> set[str]:
    """Return the looks of every username that the invitee may come to have and that must not look like another's."""
    if typed.username or typed.email:
        return {skeleton(login_key(typed.username))} if typed.username and _is_chosen(typed) else set()
    return {skeleton(login_key(made)) for made in _made_up(typed, id)}


def _wanted(typed: Typed, id: UUID) -> set[str]:
    """Every login that the invitee may come to have, folded."""
    logins = [typed.username or typed.email, typed.email]
    if not any(logins):
        logins = [*_made_up(typed, id)]
    return {login_key(login) for login in logins if login}


def _made_up(typed: Typed, id: UUID) -> tuple[str, str]:
    """A username made of the name, and another one for when that is taken."""
    words = "".join(c if c.isalnum() else " " for c in sort_key(f"{typed.first_name or ''} {typed.last_name or ''}"))
    made = ".".join(words.split())[:LONGEST_MADE_UP] or "user"
    return made, f"{made}.{id.hex[-8:]}"
