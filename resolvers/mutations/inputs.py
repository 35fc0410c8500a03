"""Inputs of bulk mutations: the selection of users, and the options."""

from __future__ import annotations

import strawberry

from resolvers.core.global_ids import NO_ROW_ID, id_of
from resolvers.enums.operations import ErrorPolicy
from resolvers.types.users.user_arguments import UserOrder, user_query
from resolvers.types.users.user_filter import UserFilter
from rules.lifecycle.statuses import Category
from rules.refusals import Code, Refusal
from services.bulk.plan import Options
from services.bulk.targets.selection import ByIds, ByPreview, Matching, SelectedUsers
from services.bulk.targets.target import Target

MOST_REASON = 500
MOST_EXCLUDED = 10_000


@strawberry.input(description="All users that match, as `users` lists them; at most 1,000, else TOO_MANY_USERS.")
class MatchingUsers:
    portal_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only users of this portal. Default: every portal that the viewer may manage."
    )
    category: Category | None = strawberry.field(
        default=None, description="Only this one of the three lists. Default: all users."
    )
    filter: UserFilter | None = strawberry.field(default=None, description="Further conditions.")
    search: str | None = strawberry.field(default=None, description="As in `users`.")
    order_by: list[UserOrder] | None = strawberry.field(
        default=None,
        description="The order in which outcomes come and seats are given. Default: LAST_NAME, FIRST_NAME.",
    )
    exclude_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Without these users; at most 10,000 ids."
    )
    expected_count: int | None = strawberry.field(
        default=None,
        description="How many are meant, `excludeIds` taken off: the list's `totalCount`, or a dry run's. Required"
        " unless dryRun: when the live count differs, SELECTION_CHANGED is answered and nothing happens.",
    )

    def chosen(self) -> Matching:
        """Return the selection with ids of rows. A portalId of no portal is NOT_FOUND later."""
        if self.exclude_ids and len(self.exclude_ids) > MOST_EXCLUDED:
            path = ("users", "matching", "excludeIds")
            raise Refusal(Code.INVALID_INPUT, f"excludeIds takes at most {MOST_EXCLUDED:,} ids.", path=path)
        portal = None if self.portal_id is None else id_of("Portal", self.portal_id) or NO_ROW_ID
        which, sorting = user_query(self.category, self.filter, self.search, self.order_by, portal)
        excluded = tuple(id for text in self.exclude_ids or () if (id := id_of("PortalUser", text)))
        return Matching(which, sorting, excluded, self.expected_count)


@strawberry.input(description="Who is meant: give exactly one.", one_of=True)
class UserSelection:
    ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description="These users, in this order; 1 to 1,000. An id of no user is SKIPPED as NOT_FOUND.",
    )
    matching: MatchingUsers | None = strawberry.field(
        default=strawberry.UNSET, description="All users that match, in their order."
    )
    preview_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="The operation of an earlier dry run of the same mutation: exactly the users that it previewed,"
        " in its order. The decision is made afresh. Good once (a dry run does not use it up), for 15 minutes, for"
        " the account that made it: then PREVIEW_EXPIRED.",
    )

    def chosen(self) -> SelectedUsers:
        """Return the selection with ids of rows."""
        if isinstance(self.ids, list):
            return ByIds(tuple(Target.of_id(text, id_of("PortalUser", text)) for text in self.ids))
        if isinstance(self.matching, MatchingUsers):
            return self.matching.chosen()
        return ByPreview(id_of("BulkOperation", self.preview_id or None))


@strawberry.input(description="How to act. Every part has a default.")
class BulkOptions:
    dry_run: bool = strawberry.field(
        default=False,
        description="Decide everything, change nothing: the outcomes are those that the real run would give, `user`"
        " and tiles stay as they are. The operation in the answer is a preview; give its id as `previewId` to act on"
        " exactly these users.",
    )
    error_policy: ErrorPolicy = strawberry.field(
        default=ErrorPolicy.PARTIAL, description="What happens when some users cannot be changed."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="1 to 255 characters, a UUID for each click for instance. Same key, mutation and input by the"
        " same account within 24 h: the stored result is replayed. Same key with anything else:"
        " IDEMPOTENCY_KEY_REUSED. Ignored in a dry run.",
    )
    reason: str | None = strawberry.field(
        default=None,
        description="Free text or a ticket number, kept in the audit log and the operation; at most 500 characters."
        " Name no person: of an erased user the reasons are erased, but not that of the deletion, nor those of"
        " operations with other users.",
    )

    def chosen(self) -> Options:
        """Return the options for the engine."""
        if self.reason is not None and len(self.reason) > MOST_REASON:
            raise Refusal(
                Code.INVALID_INPUT, f"The reason takes at most {MOST_REASON} characters.", path=("options", "reason")
            )
        return Options(
            dry_run=self.dry_run,
            all_or_nothing=self.error_policy is ErrorPolicy.ALL_OR_NOTHING,
            idempotency_key=self.idempotency_key,
            reason=self.reason or None,
        )


@strawberry.input(description="The users to act on, and how.")
class BulkUsersInput:
    users: UserSelection = strawberry.field(description="Who is meant.")
    options: BulkOptions | None = strawberry.field(default=None, description="How to act. Null: the defaults.")
