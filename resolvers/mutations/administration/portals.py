"""The mutations createPortal, updatePortal and deletePortal."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, Any

import strawberry

from models.portals.lookup import LicensedPortal
from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.errors import Refusable, UserError
from resolvers.core.global_ids import global_id, id_of
from resolvers.query import Query
from resolvers.shared_descriptions import READ_AGAIN
from resolvers.types.portals.portal import Portal
from rules.administration.portals import LONGEST_URL, MOST_PORTALS, MOST_USERS_ERASED
from rules.administration.tags import LONGEST_TAG, MOST_TAGS
from rules.policies.presets import PolicyPreset
from rules.refusals import Refusal
from rules.user_fields import LONGEST, LONGEST_NAME
from services.administration import portal_deletion, portals
from services.administration.first_admin import FirstAdmin

_NAME = f"The portal's display name; at most {LONGEST_NAME} characters."
_URL = f"The page to open after signing in: an http or https address of at most {LONGEST_URL:,} characters."
_CONTACT = f"The contact for help and for more license seats; at most {LONGEST_NAME} characters."
_TAGS = f"Words for service tier, region or team; at most {MOST_TAGS} of at most {LONGEST_TAG} characters."
_ADMIN_NAME = "at most {} characters. Null or empty: asked for at the acceptance if the policy requires it."


@strawberry.input(description="The first admin of a new portal: INTERNAL, and without a license seat.")
class FirstAdminInput:
    email: str = strawberry.field(description="The address to invite, which is also the username.")
    first_name: str | None = strawberry.field(
        default=None, description=f"The first name; {_ADMIN_NAME.format(LONGEST['first_name'])}"
    )
    last_name: str | None = strawberry.field(
        default=None, description=f"The last name; {_ADMIN_NAME.format(LONGEST['last_name'])}"
    )


@strawberry.input(description="A new portal.")
class CreatePortalInput:
    slug: str = strawberry.field(
        description="The short name in URLs and at sign-in: a-z, 0-9 and -, at most 63 characters. Upper case becomes lower"
        " case. No other portal, of any MSSP, has it; it never changes."
    )
    name: str = strawberry.field(description=_NAME)
    preset: PolicyPreset | None = strawberry.field(
        default=None,
        description="The policy to begin with, and with CUSTOMER_ACCOUNT also modules. Null: the default of each setting.",
    )
    first_admin: FirstAdminInput = strawberry.field(
        description="The portal's first admin, who is invited by mail at once."
    )
    start_page_url: str | None = strawberry.field(default=None, description=f"{_URL} Null or empty: none.")
    support_contact: str | None = strawberry.field(default=None, description=f"{_CONTACT} Null or empty: none.")
    tags: list[str] | None = strawberry.field(default=None, description=f"{_TAGS} Null: none.")


@strawberry.input(description="The values of a portal to change. An absent field is kept.")
class UpdatePortalInput:
    id: strawberry.ID = strawberry.field(description="The portal's global id.")
    name: strawberry.Maybe[str | None] = strawberry.field(description=f"{_NAME} Not null.")
    tags: strawberry.Maybe[list[str] | None] = strawberry.field(
        description=f"{_TAGS} The list replaces the portal's tags; null removes them. Technicians who are assigned by a tag"
        " gain or lose the portal at their next request."
    )
    is_active: strawberry.Maybe[bool | None] = strawberry.field(
        description="Whether the portal is active. If false, its users cannot sign in, and are refused from their next request"
        " on until the portal is active again. Not null."
    )
    in_production: strawberry.Maybe[bool | None] = strawberry.field(
        description="Whether the portal is in production. Not null."
    )
    start_page_url: strawberry.Maybe[str | None] = strawberry.field(description=f"{_URL} Null or empty: none.")
    support_contact: strawberry.Maybe[str | None] = strawberry.field(description=f"{_CONTACT} Null or empty: none.")

    def sent_values(self) -> dict[str, Any]:
        """Return the values that the client sent, by column, such as `{"name": "Acme"}`. A sent null is None."""
        names = ("name", "tags", "is_active", "in_production", "start_page_url", "support_contact")
        return {name: field.value for name in names if (field := getattr(self, name)) is not None}


@strawberry.type(description="The result of a change of a portal.")
class PortalPayload(Refusable):
    portal: Portal | None = strawberry.field(
        default=None, description="The portal as stored now. Null if `errors` is not empty."
    )
    errors: list[UserError] = strawberry.field(
        description="NOT_ALLOWED (the viewer is no MSSP admin), NOT_FOUND, INVALID_INPUT with one error for each wrong field,"
        " INVALID_EMAIL. Empty if the portal was stored."
    )

    @strawberry.field(description=READ_AGAIN)
    async def query(self) -> Query:
        return Query()


@strawberry.input(description="The portal to delete.")
class DeletePortalInput:
    id: strawberry.ID = strawberry.field(description="The portal's global id.")
    confirm_slug: str | None = strawberry.field(
        default=None,
        description="The portal's `slug`, repeated as a confirmation. Case and white space around it are ignored. Required"
        " unless `dryRun` is true: CONFIRMATION_REQUIRED.",
    )
    dry_run: bool = strawberry.field(default=False, description="If true, nothing is deleted: see what would be.")


@strawberry.type(description="The result of the deletion of a portal.")
class DeletePortalPayload(Refusable):
    deleted_portal_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the deleted portal. Null in a dry run, and if `errors` is not empty."
    )
    users_to_delete: int = strawberry.field(
        default=0,
        description="How many users were erased or, in a dry run, would be. 0 if `errors` is not empty.",
    )
    license_packages_to_delete: int = strawberry.field(
        default=0,
        description="How many license packages were deleted or, in a dry run, would be. 0 if `errors` is not empty.",
    )
    errors: list[UserError] = strawberry.field(
        description="NOT_ALLOWED (the viewer is no MSSP admin), NOT_FOUND (the portal does not exist, or is deleted already),"
        f" TOO_MANY_USERS (more than {MOST_USERS_ERASED:,}: delete users first), CONFIRMATION_REQUIRED. Empty if the portal"
        " was deleted, or in a dry run can be."
    )


async def _answered(info: Info, writing: Awaitable[LicensedPortal]) -> PortalPayload:
    try:
        portal = await writing
    except Refusal as refusal:
        return PortalPayload.refused(refusal)
    finally:
        info.context.forget()
    return PortalPayload(portal=Portal.of(portal), errors=[])


@strawberry.type
class PortalMutations:
    @access_checked_field(
        "Create a portal and invite its first admin by mail. For MSSP admins. The portal is active, is not in production, and"
        f" has no license package yet. An MSSP has at most {MOST_PORTALS:,} portals."
    )
    async def create_portal(
        self,
        info: Info,
        input: Annotated[CreatePortalInput, strawberry.argument(description="The portal, and its first admin.")],
    ) -> PortalPayload | None:
        given = {
            "slug": input.slug,
            "name": input.name,
            "start_page_url": input.start_page_url,
            "support_contact": input.support_contact,
            "tags": input.tags,
        }
        typed = input.first_admin
        admin = FirstAdmin(typed.email, typed.first_name, typed.last_name)
        context = info.context
        return await _answered(info, portals.create(context.runtime, context.account, given, input.preset, admin))

    @access_checked_field("Change a portal. For MSSP admins. `updatePortalPolicy` changes its policy.")
    async def update_portal(
        self,
        info: Info,
        input: Annotated[UpdatePortalInput, strawberry.argument(description="The portal, and the changes.")],
    ) -> PortalPayload | None:
        context = info.context
        return await _answered(
            info, portals.update(context.runtime, context.account, id_of("Portal", input.id), input.sent_values())
        )

    @access_checked_field(
        "Delete a portal with its users and license packages. For MSSP admins. It cannot be undone: sessions end, links and"
        " mails that were not sent are dropped, and the users are erased as by deleteUsers, without an event for each. The"
        " portal's audit log stays, without names, in the log of the MSSP."
    )
    async def delete_portal(
        self,
        info: Info,
        input: Annotated[DeletePortalInput, strawberry.argument(description="The portal, and the confirmation.")],
    ) -> DeletePortalPayload | None:
        context = info.context
        portal_id = id_of("Portal", input.id)
        try:
            deletion = await portal_deletion.delete(
                context.runtime, context.account, portal_id, input.confirm_slug, dry_run=input.dry_run
            )
        except Refusal as refusal:
            return DeletePortalPayload.refused(refusal)
        finally:
            context.forget()
        return DeletePortalPayload(
            deleted_portal_id=global_id("Portal", portal_id) if portal_id and not input.dry_run else None,
            users_to_delete=deletion.users,
            license_packages_to_delete=deletion.packages,
            errors=[],
        )
