"""Lists of users: their arguments, and the connections behind `users`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from models import portal_merge
from models.db import keyset
from models.db.sql import all_of
from models.users import listing as user_listing
from models.users import table as users
from models.users.listing import BY_NAME, OrderField, Sorting, UserQuery
from models.users.listing import UserFilter as Filter
from resolvers.core.connections import Connection, Paging
from resolvers.core.context import Info
from resolvers.core.enums import OrderDirection, PortalRole
from resolvers.core.global_ids import ids_of
from resolvers.loading.once import Once
from resolvers.types.users import PortalUser
from rules.access import Role
from rules.lifecycle.invitations import InvitationState
from rules.lifecycle.licenses import Kind
from rules.lifecycle.statuses import Category, Status, StatusReason
from rules.mail.delivery import LinkMailState
from rules.refusals import Code, Refusal


@strawberry.input(
    description="Which users. All given conditions hold together; null is no condition, an empty list matches nobody."
    " An …After includes the instant, a …Before does not."
)
class UserFilter:
    portal_id_in: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Of these portals; at most 1,000 ids. Ids that name nothing match nobody."
    )
    status_in: list[Status] | None = strawberry.field(default=None, description="With one of these statuses.")
    status_reason_in: list[StatusReason] | None = strawberry.field(
        default=None, description="With one of these reasons; users without a reason do not match."
    )
    role_in: list[PortalRole] | None = strawberry.field(default=None, description="With one of these roles.")
    kind: Kind | None = strawberry.field(default=None, description="External or internal ones.")
    holds_seat: bool | None = strawberry.field(default=None, description="Whether they take up a license seat.")
    email_verified: bool | None = strawberry.field(default=None, description="Whether the e-mail address is verified.")
    mfa_enrolled: bool | None = strawberry.field(default=None, description="Whether a second factor is set up.")
    never_signed_in: bool | None = strawberry.field(
        default=None, description="True: those who never signed in. False: those who did."
    )
    last_sign_in_before: datetime | None = strawberry.field(
        default=None, description="Last signed in before this instant; without those who never signed in."
    )
    added_after: datetime | None = strawberry.field(default=None, description="Added at this instant or later.")
    added_before: datetime | None = strawberry.field(default=None, description="Added before this instant.")
    invitation_state_in: list[InvitationState] | None = strawberry.field(
        default=None,
        description="Whose newest invitation has one of these states; users who were never invited do not match.",
    )

    invitation_mail_state_in: list[LinkMailState] | None = strawberry.field(
        default=None,
        description="Whose newest invitation's newest mail has one of these states; users who were never mailed an"
        " invitation do not match.",
    )

    def conditions(self) -> Filter:
        """The same with rows' ids."""
        return Filter(
            portal_id_in=None
            if self.portal_id_in is None
            else tuple(ids_of("Portal", self.portal_id_in, "portalIdIn")),
            status_in=None if self.status_in is None else tuple(self.status_in),
            status_reason_in=None if self.status_reason_in is None else tuple(self.status_reason_in),
            role_in=None if self.role_in is None else tuple(Role(str(role.value)) for role in self.role_in),
            kind=self.kind,
            holds_seat=self.holds_seat,
            email_verified=self.email_verified,
            mfa_enrolled=self.mfa_enrolled,
            never_signed_in=self.never_signed_in,
            last_sign_in_before=self.last_sign_in_before,
            added_after=self.added_after,
            added_before=self.added_before,
            invitation_state_in=None if self.invitation_state_in is None else tuple(self.invitation_state_in),
            invitation_mail_state_in=None
            if self.invitation_mail_state_in is None
            else tuple(self.invitation_mail_state_in),
        )


@strawberry.input(
    description="How to sort users: text without regard to case and accents, STATUS and ROLE in the order of their"
    " enum; nulls last in both directions; ties broken by id, in the first field's direction."
)
class UserOrder:
    field: OrderField = strawberry.field(description="What to sort by.")
    direction: OrderDirection = strawberry.field(default=OrderDirection.ASC, description="Which way.")


CategoryArgument = Annotated[
    Category | None, strawberry.argument(description="Only this one of the three lists. Default: all users.")
]
FilterArgument = Annotated[UserFilter | None, strawberry.argument(description="Further conditions. Default: none.")]
SearchArgument = Annotated[
    str | None,
    strawberry.argument(
        description="Find as you type: words of a name, username, e-mail or new e-mail that waits, in any order; a word"
        " may be a part. Case, accents, strokes, kinds of apostrophes and hyphens make no difference. Two or more e-mail"
        " addresses and nothing else: these people. A user's id or UUID: that user. At most 200 characters. Null or"
        " empty: all users."
    ),
]
OrderArgument = Annotated[
    list[UserOrder] | None,
    strawberry.argument(
        description="Sorted by the first, equal ones by the next; at most 10. Null or empty: LAST_NAME, FIRST_NAME."
    ),
]

MOST_ORDERS = len(OrderField)
MOST_SEARCHED = 200


def asked(
    category: Category | None,
    filter: UserFilter | None,
    search: str | None,
    order_by: list[UserOrder] | None,
    portal_id: UUID | None = None,
) -> tuple[UserQuery, Sorting]:
    """The arguments of a list of users, as the model takes them."""
    if order_by and len(order_by) > MOST_ORDERS:
        raise Refusal(Code.BAD_USER_INPUT, f"orderBy takes at most {MOST_ORDERS} fields.")
    which = UserQuery(portal_id, category, filter.conditions() if filter else Filter(), checked(search))
    sorting = tuple((order.field, order.direction is OrderDirection.DESC) for order in order_by or [])
    return which, sorting or BY_NAME


def checked(search: str | None) -> str | None:
    """What is searched for, as it came; BAD_USER_INPUT when it is so long that folding it would take a while."""
    if search and len(search) > MOST_SEARCHED:
        raise Refusal(Code.BAD_USER_INPUT, f"search takes at most {MOST_SEARCHED} characters.")
    return search


def users_listed(info: Info, which: UserQuery, sorting: Sorting, paging: Paging) -> Connection[PortalUser]:
    """The users whom the viewer manages, among those asked for."""
    actor, conditions = info.context.account, user_listing.conditions(which, info.context.now())
    where, listing = all_of([users.managed_by(actor), *conditions]), user_listing.listing(sorting)
    merged = portal_merge.assigned(actor, "u.portal_id") if which.portal_id is None else None
    listed, among = (replace(listing, branches=merged), all_of(conditions)) if merged else (listing, where)
    window = paging.window(listing.order)
    return Connection(
        order=listing.order,
        page=Once(lambda: keyset.page(listed, among, window)),
        total=Once(lambda: keyset.count("portal_user u", where)),
        render=PortalUser.of,
    )


def users_below(
    info: Info, portal_id: UUID, which: UserQuery, sorting: Sorting, paging: Paging
) -> Connection[PortalUser]:
    """The same for one portal of many: all portals' pages are read together."""
    order = user_listing.ordering(sorting)
    window, at = paging.window(order), info.context.now()
    loaders = info.context.loaders
    return Connection(
        order=order,
        page=Once(lambda: loaders.users_below(which, sorting, window, at).load(portal_id)),
        total=Once(lambda: loaders.user_counts_below(which, at).load(portal_id)),
        render=PortalUser.of,
    )
