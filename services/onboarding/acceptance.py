"""The acceptance of an invitation: the user gets a password, a verified address and a new status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models import audit
from models.auth import unscoped
from models.links import changes as link_changes
from models.links.table import LinkRow
from models.portals.table import PortalRow
from models.users import changes as user_changes
from models.users.table import UserRow
from rules import user_fields
from rules.accounts import AccountKey, AccountKind
from rules.auth.blocker_details import BlockerDetails
from rules.auth.link_purposes import Purpose
from rules.auth.sign_in_blockers import Blocker
from rules.lifecycle import invitations
from rules.lifecycle.events import Event, decide_event
from rules.lifecycle.invitations import Step
from rules.messages.edits import FieldMessage
from rules.messages.links import OnboardingMessage
from rules.refusals import Code, Faults, Refusal
from services import rate_limits
from services.account_events import email_verified_row
from services.auth import new_password
from services.auth.new_password import NewPassword
from services.auth.sign_in import SignInResult, open_session
from services.lifecycle import events
from services.lifecycle.events import LockedUsers
from services.links import find_active, invalid_link, mark_used
from services.onboarding import staff_acceptance
from services.ports import Caller, SignInPorts
from services.runtime import Runtime

GIVEN_NAME = {"first_name": "firstName", "last_name": "lastName"}
FIELD = {**GIVEN_NAME, "email": "email", "username": "username"}


async def accept(
    runtime: Runtime,
    ports: SignInPorts,
    caller: Caller,
    *,
    token: str,
    password: str,
    first_name: str | None,
    last_name: str | None,
) -> SignInResult:
    """Accept an invitation and sign in (W10, W11). Return a session or the blockers.

    The link must be trusted, or must have been mailed to the invited user's address. A refusal, or an inactive portal,
    does not use up the link. Raise Refusal with one of these codes:

    - INVALID_TOKEN if the link is not active.
    - NOT_ALLOWED if the link requires a registration.
    - WEAK_PASSWORD if the password is weak.
    - INVALID_INPUT if a name cannot be stored.
    - REQUIRED_FIELD_MISSING if the user lacks a field that the portal requires.
    - ADMIN_LIMIT_REACHED if the portal would have more enabled admins than its policy allows.
    - RATE_LIMITED after too many attempts.
    """
    async with rate_limits.count_link_use(runtime, ports, caller):
        link = await find_active(Purpose.INVITATION, token, runtime.now())
        check_needs_no_registration(link)
        if link.owner.kind is AccountKind.STAFF_MEMBER:
            accepted = await staff_acceptance.accept(runtime, ports, caller, link, token=token, password=password)
            return await sign_in_accepted(runtime, ports, caller, accepted)
        user, portal = await owner_of(link)
        names, new = await check_input(ports, caller, user, portal, first_name, last_name, password)

        async def write() -> AccountKey | Blocker:
            locked, user = await lock_invitee(runtime, link)
            again = await find_active(Purpose.INVITATION, token, locked.at)
            check_needs_no_registration(again)
            if not locked.portal_state.is_active:
                return Blocker.PORTAL_INACTIVE
            proved = {"email_verified_at": locked.at} if user.email else {}
            await complete_acceptance(runtime, locked, user, again, names | proved, new)
            return user.key

        return await sign_in_accepted(runtime, ports, caller, await runtime.transactions.run(write))


async def sign_in_accepted(
    runtime: Runtime, ports: SignInPorts, caller: Caller, accepted: AccountKey | Blocker
) -> SignInResult:
    """Open a session after an invitation was accepted. Return the session or the blockers, such as WAITING_FOR_SEAT
    (K10).

    `accepted` is the account that accepted, or the blocker that prevented the acceptance.
    """
    if isinstance(accepted, Blocker):
        return SignInResult(blockers=(BlockerDetails(accepted),))
    return await open_session(runtime, ports, caller, accepted)


async def complete_acceptance(
    runtime: Runtime,
    locked: LockedUsers,
    user: UserRow,
    invitation: LinkRow,
    changed: Mapping[str, Any],
    password: NewPassword,
) -> None:
    """Mark the invitation as used and store the password. The user becomes ACTIVE, or waits for a seat (K9, K10).

    `changed` holds new values of the user's columns, by column. Requires the user to be locked. If Refusal is raised,
    the caller must roll the transaction back. Raise Refusal with one of these codes:

    - REQUIRED_FIELD_MISSING if the user lacks a field that the portal requires.
    - ADMIN_LIMIT_REACHED if the portal would have more enabled admins than its policy allows.
    - INVALID_TOKEN if the invitation is not active.
    """
    written = {name: value for name, value in changed.items() if value != getattr(user, name)}
    now = user._replace(**written)
    _check_required_fields(now, locked.portal.row)
    try:
        decide_event(Event.ACCEPTED, now, locked.portal_state)
    except Refusal as refusal:
        if refusal.code is not Code.ADMIN_LIMIT_REACHED:
            raise invalid_link(Purpose.INVITATION) from None
        portal = locked.portal.row
        raise Refusal(OnboardingMessage.TOO_MANY_ADMINS, portal=portal.name, maximum=portal.max_admins) from None
    await mark_used(invitation, locked.at)
    # This call also supersedes the codes and steps of a registration.
    await link_changes.supersede(Purpose.INVITATION, [user.key], locked.at)
    if written:
        await user_changes.edit(user, written, locked.at)
        now = now._replace(version=user.version + 1, modified_at=locked.at)
    await unscoped.set_password(user.key, password.hash, is_short=password.is_short, at=locked.at)
    await events.apply_event(runtime, Event.ACCEPTED, locked, [now], actor_id=user.id)
    if "email_verified_at" in written:
        await audit.record([email_verified_row(runtime, user, locked.at)])


async def lock_invitee(runtime: Runtime, link: LinkRow) -> tuple[LockedUsers, UserRow]:
    """Lock the portal and the user of the link, and return them.

    Requires a transaction. Raise Refusal(INVALID_TOKEN) if the user is deleted.
    """
    found = await events.lock_user(runtime, link.owner.id)
    if found is None:
        raise invalid_link(link.purpose)
    return found


def check_needs_no_registration(link: LinkRow) -> None:
    """Raise Refusal(NOT_ALLOWED) if the link requires a registration (E8)."""
    if invitations.step(link) is Step.REGISTER:
        raise Refusal(OnboardingMessage.MUST_REGISTER, path=("token",))


async def check_input(
    ports: SignInPorts,
    caller: Caller,
    user: UserRow,
    portal: PortalRow,
    first_name: str | None,
    last_name: str | None,
    password: str,
) -> tuple[dict[str, Any], NewPassword]:
    """Check and clean the typed names, and hash the new password. Return the names by column, and the hash.

    Empty names are left out. `user` is the invitee with the address that the acceptance will store. Raise Refusal with
    the faults of all fields:

    - INVALID_INPUT if a name cannot be stored.
    - REQUIRED_FIELD_MISSING if a field that the portal requires is neither typed nor stored.
    - WEAK_PASSWORD if the password is weak.
    """
    typed = {"first_name": first_name, "last_name": last_name}
    given: dict[str, Any] = {name: text for name, text in typed.items() if user_fields.normalize_text(text)}
    names: dict[str, Any] = {}
    with Faults() as faults:
        with faults.collect():
            names |= user_fields.validate_fields(given, GIVEN_NAME, ())
        with faults.collect():
            # A typed name is not missing, even if it cannot be stored.
            _check_required_fields(user._replace(**{**given, **names}), portal)
        with faults.collect():
            who = new_password.password_context(user._replace(**names), portal)
            await new_password.check_new_password(ports, password, who)
    return names, await new_password.hash_password(ports, caller, password)


async def owner_of(link: LinkRow) -> tuple[UserRow, PortalRow]:
    """Return the link's user and the user's portal. The rows are not locked.

    Raise Refusal(INVALID_TOKEN) if the user is deleted.
    """
    found = await unscoped.link_owner(link.owner.id)
    if found is None:
        raise invalid_link(link.purpose)
    return found.user, found.portal


def _check_required_fields(user: UserRow, portal: PortalRow) -> None:
    with Faults() as faults:
        for required in user_fields.missing_fields(user, portal.required_user_fields):
            with faults.collect():
                field = FIELD[user_fields.REQUIRED[required]]
                raise Refusal(
                    FieldMessage.REQUIRED_BY_PORTAL,
                    path=(field,) if field in GIVEN_NAME.values() else None,
                    portal=portal.name,
                    field=field,
                )
