"""The first admin of a new portal. The creation of the portal invites this admin (W1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from models.portals.lookup import LicensedPortal
from models.users.taken_logins import TakenLogins
from rules import user_fields
from rules.access import Actor, Role
from rules.lifecycle.actions import Action
from rules.lifecycle.decisions import decision_for, transition
from rules.lifecycle.licenses import UserKind
from rules.refusals import Faults, Refusal
from services import email_addresses
from services.bulk.targets import invitees, new_users, usernames
from services.bulk.targets.invitees import Invitee
from services.lifecycle import effects
from services.lifecycle.effects import PlannedChange
from services.onboarding.invitations import InvitationOptions, send
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """The address and the names of the first admin, as the caller typed them."""

    email: str
    first_name: str | None
    last_name: str | None


def validate(admin: FirstAdmin) -> Invitee:
    """Convert the first admin to an invitee with cleaned fields. Raise Refusal with all faults.

    The invitee is INTERNAL, and the address is the username. The path of a fault begins with `firstAdmin`.
    """
    with Faults() as faults:
        with faults.collect(), _in_admin():
            given = {"first_name": admin.first_name, "last_name": admin.last_name}
            names = user_fields.validate_fields(given, invitees.INPUT_FIELDS, ())
        with faults.collect(), _in_admin():
            address = email_addresses.validate(admin.email)
    return Invitee(
        address, names["first_name"], names["last_name"], None, role=Role.PORTAL_ADMIN, kind=UserKind.INTERNAL
    )


@contextmanager
def _in_admin() -> Iterator[None]:
    """Insert `firstAdmin` before the paths of a raised Refusal: `("email",)` becomes `("firstAdmin", "email")`."""
    try:
        yield
    except Refusal as refusal:
        raise refusal.inside("firstAdmin", invitees.INPUT_FIELDS.values()) from None


async def invite(runtime: Runtime, actor: Actor, portal: LicensedPortal, admin: Invitee, at: datetime) -> None:
    """Add the admin to the new portal, and enqueue the invitation. Requires a transaction that created the portal."""
    user_id = runtime.new_id()
    username = usernames.take(admin, user_id, TakenLogins(set(), set()))
    user = new_users.row_of(portal, admin, user_id, username, at)
    await new_users.add(runtime, [user], actor_id=actor.id)
    planned = [PlannedChange(user, decision_for(user, portal.state_at(at), transition(Action.INVITE, user)))]
    await send(runtime, planned, {portal.row.id: portal}, InvitationOptions(), at, actor_id=actor.id)
    await effects.record_changes(runtime, Action.INVITE, planned, at, actor_id=actor.id)
