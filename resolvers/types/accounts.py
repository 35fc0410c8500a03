"""Whoever can sign in, as the schema shows them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from models.staff import MsspRow, StaffRow
from resolvers.core.connections import After, Before, Connection, First, Last, Paging
from resolvers.core.context import Info
from resolvers.core.enums import StaffRole
from resolvers.core.errors import UserError
from resolvers.core.global_ids import global_id
from resolvers.core.node import Node
from rules.refusals import Refusal

if TYPE_CHECKING:
    from resolvers.types.portals import Portal
    from resolvers.types.sessions import AccountSession


@strawberry.interface(description="Whoever can sign in: a portal's user, or a member of an MSSP's staff.")
class Account(Node):
    account_id: strawberry.Private[UUID]
    name: str = strawberry.field(description="Never empty: the full name, else the e-mail, else the username.")
    email: str | None = strawberry.field(description="Null when none is on file.")

    @strawberry.field(
        description="Where the viewer is signed in, newest first; living sessions only. Null for anybody but oneself."
    )
    async def sessions(
        self, info: Info
    ) -> list[Annotated[AccountSession, strawberry.lazy("resolvers.types.sessions")]] | None:
        from resolvers.types.sessions import (
            sessions_of,  # a session belongs to an account, so neither module comes first
        )

        return await sessions_of(info, self.account_id)


@strawberry.type(description="A managed security service provider: it runs portals. MSSPs see nothing of each other.")
class Mssp(Node):
    name: str = strawberry.field(description="The provider's name.")

    @classmethod
    def of(cls, row: MsspRow) -> Mssp:
        return cls(id=global_id("Mssp", row.id), name=row.name)


@strawberry.type(description="A member of an MSSP's staff. Seen by the MSSP's admins and by himself.")
class StaffMember(Account):
    row: strawberry.Private[StaffRow]
    staff_role: StaffRole = strawberry.field(description="What this member reaches.")

    @classmethod
    def of(cls, row: StaffRow) -> StaffMember:
        return cls(
            id=global_id("StaffMember", row.id),
            account_id=row.id,
            name=row.name,
            email=row.email,
            staff_role=StaffRole(row.role.value),
            row=row,
        )

    @strawberry.field(description="The provider that this member works for.")
    async def mssp(self, info: Info) -> Mssp:
        provider = await info.context.loaders.providers.load(self.row.mssp_id)
        assert provider is not None  # noqa: S101  # whoever sees a member of staff sees the MSSP
        return Mssp.of(provider)

    @strawberry.field(description="The portals that this member reaches, as far as the viewer sees them; by name.")
    async def portals(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Annotated[Portal, strawberry.lazy("resolvers.types.portals")]]:
        from resolvers.types.portals import (
            portals_of_staff,  # a portal's page shows staff, so neither module comes first
        )

        return portals_of_staff(info, self.row, Paging(first, after, last, before))


@strawberry.type(description="The account after a change of its own, or why there was none.")
class AccountPayload:
    account: Account | None = strawberry.field(
        description="The viewer's account as it is now. Null on errors, and for strangers even when all went well:"
        " look at `errors`."
    )
    errors: list[UserError] = strawberry.field(description="Why nothing was done. Empty when it was.")

    @classmethod
    def refused(cls, no: Refusal) -> AccountPayload:
        return cls(account=None, errors=[UserError.of(no)])


async def changed(info: Info, done: Awaitable[None]) -> AccountPayload:
    """What an owner is shown of something done to his own account: the account as it is afterwards, or why it was not."""
    actor = info.context.account
    try:
        await done
    except Refusal as no:
        return AccountPayload.refused(no)
    finally:
        info.context.forget()
    return AccountPayload(account=await account(info, actor.id), errors=[])


async def account(info: Info, id: UUID | None) -> Account | None:
    """The account, portal user or staff, if the viewer may see it."""
    from resolvers.types.users import PortalUser  # users are accounts: they import this module

    if id is None:
        return None
    loaders = info.context.loaders
    if user := await loaders.users.load(id):
        return PortalUser.of(user)
    member = await loaders.staff.load(id)
    return StaffMember.of(member) if member else None
