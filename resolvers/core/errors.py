"""The GraphQL type of a refusal in a mutation's payload."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Self

import strawberry

from resolvers.core.field_costs import cost
from resolvers.core.message_params import MOST_PARAMS, MessageParam, message_params
from resolvers.enums.refusal_codes import UserErrorCode
from rules.messages import registry
from rules.messages.passwords import WeakPasswordMessage
from rules.refusals import USER_ERROR_CODES, Code, Refusal, WeakPasswordReason

MOST_ERRORS = 20
"""The maximum number of entries of `errors`, which the cost of a request assumes.

A refusal can have more faults if its input contains a list. The rest is left out.
"""


@strawberry.type(
    description="Why a whole mutation was refused. Nothing was changed. An input with several faults gets one entry for each, at"
    f" most {MOST_ERRORS}."
)
class UserError:
    code: Code = strawberry.field(graphql_type=UserErrorCode, description="The machine-readable code. Translate by it.")
    path: list[str] | None = strawberry.field(
        description="The input field that caused the error, from the argument on. A position in a list is a number from 0:"
        ' `["input", "target", "newUsers", "invitees", "3", "kind"]`. Null if the error concerns the whole call.'
    )
    retry_at: datetime | None = strawberry.field(
        description="The earliest time at which the same call may succeed. Null if it is not known, and for codes other"
        " than RATE_LIMITED."
    )
    weak_password_reasons: list[WeakPasswordReason] | None = strawberry.field(
        description="Why the password was refused; not empty. Null unless `code` is WEAK_PASSWORD.",
    )
    given: strawberry.Private[Mapping[str, str]]

    @strawberry.field(description="What is wrong and how to fix it, in English. Use it as a fallback.")
    def message(self) -> str:
        return registry.message_of(self.code, self.given)

    @strawberry.field(
        description="What the message is made of. The first is `problem`, which tells the messages of one `code` apart: `code`"
        " and `problem` choose the text in another language. UserErrorCode has the English text of each problem. The others are"
        " the values in the text; `MessageParam.name` says what each means. A value that is not known is left out. A later version may add problems and values.",
        metadata=cost(entries=MOST_PARAMS),
    )
    def params(self) -> list[MessageParam]:
        return message_params(self.given)

    @classmethod
    def of(cls, refusal: Refusal) -> UserError:
        """Return the refusal as an entry of `errors`.

        Raise the refusal itself if its code is not one of USER_ERROR_CODES, or if it has no declared message.
        """
        declared = refusal.declared
        if refusal.code not in USER_ERROR_CODES or declared is None:
            raise refusal
        return cls(
            code=refusal.code,
            path=["input", *refusal.path] if refusal.path is not None else None,
            retry_at=refusal.retry_at,
            weak_password_reasons=[declared.reason] if isinstance(declared, WeakPasswordMessage) else None,
            given=refusal.params,
        )

    @classmethod
    def all_of(cls, refusal: Refusal) -> list[UserError]:
        """Return the first MOST_ERRORS faults of the refusal as entries of `errors`.

        Raise a fault as a Refusal if its code is not one of USER_ERROR_CODES, or if it has no declared message.
        """
        return [cls.of(fault) for fault in refusal.faults[:MOST_ERRORS]]


class Refusable:
    """The base of payloads. In a refused call, each field except `errors` is null or 0."""

    @classmethod
    def refused(cls, refusal: Refusal) -> Self:
        """Return the payload of a refused call, with the faults of the refusal as `errors`."""
        return cls(errors=UserError.all_of(refusal))  # type: ignore[call-arg]  # every payload has the field
