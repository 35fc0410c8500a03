"""The mutation inviteUsers: invite users who were added before, or add new users and invite them."""

from __future__ import annotations

from typing import Annotated

import strawberry

from models.links.table import Delivery
from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.global_ids import id_of
from resolvers.enums.roles import PortalRole
from resolvers.mutations.inputs import BulkOptions, UserSelection
from resolvers.mutations.lifecycle import BulkUsersPayload
from rules.access import Actor, Role
from rules.bulk_limits import MOST_USERS
from rules.lifecycle.actions import ACTIONS, Action
from rules.lifecycle.licenses import UserKind
from rules.refusals import Code, Refusal
from rules.user_fields import LONGEST
from services.bulk import engine as bulk
from services.bulk.invite_plan import InvitePlan
from services.bulk.targets.invitees import Invitee
from services.bulk.targets.selection import Invitees, Selection
from services.onboarding.invitations import InvitationOptions


@strawberry.input(
    description="A person to invite. The fields in the portal's `policy.requiredUserFields` are required; other fields may"
    " be absent, null or empty. If a user of the portal has the `email`, that user is invited and the other fields are"
    " ignored. An invitee with neither `email` nor `username` is always added as a new user, even if the name is in use:"
    " send `options.idempotencyKey`, so that a retry does not add the user again."
)
class InviteeInput:
    email: str | None = strawberry.field(
        default=None, description=f"The e-mail address, at most {LONGEST['email']} characters. Default: none."
    )
    first_name: str | None = strawberry.field(
        default=None, description=f"The first name, at most {LONGEST['first_name']} characters. Default: none."
    )
    last_name: str | None = strawberry.field(
        default=None, description=f"The last name, at most {LONGEST['last_name']} characters. Default: none."
    )
    username: str | None = strawberry.field(
        default=None,
        description=f"The username, at most {LONGEST['username']} characters. Default: the e-mail address; without an"
        " address, a username made from the name.",
    )

    def typed(self) -> Invitee:
        """Return the invitee in the form that the bulk engine takes."""
        return Invitee.typed(self.email, self.first_name, self.last_name, self.username)


@strawberry.input(
    description="The users to invite, and how. Give either `portalId` and `invitees`, or `users`; other combinations are"
    " refused with INVALID_INPUT."
)
class InviteUsersInput:
    portal_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The global id of the portal to invite to. Required with `invitees`, null with `users`.",
    )
    invitees: list[InviteeInput] | None = strawberry.field(
        default=None,
        description=f"The persons to invite, 1 to {MOST_USERS:,}. Persons that are not users of the portal are added."
        " Null with `users`.",
    )
    users: UserSelection | None = strawberry.field(
        default=None,
        description="The users to invite, if they were added before. Null with `invitees`. A preview of `invitees` selects"
        " existing users only: to perform it, send the invitees again instead of its `previewId`.",
    )
    kind: UserKind = strawberry.field(
        default=UserKind.EXTERNAL,
        description="The kind of new users. Existing users keep their kind. INTERNAL users hold no license seat; only MSSP"
        " staff may add them, other callers are refused with NOT_ALLOWED.",
    )
    role: PortalRole = strawberry.field(
        default=PortalRole.PORTAL_USER, description="The role of new users. Existing users keep their role."
    )
    delivery: Delivery = strawberry.field(
        default=Delivery.EMAIL,
        description="How the link is delivered to the invitee. NONE is allowed with `invitees` only.",
    )
    without_contact_confirmation: bool = strawberry.field(
        default=False,
        description="If true, the stored e-mail address is trusted, and the holder of the link sets a password without"
        " registering; users without an address are SKIPPED with NO_EMAIL. If false, a link that was only mailed asks for a"
        " password too, and a link that was ever delivered by LINK asks the holder to register. A later call with false"
        " does not change a trusted link; use `replacePreviousLink`.",
    )
    replace_previous_link: bool = strawberry.field(
        default=False,
        description="If true, a new link is created, and the earlier link is no longer valid. If false, a valid link is"
        " mailed or returned again and keeps its expiry time. A mailed link that is returned again with delivery LINK asks"
        " every holder to register from then on, unless the stored address is trusted (`withoutContactConfirmation`).",
    )
    options: BulkOptions | None = strawberry.field(default=None, description="The options. Null: the default options.")

    def selection(self) -> Selection:
        """Return the selection: existing users or new invitees.

        Raise Refusal(INVALID_INPUT) unless exactly one of them is given.
        """
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
        """Return the options of the invitation.

        Raise Refusal(NOT_ALLOWED) if the kind is INTERNAL and the actor is not MSSP staff, because INTERNAL users need
        no seats.
        """
        if self.kind is UserKind.INTERNAL and not actor.is_staff:
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
    @access_checked_field(ACTIONS[Action.INVITE].description)
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
        except Refusal as refusal:
            return BulkUsersPayload.refused(refusal)
        finally:
            context.forget()
        return BulkUsersPayload.of(run)
