"""The inputs of changeAccess and inviteUsers that describe what users may reach."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry

from resolvers.core.global_ids import id_of
from resolvers.mutations.inputs import BulkOptions, UserSelection
from rules.grants.access_changes import AccessChange, RequestedGrant
from rules.grants.kinds import MOST_GRANTED, TYPE_NAMES, GrantableKind, ModuleAccess
from services.grants.requested_access import MOST_GRANTS, CopiedAccess


@strawberry.input(description="A module, and how it may be used.")
class ModuleGrantInput:
    module_id: strawberry.ID = strawberry.field(description="The module's global id.")
    access: ModuleAccess = strawberry.field(
        description="The level. NONE: the user does not get the module, as if it were not in the list."
    )


@strawberry.input(
    description="What users may reach. A field that is absent or null stays as it is; a list that is given replaces the user's list,"
    f" and an empty list empties it. Each list takes at most {MOST_GRANTED} entries: more are refused with INVALID_INPUT. The entries"
    " are those of the portal's catalogue: `Portal.grantables`. An id that names no visible entry of the field's type is refused with"
    " NOT_FOUND, and `path` names it. An id that is given twice counts once. A call gives at"
    f" most {MOST_GRANTS:,} entries to its users, each counted once for each user: more are refused with TOO_MANY_USERS."
)
class UserAccessInput:
    portal_access: bool | None = strawberry.field(
        default=None,
        description="Whether the user may use the portal at all. False: sign-in is refused with PORTAL_ACCESS_CLOSED, and sessions"
        " end at once. Default: unchanged.",
    )
    modules: list[ModuleGrantInput] | None = strawberry.field(
        default=None,
        description="The modules, each once; a module that is named twice is refused with INVALID_INPUT. Default: unchanged.",
    )
    all_sub_accounts: bool | None = strawberry.field(
        default=None,
        description="Whether the user reaches every sub-account, also those added later, whatever `subAccountIds` is. Default:"
        " unchanged.",
    )
    sub_account_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="The sub-accounts, by global id. Default: unchanged."
    )
    workspace_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="The workspaces, by global id. Default: unchanged."
    )
    group_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="The groups, by global id. The system group may be in the list, and need not be: its members are the EXTERNAL"
        " users. Default: unchanged.",
    )
    app_role_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="The app roles, by global id. Default: unchanged."
    )

    def change(self) -> AccessChange:
        """Convert the input to a change with row ids."""
        lists = (
            (GrantableKind.MODULE, self._modules()),
            (GrantableKind.SUB_ACCOUNT, _entries(GrantableKind.SUB_ACCOUNT, self.sub_account_ids)),
            (GrantableKind.WORKSPACE, _entries(GrantableKind.WORKSPACE, self.workspace_ids)),
            (GrantableKind.GROUP, _entries(GrantableKind.GROUP, self.group_ids)),
            (GrantableKind.APP_ROLE, _entries(GrantableKind.APP_ROLE, self.app_role_ids)),
        )
        given = tuple((kind, entries) for kind, entries in lists if entries is not None)
        return AccessChange(self.portal_access, self.all_sub_accounts, given)

    def _modules(self) -> tuple[RequestedGrant, ...] | None:
        if self.modules is None:
            return None
        type_name = TYPE_NAMES[GrantableKind.MODULE]
        return tuple(RequestedGrant(id_of(type_name, module.module_id), module.access) for module in self.modules)


def _entries(kind: GrantableKind, ids: Sequence[strawberry.ID] | None) -> tuple[RequestedGrant, ...] | None:
    return None if ids is None else tuple(RequestedGrant(id_of(TYPE_NAMES[kind], id)) for id in ids)


@strawberry.input(
    description="The users whose access changes, and their new access: give exactly one of `access` and `copyFromUserId`. Both or"
    " neither are refused with INVALID_INPUT."
)
class ChangeAccessInput:
    users: UserSelection = strawberry.field(
        description="The users to act on. With `previewId`, give the `access` or the `copyFromUserId` of the preview: another one is"
        " refused with INVALID_INPUT."
    )
    access: UserAccessInput | None = strawberry.field(
        default=None, description="What changes, for all of the users. Null with `copyFromUserId`."
    )
    copy_from_user_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The global id of a user whose access all of the users get: all seven fields of UserAccess, as that user has them"
        " when the call runs. The user is not changed. NOT_FOUND if the viewer does not manage the user. Null or empty: `access`.",
    )
    options: BulkOptions | None = strawberry.field(default=None, description="The options. Null: the default options.")

    def change(self) -> AccessChange | None:
        """Return the change in `access` with row ids, or None if the client sent no `access`."""
        return self.access.change() if self.access else None

    def copied(self) -> CopiedAccess | None:
        """Return the request to copy a user's access, or None if the client sent no `copy_from_user_id`."""
        return CopiedAccess(id_of("PortalUser", self.copy_from_user_id)) if self.copy_from_user_id else None
