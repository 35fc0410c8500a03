"""Every root field asks the table in rules/access.py before it does anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension

from resolvers.context import Info
from rules import access
from rules.access import Answer


class Gate(FieldExtension):
    """Those whom a field does not answer never reach its resolver."""

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **arguments: Any
    ) -> Any:
        context = info.context
        context.begin()
        role = context.actor.role if context.actor else None
        member = f"{info.path.typename}.{info.field_name}"
        answer = access.answer(member, role)
        if answer is not Answer.OPEN and (answer is Answer.UNAUTHENTICATED or context.problem):
            raise context.refusal
        if answer is not Answer.OPEN and context.actor:
            access.require_second_factor(member, context.actor)
        if answer is Answer.NULL or (answer is Answer.EMPTY and arguments.get("portal_id") is not None):
            return None
        return await next_(source, info, **arguments)


def ask(description: str) -> Any:
    """A root field of Query or Mutation; its resolver is async."""
    return strawberry.field(description=description, extensions=[Gate()])
