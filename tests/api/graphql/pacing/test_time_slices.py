"""Long computations pause, so that the event loop serves its sockets."""

from __future__ import annotations

import asyncio

from api.graphql.pacing.time_slices import Paced, TimeSlices


class Stopwatch:
    """A clock that only the test advances, for each piece of simulated work."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def turns_of_the_loop(tasks: list[asyncio.Task[None]]) -> int:
    """Return how many turns of the event loop pass until the tasks are done."""
    turns = 0
    while not all(task.done() for task in tasks):
        turns += 1
        await asyncio.sleep(0)
    return turns


async def test_many_tasks_that_are_ready_at_once_take_several_turns() -> None:
    watch = Stopwatch()
    slices = TimeSlices(length=0.010, timer=watch, clock=watch)

    async def runtime() -> None:
        await slices.checkpoint()
        watch.seconds += 0.004

    turns = await turns_of_the_loop([asyncio.create_task(runtime()) for _ in range(30)])

    assert watch.seconds > 0.119
    assert turns >= 8


async def test_work_within_the_slice_does_not_wait() -> None:
    slices = TimeSlices(length=0.010, timer=Stopwatch(), clock=Stopwatch())

    async def runtime() -> None:
        for _ in range(1000):
            await slices.checkpoint()

    assert await turns_of_the_loop([asyncio.create_task(runtime())]) == 1


async def test_a_busy_machine_does_not_cut_a_slice_into_pieces() -> None:
    computed, passed = Stopwatch(), Stopwatch()
    slices = TimeSlices(length=0.010, timer=computed, clock=passed)

    async def runtime() -> None:
        for _ in range(100):
            await slices.checkpoint()
            passed.seconds += 0.020  # another process runs
            computed.seconds += 0.00001

    assert await turns_of_the_loop([asyncio.create_task(runtime())]) == 1


async def test_a_paced_list_has_all_items_in_order() -> None:
    watch = Stopwatch()
    slices = TimeSlices(length=0.010, timer=watch, clock=watch)
    found = []

    async for item in Paced(range(100), slices):
        watch.seconds += 0.001
        found.append(item)

    assert found == list(range(100))


def test_slices_go_on_in_another_loop() -> None:
    slices = TimeSlices()

    for _ in range(2):
        asyncio.run(asyncio.wait_for(slices.checkpoint(), 1))
