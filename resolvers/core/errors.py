"""Refusals of a whole mutation, as data."""

from __future__ import annotations

from datetime import datetime

import strawberry

from resolvers.enums.codes import UserErrorCode
from rules.refusals import USER_ERROR_CODES, Code, Refusal


@strawberry.type(description="Why the whole mutation was refused: nothing was attempted.")
class UserError:
    code: Code = strawberry.field(graphql_type=UserErrorCode, description="For machines. Translate by it.")
    message: str = strawberry.field(description="English: what is wrong and what to do. A fallback.")
    path: list[str] | None = strawberry.field(
        description='The input field at fault, from the argument on: `["input", "users"]`. Null: the whole call.'
    )
    retry_at: datetime | None = strawberry.field(
        description="Of RATE_LIMITED: when the same call may succeed. Null when not known, and of other codes."
    )

    @classmethod
    def of(cls, no: Refusal) -> UserError:
        """The refusal as data; one that concerns the request itself goes on as an exception."""
        if no.code not in USER_ERROR_CODES:
            raise no
        path = ["input", *no.path] if no.path is not None else None
        return cls(code=no.code, message=no.message or no.code.value, path=path, retry_at=no.retry_at)
