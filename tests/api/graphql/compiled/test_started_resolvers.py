"""Resolvers that begin before they are awaited, and run without a task of their own."""

from __future__ import annotations

import asyncio

import pytest

from api.graphql.compiled.started_resolvers import StartedResolver, started


async def test_a_resolver_that_does_not_wait_gives_its_result_at_once() -> None:
    async def resolver() -> int:
        return 7

    assert started(resolver()) == 7


async def test_all_resolvers_begin_before_the_first_is_awaited() -> None:
    read: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    begun = []

    async def resolver(number: int) -> int:
        begun.append(number)
        return number + await read

    waiting = [started(resolver(number)) for number in range(3)]
    read.set_result(10)

    assert begun == [0, 1, 2]
    assert [await each for each in waiting] == [10, 11, 12]


async def test_several_resolvers_wait_for_one_read() -> None:
    read: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def resolver() -> int:
        return await read

    waiting = [started(resolver()) for _ in range(3)]
    asyncio.get_running_loop().call_later(0.001, read.set_result, 5)

    assert [await each for each in waiting] == [5, 5, 5]


async def test_a_resolver_may_wait_again_and_again() -> None:
    loop = asyncio.get_running_loop()
    first: asyncio.Future[int] = loop.create_future()
    second: asyncio.Future[int] = loop.create_future()

    async def resolver() -> list[int]:
        return [await first, await second]

    waiting = started(resolver())
    loop.call_soon(first.set_result, 1)
    loop.call_later(0.001, second.set_result, 2)

    assert await waiting == [1, 2]


async def test_the_error_of_a_read_is_the_resolver_s_error() -> None:
    read: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def resolver() -> int:
        return await read

    waiting = started(resolver())
    read.set_exception(ValueError("no such row"))

    with pytest.raises(ValueError, match="no such row"):
        await waiting


async def test_a_cancelled_request_cancels_the_resolver_that_it_waits_for() -> None:
    read: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    ended = []

    async def resolver() -> int:
        try:
            return await read
        finally:
            ended.append(True)

    waiting = started(resolver())

    async def request() -> None:
        await waiting

    task = asyncio.ensure_future(request())
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]


async def test_a_resolver_that_is_not_needed_is_closed() -> None:
    read: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    ended = []

    async def resolver() -> int:
        try:
            return await read
        finally:
            ended.append(True)

    waiting = started(resolver())
    assert isinstance(waiting, StartedResolver)
    waiting.close()

    assert ended == [True]
