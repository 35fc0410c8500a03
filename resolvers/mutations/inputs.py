"""The inputs of bulk mutations: the selection of users, and the options."""

from __future__ import annotations

import strawberry

from resolvers.core.duration_text import duration_text
from resolvers.core.global_ids import NO_ROW_ID, id_of
from resolvers.core.portal_choice import SLUG_DESCRIPTION, row_id_and_slug
from resolvers.enums.roles import PortalRole
from resolvers.types.users.user_arguments import UserOrder, user_query
from resolvers.types.users.user_filter import UserFilter
from rules import user_fields
from rules.bulk_limits import (
    IDEMPOTENCY_KEY_LIVES,
    LONGEST_IDEMPOTENCY_KEY,
    LONGEST_REASON,
    LONGEST_TICKET,
    MOST_EXCLUDED,
    MOST_USERS,
    PREVIEW_LIVES,
)
from rules.lifecycle.statuses import Category
from rules.outcomes import ErrorPolicy
from services.bulk.plan import RunOptions
from services.bulk.targets.selection import ByIds, ByPreview, Matching, SelectedUsers
from services.bulk.targets.target import Target


@strawberry.input(
    description="All users that `users` lists for these arguments. If no user matches, the call is refused with INVALID_INPUT; if"
    f" more than {MOST_USERS:,} match, with TOO_MANY_USERS. What `users` refuses in a filter, a search or an order is refused here"
    " too, with the top-level error BAD_USER_INPUT."
)
class MatchingUsers:
    portal_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only users of this portal. Null or empty: every portal that the viewer may manage."
    )
    portal_slug: str | None = strawberry.field(default=None, description=SLUG_DESCRIPTION)
    category: Category | None = strawberry.field(
        default=None, description="Only users in this category. Default: all users."
    )
    filter: UserFilter | None = strawberry.field(
        default=None, description="Conditions that the users meet. Default: none."
    )
    search: str | None = strawberry.field(default=None, description="Words to search for, as in `users(search:)`.")
    order_by: list[UserOrder] | None = strawberry.field(
        default=None,
        description="The order in which users are processed, get license seats, and appear in `outcomes`. Default:"
        " LAST_NAME, FIRST_NAME.",
    )
    exclude_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description=f"Users that are left out; at most {MOST_EXCLUDED:,} global ids. Default: none."
    )
    expected_count: int | None = strawberry.field(
        default=None,
        description="The expected number of selected users, without those in `excludeIds`: take it from the list's"
        " `totalCount` or from a dry run. If the number differs, the call is refused with SELECTION_CHANGED. Null is allowed in a"
        " dry run only; otherwise the call is refused with INVALID_INPUT.",
    )

    def selection(self) -> Matching:
        """Convert the input to a selection with row ids."""
        portal, slug = row_id_and_slug(self.portal_id, self.portal_slug)
        which, sorting = user_query(self.category, self.filter, self.search, self.order_by, portal)
        excluded = tuple(id for text in self.exclude_ids or () if (id := id_of("PortalUser", text)))
        return Matching(which, sorting, excluded, self.expected_count, slug)


@strawberry.input(description="The users to act on: give exactly one of the fields.", one_of=True)
class UserSelection:
    ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"The users' global ids, 1 to {MOST_USERS:,}, in the order of processing. The users may belong to several"
        " portals. An id that names no visible user is SKIPPED with NOT_FOUND. An empty list is refused with INVALID_INPUT.",
    )
    matching: MatchingUsers | None = strawberry.field(default=strawberry.UNSET, description="All users that match.")
    preview_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="The id of a preview, which is the operation of a dry run of the same mutation. Selects the users of"
        " the preview in its order, also those that no longer match its conditions, and takes its `errorPolicy`, and its"
        " `reason` and `ticket` unless the call gives them. Whether each user can be changed is decided again; see `onlyIfUnchanged`. Only the account that made the"
        f" preview can use it, once and within {duration_text(PREVIEW_LIVES)}; a dry run does not count as"
        " use, and neither does a call that was refused or that failed with a top-level error. A run that changes no user (UNCHANGED) does count. A preview that is older or was used is refused with PREVIEW_EXPIRED. An empty id is refused with INVALID_INPUT.",
    )

    def selection(self) -> SelectedUsers:
        """Convert the input to a selection with row ids."""
        if isinstance(self.ids, list):
            return ByIds(tuple(Target.of_id(text, id_of("PortalUser", text)) for text in self.ids))
        if isinstance(self.matching, MatchingUsers):
            return self.matching.selection()
        return ByPreview(id_of("BulkOperation", self.preview_id) or NO_ROW_ID if self.preview_id else None)


@strawberry.input(description="Options of a bulk mutation. Every field has a default.")
class BulkOptions:
    dry_run: bool = strawberry.field(
        default=False,
        description="If true, no user is changed, and the outcomes are those of a real run. The operation in the payload"
        " is a preview: pass its id as `previewId` to act on the same users with the same options. A preview of `newUsers` cannot be"
        " run so: see `InviteTarget.newUsers`.",
    )
    error_policy: ErrorPolicy | None = strawberry.field(
        default=None,
        description="What happens if some users cannot be changed. Default: PARTIAL; with `previewId`, the policy of the"
        " preview, and another policy is refused with INVALID_INPUT.",
    )
    only_if_unchanged: bool = strawberry.field(
        default=False,
        description="With `previewId` only; refused with INVALID_INPUT otherwise. If true, and the outcome of any user would"
        " differ from the previewed one, the call is refused with SELECTION_CHANGED, and the preview can still be used.",
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description=f"A key for safe retries, at most {LONGEST_IDEMPOTENCY_KEY} characters, for instance a new UUID"
        " for each click. Null or empty: none. If the account repeats the mutation with the same key and input within"
        f" {duration_text(IDEMPOTENCY_KEY_LIVES)}, the stored result is returned, also if the call used a preview. While the"
        " first call still runs, the repetition waits for its result. A call that was refused or failed stores nothing, and"
        " its repetition runs: after a lost answer, INTERNAL_SERVER_ERROR or UNAVAILABLE, send the same key again. With"
        " the same key and another input, the call is refused with IDEMPOTENCY_KEY_REUSED. Each mutation has its own keys."
        " Rights come first: an account that may not call the mutation any more, for instance after changeRoles on itself,"
        " gets NOT_ALLOWED. Ignored in a dry run.",
    )
    reason: str | None = strawberry.field(
        default=None,
        description="Why the action is performed, for the audit log and the operation; at most"
        f" {LONGEST_REASON} characters. When a user is deleted, the reasons of earlier actions are erased from the user's"
        " audit events and from operations on this user alone. The reason of the deletion itself stays, and so do"
        " reasons of operations with other users: do not name persons. MSSP staff must give a reason or a ticket, also in a"
        " dry run, if `PortalPolicy.reasonRequired` is true for the portal of a selected user or of new users; otherwise"
        " the call is refused with REASON_REQUIRED.",
    )
    ticket: str | None = strawberry.field(
        default=None,
        description="The number of a ticket in another system, for instance `INC-4711`; at most"
        f" {LONGEST_TICKET} characters. Kept in the operation and in its audit events, and erased together with `reason`."
        " `AuditFilter.ticket` finds it. White space at its ends is left out.",
    )

    def engine_options(self) -> RunOptions:
        """Convert the input to the options of the bulk engine."""
        return RunOptions(
            dry_run=self.dry_run,
            error_policy=self.error_policy,
            only_if_unchanged=self.only_if_unchanged,
            idempotency_key=self.idempotency_key or None,
            reason=self.reason if user_fields.normalize_text(self.reason) else None,
            ticket=user_fields.normalize_text(self.ticket) or None,
        )


@strawberry.input(description="The users whose role changes, and the role.")
class ChangeRolesInput:
    users: UserSelection = strawberry.field(description="The users to act on.")
    role: PortalRole = strawberry.field(
        description="The role that all of the users get. With `previewId`, the role of the preview."
    )
    options: BulkOptions | None = strawberry.field(default=None, description="The options. Null: the default options.")


@strawberry.input(description="The users to act on, and the options.")
class BulkUsersInput:
    users: UserSelection = strawberry.field(description="The users to act on.")
    options: BulkOptions | None = strawberry.field(default=None, description="The options. Null: the default options.")
