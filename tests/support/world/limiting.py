"""Test helpers that count attempts against a rate limit without making the attempts."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from rules.refusals import Code, Refusal


async def failing(counted: AbstractAsyncContextManager[None], code: Code = Code.INVALID_CREDENTIALS) -> Refusal:
    """Count an attempt that is refused with `code`. Return the refusal that the caller gets."""
    try:
        async with counted:
            raise Refusal(code)
    except Refusal as refusal:
        return refusal


async def passing(counted: AbstractAsyncContextManager[None]) -> Refusal | None:
    """Count an attempt whose work succeeds. Return the refusal by the rate limit, or None if the attempt is allowed."""
    try:
        async with counted:
            return None
    except Refusal as refusal:
        return refusal
