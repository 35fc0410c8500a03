"""Who is selected, and how to act on them."""

from __future__ import annotations

import strawberry

from resolvers.ids import id_of
from resolvers.user_lists import UserFilter, UserOrder
from resolvers.vocabulary import ErrorPolicy
from rules.lifecycle import Category
from rules.refusals import Code, Refusal
from services.bulk import Options, Selected

MOST_REASON = 500


@strawberry.input(description="Everybody who matches, as `users` lists them. Not in this version: INVALID_INPUT.")
class MatchingUsers:
    portal_id: strawberry.ID | None = strawberry.field(default=None, description="Only users of this portal.")
    category: Category | None = strawberry.field(default=None, description="Only this one of the three lists.")
    filter: UserFilter | None = strawberry.field(default=None, description="Further conditions.")
    search: str | None = strawberry.field(default=None, description="As in `users`.")
    order_by: list[UserOrder] | None = strawberry.field(
        default=None, description="The order in which outcomes come and seats are given."
    )
    exclude_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Without these users.")
    expected_count: int | None = strawberry.field(
        default=None,
        description="Required unless dryRun: when the live count differs, SELECTION_CHANGED is answered and nothing"
        " happens.",
    )


@strawberry.input(description="Who is meant: give exactly one.", one_of=True)
class UserSelection:
    ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description="These users, in this order; at most 1,000. Ids that name nobody answer NOT_FOUND.",
    )
    matching: MatchingUsers | None = strawberry.field(
        default=strawberry.UNSET, description="Everybody who matches. Not in this version: INVALID_INPUT."
    )
    preview_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="The operation of an earlier dry run of the same mutation: exactly the users that it previewed, in"
        " its order. Lives 15 minutes. Not in this version: INVALID_INPUT.",
    )

    def selected(self) -> list[Selected]:
        """The mentions in their order."""
        if not isinstance(self.ids, list):
            raise Refusal(Code.INVALID_INPUT, "This version selects by ids only.", path=("users",))
        return [Selected(sent=text, id=id_of("PortalUser", text)) for text in self.ids]


@strawberry.input(description="How to act. Every part has a default.")
class BulkOptions:
    dry_run: bool = strawberry.field(
        default=False,
        description="Decide everything, change nothing: the outcomes are those that the real run would give. Not in this"
        " version: true is INVALID_INPUT.",
    )
    error_policy: ErrorPolicy = strawberry.field(
        default=ErrorPolicy.PARTIAL, description="What happens when some users cannot be changed."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="Same key, mutation and input by the same account within 24 h: the stored result is replayed. Not in"
        " this version: INVALID_INPUT.",
    )
    reason: str | None = strawberry.field(
        default=None, description="Free text or a ticket number, kept in the audit log; at most 500 characters."
    )

    def chosen(self) -> Options:
        """The same for the engine."""
        if self.dry_run:
            raise Refusal(Code.INVALID_INPUT, "This version has no dry runs.", path=("options", "dryRun"))
        if self.idempotency_key is not None:
            raise Refusal(Code.INVALID_INPUT, "This version has no keys.", path=("options", "idempotencyKey"))
        if self.reason is not None and len(self.reason) > MOST_REASON:
            raise Refusal(
                Code.INVALID_INPUT, f"The reason takes at most {MOST_REASON} characters.", path=("options", "reason")
            )
        return Options(all_or_nothing=self.error_policy is ErrorPolicy.ALL_OR_NOTHING, reason=self.reason or None)


@strawberry.input(description="Whom to act on, and how.")
class BulkUsersInput:
    users: UserSelection = strawberry.field(description="Who is meant.")
    options: BulkOptions | None = strawberry.field(default=None, description="How to act. Null: the defaults.")
