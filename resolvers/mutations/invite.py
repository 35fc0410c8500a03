"""Inviting users: those who were added before, or new ones."""

from __future__ import annotations

from typing import Annotated

import strawberry

from models.links.table import Delivery
from resolvers.core.access import root_field
from resolvers.core.context import Info
from resolvers.core.global_ids import id_of
from resolvers.enums.roles import PortalRole
from resolvers.mutations.inputs import BulkOptions, UserSelection
from resolvers.mutations.lifecycle import BulkUsersPayload
from rules.access import Actor, Role
from rules.lifecycle.actions import ACTIONS, Action
from rules.lifecycle.licenses import Kind
from rules.refusals import Code, Refusal
from services.bulk import engine as bulk
from services.bulk.invite_plan import InvitePlan
from services.bulk.targets.invitees import Invitee
from services.bulk.targets.selection import Invitees, Selection
from services.onboarding.invitations import InvitationOptions


@strawberry.input(
    description="A person to invite. What is required is the portal's `policy.requiredUserFields`; the rest may be"
    " absent, null or empty. An invitee with the `email` of a user of the portal is that user: the other fields are left"
    " alone. Invitees with neither `email` nor `username` are new people, each of them, even with the same name: send"
    " `options.idempotencyKey`, so that a retry does not add them again."
)
class InviteeInput:
    email: str | None = strawberry.field(default=None, description="At most 254 characters. Default: none.")
    first_name: str | None = strawberry.field(default=None, description="At most 100 characters. Default: none.")
    last_name: str | None = strawberry.field(default=None, description="At most 100 characters. Default: none.")
    username: str | None = strawberry.field(
        default=None, description="At most 150 characters. Default: the e-mail, else one made of the name."
    )

    def typed(self) -> Invitee:
        return Invitee.typed(self.email, self.first_name, self.last_name, self.username)


@strawberry.input(
    description="The users to invite, and how: either `portalId` with `invitees`, or `users`; else INVALID_INPUT."
)
class InviteUsersInput:
    portal_id: strawberry.ID | None = strawberry.field(
        default=None, description="The portal that `invitees` are to be users of. Null with `users`."
    )
    invitees: list[InviteeInput] | None = strawberry.field(
        default=None,
        description="1 to 1,000; those who are no users of the portal yet are added. Null with `users`.",
    )
    users: UserSelection | None = strawberry.field(
        default=None,
        description="Users who were added before. Null with `invitees`. A dry run of `invitees` has users only as far"
        " as they were there: send its input again instead of its `previewId`.",
    )
    kind: Kind = strawberry.field(
        default=Kind.EXTERNAL,
        description="Of new users. INTERNAL, who hold no seat, are added by MSSP staff only: else NOT_ALLOWED.",
    )
    role: PortalRole = strawberry.field(
        default=PortalRole.PORTAL_USER, description="Of new users; existing users keep theirs."
    )
    delivery: Delivery = strawberry.field(
        default=Delivery.EMAIL, description="How the link gets to the invitee. NONE: with `invitees` only."
    )
    without_contact_confirmation: bool = strawberry.field(
        default=False,
        description="The stored address is trusted: the holder of the link only sets a password, instead of"
        " registering. Users without an address are refused: NO_EMAIL. A link that was only ever mailed asks for no"
        " more than a password anyway; one that was handed out with LINK, even once, asks to register. Once given, the"
        " trust stays with the link: asking again with false does not take it back, replacePreviousLink does.",
    )
    replace_previous_link: bool = strawberry.field(
        default=False,
        description="A new link; the earlier one is dead at once. False: a living link is mailed or returned again,"
        " until the end that it had. A living link that is asked for with LINK asks its holder to register from then"
        " on, also the one who was mailed it, unless the stored address is trusted (withoutContactConfirmation).",
    )
    options: BulkOptions | None = strawberry.field(default=None, description="How to act. Null: the defaults.")

    def selection(self) -> Selection:
        """Return the selection. Raise Refusal(INVALID_INPUT) unless exactly one form is given."""
        if self.users is not None and self.invitees is None and self.portal_id is None:
            if self.delivery is Delivery.NONE:
                message = "With NONE users are added only, and these were added before: choose EMAIL or LINK."
                raise Refusal(Code.INVALID_INPUT, message, path=("delivery",))
            return self.users.chosen()
        if self.users is None and self.invitees is not None and self.portal_id is not None:
            return Invitees(id_of("Portal", self.portal_id), tuple(invitee.typed() for invitee in self.invitees))
        path = ("users",) if self.users is not None else ("portalId",) if self.portal_id is None else ("invitees",)
        raise Refusal(Code.INVALID_INPUT, "Give either portalId with invitees, or users.", path=path)

    def invitation_options(self, actor: Actor) -> InvitationOptions:
        """Return how to invite. Raise Refusal(NOT_ALLOWED) if the actor would avoid license seats."""
        if self.kind is Kind.INTERNAL and not actor.is_staff:
            message = "Internal users are added by the staff of your service provider. Ask them."
            raise Refusal(Code.NOT_ALLOWED, message, path=("kind",))
        return InvitationOptions(
            kind=self.kind,
            role=Role(str(self.role.value)),
            delivery=self.delivery,
            without_contact_confirmation=self.without_contact_confirmation,
            replace_previous_link=self.replace_previous_link,
        )


@strawberry.type
class InviteMutations:
    @root_field(ACTIONS[Action.INVITE].description)
    async def invite_users(
        self,
        info: Info,
        input: Annotated[InviteUsersInput, strawberry.argument(description="The users to invite, and how.")],
    ) -> BulkUsersPayload | None:
        context = info.context
        try:
            options = (input.options or BulkOptions()).chosen()
            invitation_options = input.invitation_options(context.account)
            plan = InvitePlan(input.selection(), invitation_options)
            run = await bulk.run(context.runtime, context.account, plan, options)
        except Refusal as no:
            return BulkUsersPayload.refused(no)
        finally:
            context.forget()
        return BulkUsersPayload.of(run)
