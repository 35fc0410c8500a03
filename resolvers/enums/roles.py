"""The enums of the roles of portal users and of staff."""

from __future__ import annotations

from enum import Enum

import strawberry


@strawberry.enum(description="The role of a user in their portal.")
class PortalRole(Enum):
    PORTAL_ADMIN = strawberry.enum_value("PORTAL_ADMIN", description="Sees and manages all users of the portal.")
    PORTAL_USER = strawberry.enum_value("PORTAL_USER", description="Uses the portal. Manages no users.")


@strawberry.enum(description="The role of a member of an MSSP's staff.")
class StaffRole(Enum):
    MSSP_ADMIN = strawberry.enum_value("MSSP_ADMIN", description="Manages every portal of the MSSP, and its staff.")
    MSSP_TECHNICIAN = strawberry.enum_value("MSSP_TECHNICIAN", description="Manages the assigned portals.")
