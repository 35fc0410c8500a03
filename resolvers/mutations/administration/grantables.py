"""The mutations saveGrantable and deleteGrantable."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.errors import UserError
from resolvers.core.global_ids import id_of
from resolvers.core.node import Node
from resolvers.query import Query
from resolvers.shared_descriptions import READ_AGAIN
from resolvers.types.grants.grantables import grantable_of
from rules import global_ids
from rules.grants.kinds import MOST_ENTRIES, MOST_SUB_ACCOUNTS, TYPE_NAMES, GrantableKind
from rules.refusals import Refusal
from rules.user_fields import LONGEST_NAME
from services.grants import entries
from services.grants.entries import GivenEntry


@strawberry.input(description="An entry of a portal's catalogue: a new one, or one to change.")
class SaveGrantableInput:
    id: strawberry.ID | None = strawberry.field(
        default=None, description="The global id of the entry to change. Null: a new entry."
    )
    portal_id: strawberry.ID = strawberry.field(description="The global id of the entry's portal. It does not change.")
    kind: GrantableKind = strawberry.field(description="The entry's kind. It does not change.")
    name: str = strawberry.field(
        description=f"The name; at most {LONGEST_NAME} characters. Another entry of the portal with the same kind, and of app"
        " roles with the same app, must not have it; case and accents make no difference."
    )
    app: str | None = strawberry.field(
        default=None,
        description=f"The app of an app role; at most {LONGEST_NAME} characters. Required for a new app role; null keeps the app of"
        " another. Null or empty for other kinds.",
    )
    admin_only: bool | None = strawberry.field(
        default=None,
        description="Whether only users with the role PORTAL_ADMIN may hold a module. Null: false for a new module, else as"
        " before. True is refused while users without the role hold the module. Null or false for other kinds.",
    )

    def entry(self) -> GivenEntry:
        """Convert the input to the values of an entry."""
        return GivenEntry(self.kind, self.name, self.app, self.admin_only)


@strawberry.type(description="The result of a change of a catalogue.")
class GrantablePayload:
    grantable: Node | None = strawberry.field(
        description="The entry as stored now: a Module, SubAccount, Workspace, Group or AppRole. Null if `errors` is not empty."
    )
    errors: list[UserError] = strawberry.field(
        description="NOT_ALLOWED (the viewer manages no users, or the entry is the system group), NOT_FOUND (of `portalId` or of"
        " `id`, also if the entry belongs to another portal or is of another kind), INVALID_INPUT with one error for each"
        " wrong field. Empty if the entry was stored."
    )

    @classmethod
    def refused(cls, refusal: Refusal) -> GrantablePayload:
        return cls(grantable=None, errors=UserError.all_of(refusal))

    @strawberry.field(description=READ_AGAIN)
    async def query(self) -> Query:
        return Query()


@strawberry.input(description="The entry of a catalogue to delete.")
class DeleteGrantableInput:
    id: strawberry.ID = strawberry.field(description="The entry's global id.")
    dry_run: bool = strawberry.field(
        default=False, description="If true, nothing is deleted: see how many users would lose it."
    )


@strawberry.type(description="The result of the deletion of an entry of a catalogue.")
class DeleteGrantablePayload:
    deleted_grantable_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the deleted entry. Null in a dry run, and if `errors` is not empty."
    )
    users_losing_it: int = strawberry.field(
        default=0,
        description="How many users lost the entry or, in a dry run, would lose it. 0 if `errors` is not empty.",
    )
    errors: list[UserError] = strawberry.field(
        description="NOT_ALLOWED (the viewer manages no users, or the entry is the system group), NOT_FOUND (the entry does not"
        " exist, or is deleted already). Empty if the entry was deleted, or in a dry run can be."
    )

    @classmethod
    def refused(cls, refusal: Refusal) -> DeleteGrantablePayload:
        return cls(errors=UserError.all_of(refusal))

    @strawberry.field(description=READ_AGAIN)
    async def query(self) -> Query:
        return Query()


@strawberry.type
class GrantableMutations:
    @access_checked_field(
        "Add an entry to a portal's catalogue, or change one. For accounts that manage the portal's users. A catalogue has at most"
        f" {MOST_ENTRIES} entries of each kind, but {MOST_SUB_ACCOUNTS:,} sub-accounts."
    )
    async def save_grantable(
        self,
        info: Info,
        input: Annotated[SaveGrantableInput, strawberry.argument(description="The entry.")],
    ) -> GrantablePayload | None:
        runtime, actor, portal_id = info.context.runtime, info.context.account, id_of("Portal", input.portal_id)
        try:
            if input.id is None:
                row = await entries.add(runtime, actor, portal_id, input.entry())
            else:
                entry_id = id_of(TYPE_NAMES[input.kind], input.id)
                row = await entries.change(runtime, actor, portal_id, entry_id, input.entry())
        except Refusal as refusal:
            return GrantablePayload.refused(refusal)
        finally:
            info.context.forget()
        return GrantablePayload(grantable=grantable_of(row), errors=[])

    @access_checked_field(
        "Delete an entry of a portal's catalogue, and take it from all users who hold it. For accounts that manage the portal's"
        " users. It cannot be undone: ask with `dryRun` first how many users lose it. The users' own audit logs get no event; the"
        " portal's log gets one with their number."
    )
    async def delete_grantable(
        self,
        info: Info,
        input: Annotated[DeleteGrantableInput, strawberry.argument(description="The entry.")],
    ) -> DeleteGrantablePayload | None:
        context, named = info.context, global_ids.parse(input.id)
        entry_id = named[1] if named and named[0] in TYPE_NAMES.values() else None
        try:
            losing = await entries.delete(context.runtime, context.account, entry_id, dry_run=input.dry_run)
        except Refusal as refusal:
            return DeleteGrantablePayload.refused(refusal)
        finally:
            context.forget()
        return DeleteGrantablePayload(
            deleted_grantable_id=None if input.dry_run else input.id, users_losing_it=losing, errors=[]
        )
