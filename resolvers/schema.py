"""The parts that the schema is put together from."""

from __future__ import annotations

from datetime import datetime

from strawberry.schema.config import StrawberryConfig

from resolvers.core.scalars import DATE_TIME
from resolvers.mutation import Mutation
from resolvers.query import Query
from resolvers.types.accounts import Mssp, StaffMember
from resolvers.types.audit import AuditEvent
from resolvers.types.sessions import AccountSession
from resolvers.types.users import PortalUser

TYPES = (PortalUser, StaffMember, Mssp, AuditEvent, AccountSession)
"""Types that are reached by an interface only."""


def config() -> StrawberryConfig:
    """Our scalars, and no hints about fields that a client guessed at."""
    return StrawberryConfig(scalar_map={datetime: DATE_TIME}, disable_field_suggestions=True)


__all__ = ["TYPES", "Mutation", "Query", "config"]
