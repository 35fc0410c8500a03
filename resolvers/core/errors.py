"""The GraphQL type of a refusal in a mutation's payload."""

from __future__ import annotations

from datetime import datetime

import strawberry

from resolvers.core.message_params import MessageParam, message_params
from resolvers.enums.refusal_codes import UserErrorCode
from rules.refusals import USER_ERROR_CODES, Code, Refusal, WeakPasswordReason


@strawberry.type(description="Why a whole mutation was refused. Nothing was changed.")
class UserError:
    code: Code = strawberry.field(graphql_type=UserErrorCode, description="The machine-readable code. Translate by it.")
    message: str = strawberry.field(description="What is wrong and how to fix it, in English. Use it as a fallback.")
    path: list[str] | None = strawberry.field(
        description='The input field that caused the error, from the argument on, for instance `["input", "users"]`.'
        " Null if the error concerns the whole call."
    )
    retry_at: datetime | None = strawberry.field(
        description="The earliest time at which the same call may succeed. Null if it is not known, and for codes other"
        " than RATE_LIMITED."
    )

    params: list[MessageParam] = strawberry.field(
        description="The values in the message, for instance `field` and `maximum`. `problem` tells the messages of one"
        " code apart. Empty if the code has one message, without values."
    )
    weak_password_reasons: list[WeakPasswordReason] | None = strawberry.field(
        default=None,
        description="Why the password was refused; not empty. Null unless `code` is WEAK_PASSWORD.",
    )

    @classmethod
    def of(cls, refusal: Refusal) -> UserError:
        """Return the refusal as an entry of `errors`.

        Raise the refusal itself if its code is not one of USER_ERROR_CODES.
        """
        if refusal.code not in USER_ERROR_CODES:
            raise refusal
        path = ["input", *refusal.path] if refusal.path is not None else None
        return cls(
            code=refusal.code,
            message=refusal.message or refusal.code.value,
            path=path,
            retry_at=refusal.retry_at,
            weak_password_reasons=list(refusal.weak_password_reasons) or None,
            params=message_params(refusal.params),
        )

    @classmethod
    def all_of(cls, refusal: Refusal) -> list[UserError]:
        """Return one entry of `errors` for each fault in `refusal.faults`. Raise a fault as `of` does."""
        return [cls.of(fault) for fault in refusal.faults]
