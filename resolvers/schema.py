"""The parts that the schema is put together from."""

from __future__ import annotations

from datetime import datetime

from strawberry.schema.config import StrawberryConfig

from resolvers.accounts import Mssp, StaffMember
from resolvers.audit import AuditEvent
from resolvers.mutation import Mutation
from resolvers.query import Query
from resolvers.scalars import DATE_TIME
from resolvers.sessions import AccountSession
from resolvers.users import PortalUser

TYPES = (PortalUser, StaffMember, Mssp, AuditEvent, AccountSession)
"""Types that are reached by an interface only."""


def config() -> StrawberryConfig:
    """Our scalars, and no hints about fields that a client guessed at."""
    return StrawberryConfig(scalar_map={datetime: DATE_TIME}, disable_field_suggestions=True)


__all__ = ["TYPES", "Mutation", "Query", "config"]
