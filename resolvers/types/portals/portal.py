"""The type Portal. portal_contents.py adds the fields for license tiles and users."""

from __future__ import annotations

import strawberry

from models.portals.lookup import LicensedPortal
from models.portals.table import PortalRow
from resolvers.core.context import Info
from resolvers.core.field_costs import cost
from resolvers.core.node import Node
from resolvers.core.row_fields import shown, shows
from resolvers.shared_descriptions import START_PAGE, SUPPORT_CONTACT
from resolvers.types.portals.portal_actions import CHECK_COST, PortalActionAvailability, portal_actions
from resolvers.types.portals.portal_policy import PortalPolicy
from rules.administration.tags import LONGEST_TAG, MOST_TAGS
from rules.rights.portal_actions import PortalAction
from rules.rights.root_fields import require_second_factor


@shows(PortalRow)
@strawberry.type(description="The customer portal of one tenant.")
class Portal(Node):
    licensed: strawberry.Private[LicensedPortal]
    slug: str = strawberry.field(
        description="The portal's short name in URLs and at sign-in (`portalSlug`). Unique; never changes."
    )
    name: str = strawberry.field(description="The portal's display name.")
    is_active: bool = strawberry.field(
        description="Whether the portal is active. In an inactive portal users cannot sign in, and actions that give"
        " access are refused."
    )
    in_production: bool = strawberry.field(
        description="Whether the portal is in production. Only external users are then added to its app roles."
    )
    start_page_url: str | None = strawberry.field(description=START_PAGE)
    support_contact: str | None = strawberry.field(description=SUPPORT_CONTACT)

    @classmethod
    def of(cls, licensed: LicensedPortal) -> Portal:
        return shown(cls, licensed.row, licensed=licensed)

    @strawberry.field(
        description="Labels that the MSSP's staff give the portal, for instance a service tier or a region, in alphabetical order. A"
        f" portal has at most {MOST_TAGS} tags of at most {LONGEST_TAG} characters. Two tags that differ only in case or accents"
        " are the same tag. Null for portal admins and the role PORTAL_USER.",
        metadata=cost(entries=MOST_TAGS),
    )
    async def tags(self, info: Info) -> list[str] | None:
        require_second_factor("Portal.tags", info.context.account)
        if not info.context.account.is_staff:
            return None
        return await info.context.loaders.portal_tags.load(self.licensed.row.id) or []

    @strawberry.field(description="The portal's settings. Null for the role PORTAL_USER only.")
    def policy(self, info: Info) -> PortalPolicy | None:
        require_second_factor("Portal.policy", info.context.account)
        return PortalPolicy.of(self.licensed.row) if info.context.account.manages_users else None

    @strawberry.field(
        description="What the viewer may do in this portal, and if not, why: one entry for every PortalAction, in the order of the"
        " enum. The action's mutation decides by the same rules, and can still refuse the values of its input."
        f" Each entry counts as {CHECK_COST} values towards TOO_COMPLEX, in addition to its fields.",
        metadata=cost(entries=len(PortalAction), each=CHECK_COST),
    )
    async def available_actions(self, info: Info) -> list[PortalActionAvailability]:
        await info.context.checkpoint()
        return portal_actions(info, self.licensed)
