"""Create members of staff for mutations. A test uses each member only once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from uuid import UUID

from models.tables import AccountSession, SecondFactor, StaffMember
from resolvers.core.global_ids import global_id
from rules.access import Role
from tests.support.world import World

_numbers = count()


@dataclass(frozen=True)
class Member:
    """The global ids of a technician and of the technician's session. Before the invitation is accepted, there is no
    session.
    """

    id: str
    session: str


async def members(world: World, mssp_id: UUID, number: int) -> list[Member]:
    """Return technicians with a second factor and a session."""
    now, new_id = world.clock.now(), world.parts.runtime.new_id
    staff = await _technicians(world, mssp_id, number, is_onboarded=True)
    sessions = [
        AccountSession(
            id=new_id(), staff_id=member.id, created_at=now, last_used_at=now, expires_at=now + timedelta(days=1)
        )
        for member in staff
    ]
    await AccountSession.bulk_create(sessions)
    await SecondFactor.bulk_create(
        SecondFactor(id=new_id(), staff_id=member.id, sealed_secret="", created_at=now, confirmed_at=now)
        for member in staff
    )
    return [
        Member(global_id("StaffMember", member.id), global_id("AccountSession", session.id))
        for member, session in zip(staff, sessions, strict=True)
    ]


async def invited_members(world: World, mssp_id: UUID, number: int) -> list[Member]:
    """Return technicians who have not accepted the invitation."""
    staff = await _technicians(world, mssp_id, number, is_onboarded=False)
    return [Member(global_id("StaffMember", member.id), "no session") for member in staff]


async def _technicians(world: World, mssp_id: UUID, number: int, *, is_onboarded: bool) -> list[StaffMember]:
    now = world.clock.now()
    staff = [
        StaffMember(
            id=world.parts.runtime.new_id(),
            mssp_id=mssp_id,
            name=f"Member {n}",
            name_key=f"member {n}",
            email=f"member.{n}@msp.test",
            email_key=f"member.{n}@msp.test",
            role=Role.MSSP_TECHNICIAN,
            mfa_enrolled=is_onboarded,
            password_changed_at=now if is_onboarded else None,
            added_at=now,
        )
        for n in (next(_numbers) for _ in range(number))
    ]
    await StaffMember.bulk_create(staff)
    return staff
