"""The inputs of inviteUsers: new users or users who were added before, and how to invite them."""

from __future__ import annotations

import strawberry

from models.links.table import Delivery
from resolvers.core.portal_choice import SLUG_DESCRIPTION, row_id_and_slug
from resolvers.enums.roles import PortalRole
from resolvers.mutations.access_inputs import UserAccessInput
from resolvers.mutations.inputs import BulkOptions, UserSelection
from rules.access import Role
from rules.bulk_limits import MOST_USERS
from rules.lifecycle.licenses import UserKind
from rules.user_fields import LONGEST
from services.bulk.targets.invitees import Invitee
from services.bulk.targets.selection import Invitees, Selection
from services.onboarding.invitations import InvitationOptions


@strawberry.input(
    description="A person to invite. The fields in the portal's `policy.requiredUserFields` are required; other texts may"
    " be absent, null or empty. `role` and `kind` may be absent, but not null. If a user of the portal has the `email`, in any case, that user is invited and the other fields are"
    " ignored. A user who only has it as `pendingEmail` is not invited: the invitee is SKIPPED with EMAIL_TAKEN. The second"
    " of two invitees with the same address is SKIPPED with DUPLICATE_IN_REQUEST. An invitee with neither `email` nor `username` is always added as a new user, even if the name is in use:"
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
    role: PortalRole = strawberry.field(default=PortalRole.PORTAL_USER, description="The role of the new user.")
    kind: UserKind = strawberry.field(
        default=UserKind.EXTERNAL,
        description="The kind of the new user. INTERNAL users hold no license seat; only MSSP staff may add them. If"
        " another caller gives INTERNAL, the whole call is refused with NOT_ALLOWED.",
    )

    def invitee(self) -> Invitee:
        """Convert the input to an invitee of the bulk engine, with the texts as the client sent them."""
        role = Role(str(self.role.value))
        return Invitee.typed(self.email, self.first_name, self.last_name, self.username, role, self.kind)


@strawberry.input(
    description="Persons to invite to a portal. Name the portal by `portalId` or by `portalSlug`; neither or both are"
    " refused with INVALID_INPUT, an unknown portal with NOT_FOUND."
)
class NewUsersInput:
    portal_id: strawberry.ID | None = strawberry.field(
        default=None, description="The portal's global id. Null with `portalSlug`."
    )
    portal_slug: str | None = strawberry.field(default=None, description=SLUG_DESCRIPTION)
    invitees: list[InviteeInput] = strawberry.field(
        description=f"The persons, 1 to {MOST_USERS:,}, in the order of processing. Persons that are not users of the portal"
        " are added."
    )

    def selection(self) -> Invitees:
        """Convert the input to the invitees of the bulk engine."""
        portal_id, slug = row_id_and_slug(self.portal_id, self.portal_slug)
        return Invitees(portal_id, tuple(each.invitee() for each in self.invitees), slug)


@strawberry.input(description="Who is invited: give exactly one of the fields.", one_of=True)
class InviteTarget:
    new_users: NewUsersInput | None = strawberry.field(
        default=strawberry.UNSET,
        description="Persons who may be new to the portal. A preview of `newUsers` does not store their names and addresses, and"
        " cannot be run by `previewId`: INVALID_INPUT. To carry out what the dry run has shown, send the same input again"
        " without `dryRun`.",
    )
    users: UserSelection | None = strawberry.field(
        default=strawberry.UNSET,
        description="Users who were added before. With `previewId`, `delivery`, `trustStoredEmail`, `replacePreviousLink` and `access`"
        " are not taken from the preview: send them again, because the values of this call, or their defaults, are used.",
    )

    def selection(self) -> Selection:
        """Convert the input to a selection of the bulk engine."""
        if isinstance(self.new_users, NewUsersInput):
            return self.new_users.selection()
        assert isinstance(self.users, UserSelection)  # noqa: S101  # one_of: exactly one field is given and not null
        return self.users.selection()


@strawberry.input(description="Who is invited, and how.")
class InviteUsersInput:
    target: InviteTarget = strawberry.field(description="Who is invited.")
    delivery: Delivery = strawberry.field(
        default=Delivery.EMAIL,
        description="How the link is delivered to the invitee. NONE is allowed with `newUsers` only; with `users` it is"
        " refused with INVALID_INPUT.",
    )
    trust_stored_email: bool = strawberry.field(
        default=False,
        description="Whether the inviter confirms that the stored e-mail address is the invitee's. A link asks for a password alone"
        " (SET_PASSWORD) if its address is confirmed, and otherwise to register (REGISTER); `UserOutcome.invitation { nextStep }`"
        " shows which. An address is confirmed in one of two ways:\n"
        "- By true, here or in an earlier call with the same link. Users without an address are SKIPPED with NO_EMAIL.\n"
        "- By the mail, if the link is mailed and never returned: who opens it reads the mail of that address. A link that was"
        " returned once (delivery LINK), before or after it was mailed, confirms nothing and asks to register.\n\n"
        "A later call with false does not take the confirmation by true back: create a new link, with `replacePreviousLink`.",
    )
    replace_previous_link: bool = strawberry.field(
        default=False,
        description="Whether a new link is created, and the earlier link is no longer valid. If false, a valid link is mailed or"
        " returned again and keeps its expiry time.",
    )
    access: UserAccessInput | None = strawberry.field(
        default=None,
        description="What the invited users may reach, set before the invitation is sent, for new users and for users who were added"
        " before. Admin-only modules are for invitees with the role PORTAL_ADMIN: others are SKIPPED with ADMIN_ONLY_MODULE. In a"
        " portal in production, INTERNAL invitees are not added to app roles: INTERNAL_USER_NOT_ALLOWED. The access of users who are"
        " SKIPPED stays. Null: users who were added before keep their access, and new users may use the portal and reach nothing else.",
    )
    options: BulkOptions | None = strawberry.field(default=None, description="The options. Null: the default options.")

    def invitation_options(self) -> InvitationOptions:
        """Convert the input to the options of the invitations."""
        return InvitationOptions(
            delivery=self.delivery,
            trust_stored_email=self.trust_stored_email,
            replace_previous_link=self.replace_previous_link,
        )
