"""The check of rights that every root field has. It applies the table in rules/rights/root_fields.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.types.base import StrawberryOptional

from resolvers.core.context import Context, Info
from rules.refusals import Code, Refusal
from rules.rights import root_fields
from rules.rights.answers import Answer
from rules.security_events import SecurityEvent

SIGN_OUT = "signOut"
"""The mutation that ends sessions of the caller's own account. Its security event is ACCOUNT_CHANGED.

The table of rights gives signOut the answer REACH. Other mutations with this answer log the security event MANAGED.
"""


class Payload(Protocol):
    """A payload of a mutation that some roles are not allowed to call."""

    @classmethod
    def refused(cls, refusal: Refusal) -> Payload:
        """Return the payload whose `errors` contain the refusal."""
        ...


class AccessCheck(FieldExtension):
    """Checks before a root field runs whether the caller may use it.

    The table of rights in rules/rights/root_fields.py gives an `Answer` for each field and role:

    - NULL: the field is null.
    - EMPTY: the field is null if the argument `portal_id` is given. Otherwise the resolver runs.
    - NOT_ALLOWED and UNAUTHENTICATED: the caller is refused.
    - Any other answer: the resolver runs.

    A security event is written in these cases:

    - An account is denied access.
    - A mutation is refused with RATE_LIMITED.
    - A mutation that requires an access token succeeds.
    """

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **arguments: Any
    ) -> Any:
        context = info.context
        context.begin()
        role = context.actor.role if context.actor else None
        member = f"{info.path.typename}.{info.field_name}"
        answer = root_fields.answer(member, role)
        if answer is not Answer.OPEN and (answer is Answer.UNAUTHENTICATED or context.problem):
            raise context.refusal
        if answer is not Answer.OPEN and context.actor:
            try:
                root_fields.require_second_factor(member, context.actor)
            except Refusal:
                context.note(SecurityEvent.ACCESS_DENIED, info.field_name)
                raise
        if answer is Answer.NULL or (answer is Answer.EMPTY and arguments.get("portal_id")):
            return None
        if answer is Answer.NOT_ALLOWED:
            result: Any = _payload_type(info).refused(root_fields.not_allowed(member))
        else:
            result = await next_(source, info, **arguments)
        if info.path.typename == "Mutation":
            _note(info, answer, [error.code for error in getattr(result, "errors", ())])
        return result


class EntriesCheck(AccessCheck):
    """The access check of a root field whose list must not be null, such as `nodes`.

    If the caller is refused, every entry of the list is null, and the first entry has the error. An error of the whole
    field would also make the field's parent null. `ids` is the name of the argument that lists the ids of the entries.
    `most` is the maximum number of entries.
    """

    def __init__(self, ids: str, most: int) -> None:
        self._ids = ids
        self._most = most

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **arguments: Any
    ) -> Any:
        try:
            return await super().resolve_async(next_, source, info, **arguments)
        except Refusal as refusal:
            others = min(len(arguments[self._ids]), self._most) - 1
            return [refusal, *[None] * others]


def check_access(context: Context, member: str, what: str) -> Answer:
    """Check whether the caller may use a route that does the same as the root field `member`. Return the `Answer`.

    The table of rights in rules/rights/root_fields.py gives the answer. `what` is the name of the route in the security
    log.

    - Raise Refusal(UNAUTHENTICATED) if the caller is not signed in.
    - Raise Refusal(FORBIDDEN) if the caller must set up a second factor first.
    - Raise Refusal(NOT_ALLOWED) if the table refuses the caller.
    """
    account = context.account
    try:
        root_fields.require_second_factor(member, account)
        found = root_fields.answer(member, account.role)
        if found is Answer.NOT_ALLOWED:
            raise root_fields.not_allowed(member)
    except Refusal:
        context.note(SecurityEvent.ACCESS_DENIED, what)
        raise
    return found


def _payload_type(info: Info) -> type[Payload]:
    kind = info.return_type
    return cast(type[Payload], kind.of_type if isinstance(kind, StrawberryOptional) else kind)


def _note(info: Info, answer: Answer, refused: list[Code]) -> None:
    context, field = info.context, info.field_name
    context.refusals.extend((field, code) for code in refused)
    if event := next((_DENIALS[code] for code in refused if code in _DENIALS), None):
        context.note(event, field)
    elif not refused and answer is not Answer.OPEN:
        is_own = answer is Answer.SELF or field == SIGN_OUT
        context.note(SecurityEvent.ACCOUNT_CHANGED if is_own else SecurityEvent.MANAGED, field)


_DENIALS = {Code.NOT_ALLOWED: SecurityEvent.ACCESS_DENIED, Code.RATE_LIMITED: SecurityEvent.RATE_LIMITED}


def access_checked_field(description: str, *inner: FieldExtension) -> Any:
    """Return a field of Query or Mutation that checks the caller's rights. Requires an async resolver.

    The extensions `inner` run after this check.
    """
    return strawberry.field(description=description, extensions=[AccessCheck(), *inner])
