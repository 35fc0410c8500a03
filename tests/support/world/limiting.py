"""Tries that fail, without the cost of what is tried."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from rules.refusals import Code, Refusal


async def failing(counted: AbstractAsyncContextManager[None], code: Code = Code.INVALID_CREDENTIALS) -> Refusal:
    """Return the refusal that comes of a try which is refused with `code` once it is counted."""
    try:
        async with counted:
            raise Refusal(code)
    except Refusal as refusal:
        return refusal


async def passing(counted: AbstractAsyncContextManager[None]) -> Refusal | None:
    """Return the refusal of a try that would succeed, if there is one."""
    try:
        async with counted:
            return None
    except Refusal as refusal:
        return refusal
