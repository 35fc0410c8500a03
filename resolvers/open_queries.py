"""The queries that require no access token: data for pages before the sign-in, and the server's limits."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.shared_descriptions import OF_THE_LINK, TYPED_SLUG
from resolvers.types.accounts.link_preview import LinkPreview, find_link_preview
from resolvers.types.accounts.password_requirements import (
    PasswordRequirements,
    requirements_by_token,
    requirements_of_viewer,
)
from resolvers.types.portals.portal_sign_in import PortalSignIn, find_portal_sign_in
from resolvers.types.server_info import ServerInfo, server_info
from resolvers.types.users.invitation_preview import InvitationPreview, find_invitation_preview


@strawberry.type
class OpenQueries:
    @access_checked_field(
        "What the page behind an invitation's link shows. The link is the URL of the frontend, as the operator has set it,"
        " followed by `/invitation#token=…`. No access token is required."
        " Null if the token is unknown, or its user is deleted. Calls with wrong tokens are not counted: RATE_LIMITED"
        " is only answered for a whole request, as a top-level error. Answered by POST only, because URLs are logged."
    )
    async def invitation_preview(
        self,
        info: Info,
        token: Annotated[str, strawberry.argument(description=OF_THE_LINK)],
    ) -> InvitationPreview | None:
        return await find_invitation_preview(info, token)

    @access_checked_field(
        "What the page behind a link for a new password (`…/reset-password#token=…`) or to a verified address"
        " (`…/verify-email#token=…`) shows. The link stays unused. No access token is required. Null if the token is"
        " unknown, belongs to another kind of link, or its account is deleted. RATE_LIMITED as in invitationPreview. Answered by POST only, because URLs are"
        " logged."
    )
    async def link_preview(
        self,
        info: Info,
        token: Annotated[str, strawberry.argument(description=OF_THE_LINK)],
    ) -> LinkPreview | None:
        return await find_link_preview(info, token)

    @access_checked_field(
        "What a new password must satisfy: without `token` for the viewer, which requires an access token; with `token`"
        " for the account that it belongs to, which requires none. Null if `token` is unknown, used, replaced or expired."
        " Answered by POST only, because URLs are logged."
    )
    async def password_requirements(
        self,
        info: Info,
        token: Annotated[
            str | None,
            strawberry.argument(
                description="The part of an invitation's or a password reset's link after `#token=`,"
                " `PasswordChange.token` or `ConfirmRegistrationPayload.registrationToken`. Null or empty: none."
            ),
        ] = None,
    ) -> PasswordRequirements | None:
        return await (requirements_by_token(info, token) if token else requirements_of_viewer(info))

    @access_checked_field(
        "What the sign-in page of a portal shows. No access token is required. Null if no portal has the slug; an"
        " inactive portal is shown, and signIn answers the blocker PORTAL_INACTIVE."
    )
    async def portal_sign_in(
        self,
        info: Info,
        slug: Annotated[
            str,
            strawberry.argument(description=f"The `Portal.slug`, for instance from the page's address. {TYPED_SLUG}"),
        ],
    ) -> PortalSignIn | None:
        return await find_portal_sign_in(slug)

    @access_checked_field("The server's version and limits. No access token is required.")
    async def server(self, info: Info) -> ServerInfo:
        return server_info(info)
