"""Complete the values that resolvers return: convert each value into a part of the response.

Parts that must be awaited are collected in a list of Waiting. `settle` awaits them and fills them in.
"""

from __future__ import annotations

import dataclasses
from asyncio import gather
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from graphql.execution.values import VariableValues

from api.graphql.compiled.leaves import FallsBack, Write
from api.graphql.compiled.started_resolvers import StartedResolver
from api.graphql.pacing.time_slices import LONG, SLICES
from resolvers.paging.connection import Connection


@dataclass(slots=True)
class OperationRun:
    """One run of a compiled operation, which answers one request.

    - `context`, `variables`: the context of the resolvers, and the checked variables
    - `infos`: the argument `info` of each resolver that has been called
    """

    context: Any
    variables: VariableValues
    infos: dict[Call, Any] = dataclasses.field(default_factory=dict)


class Waiting(NamedTuple):
    """A part of the response whose value is not known yet.

    `awaitable` returns the value of `field`. The completed value is then stored in `answer`, an object of the response.
    If `answer` is None, the awaitable itself stores its values.
    """

    answer: dict[str, Any] | None
    field: Field
    awaitable: Any


Complete = Callable[[Any, OperationRun, list[Waiting]], Any]
"""A function that takes a value that is not None, and returns the completed value.

It adds a Waiting to the list for each part that must be awaited and filled in later.
"""


class Value(NamedTuple):
    """How values of one GraphQL type are completed, that is, converted into a part of the response.

    - `is_required`: whether a value must not be None.
    - `write`: completes a value without waiting. None if parts of the value can be awaitable.
    - `complete`: completes a value that can have awaitable parts. If both functions are set, this one is used.

    A list of plain items has both functions: `complete` lets other tasks run while a long list is completed.
    """

    is_required: bool
    write: Write | None = None
    complete: Complete | None = None

    def completed(self, value: Any, run: OperationRun, waiting: list[Waiting]) -> Any:
        """Return the completed value. Raise FallsBack if a required value is None."""
        if value is None:
            if self.is_required:
                raise FallsBack
            return None
        if self.complete is not None:
            return self.complete(value, run, waiting)
        assert self.write is not None  # noqa: S101  # a value has at least one of both
        return self.write(value)


class Call(Protocol):
    """A function that returns a field's value or an awaitable of it. `source` is the object that has the field."""

    def __call__(self, source: Any, run: OperationRun) -> Any: ...


class Field(NamedTuple):
    """A selected field: its name in the response, the call that returns its value, and how the value is completed."""

    response: str
    call: Call
    value: Value


async def settle(waiting: Sequence[Waiting], run: OperationRun) -> None:
    """Await all parts in `waiting` and fill in their values. If parts fail, raise one error after all have ended."""
    begun = [part for part in waiting if type(part.awaitable) is StartedResolver]
    if len(begun) == len(waiting):
        await _settle_begun(begun, run)
        return
    if len(waiting) == 1:
        await _settle(waiting[0], run)
        return
    others = [_settle(part, run) for part in waiting if type(part.awaitable) is not StartedResolver]
    try:
        results = await gather(*others, *([_settle_begun(begun, run)] if begun else []), return_exceptions=True)
    except BaseException:  # the request is cancelled
        abandon(waiting)
        raise
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def _settle_begun(parts: Sequence[Waiting], run: OperationRun) -> None:
    """Await the started resolvers in order, and fill in their values. If resolvers fail, raise one error after all have
    ended.

    Most resolvers wait for the same batched read, so awaiting one after another costs no time. The fields inside all
    values are resolved together, and their reads form one batch too.
    """
    below: list[Waiting] = []
    failed: Exception | None = None
    for number, part in enumerate(parts):
        try:
            value = await part.awaitable
            await SLICES.checkpoint()
            assert part.answer is not None  # noqa: S101  # a resolver's value has an object to stand in
            if isinstance(value, Connection):
                part.answer[part.field.response] = await finished(part.field.value, value, run)
            else:
                part.answer[part.field.response] = part.field.value.completed(value, run, below)
        except Exception as error:
            failed = failed or error
        except BaseException:  # the request is cancelled
            abandon([*parts[number + 1 :], *below])
            raise
    if failed:
        abandon(below)
        raise failed
    if below:
        await settle(below, run)


async def _settle(part: Waiting, run: OperationRun) -> None:
    value = await part.awaitable
    # All parts that wait for one batch of reads continue in the same turn of the event loop, and could block it.
    await SLICES.checkpoint()
    completed = await finished(part.field.value, value, run)
    if part.answer is not None:
        part.answer[part.field.response] = completed


async def finished(value_type: Value, value: Any, run: OperationRun) -> Any:
    """Complete a value, wait until all its parts are filled in, and return the completed value.

    Return None for a connection that the viewer is not allowed to see.
    """
    waiting: list[Waiting] = []
    try:
        completed = value_type.completed(value, run, waiting)
    except BaseException:
        abandon(waiting)
        raise
    if waiting:
        await settle(waiting, run)
    if isinstance(value, Connection) and value.visibility and not await value.visibility():
        return None  # fields with such a connection are nullable
    return completed


def abandon(waiting: Sequence[Waiting]) -> None:
    """Close the coroutines of parts that are no longer needed, so that Python does not warn about them."""
    for part in waiting:
        if hasattr(part.awaitable, "close"):
            part.awaitable.close()


def resolving(fields: Sequence[Field], write: Write) -> Complete:
    """Return a function that makes an object of the response, including its fields with resolvers.

    The function first calls `write`, which makes the object without `fields`. It then calls the resolver of each of
    `fields`, and adds the completed values.
    """

    def complete(source: Any, run: OperationRun, waiting: list[Waiting]) -> Any:
        answer = write(source)
        for field in fields:
            value = field.call(source, run)
            if hasattr(value, "__await__"):
                waiting.append(Waiting(answer, field, value))
            else:
                answer[field.response] = field.value.completed(value, run, waiting)
        return answer

    return complete


def list_of(item: Value, *, is_required: bool) -> Value:
    """Return the Value that completes a list, by completing each item with `item`.

    `is_required` states whether the list itself must not be None.
    """
    return Value(is_required, _list_writer(item) if item.write else None, _list_completion(item))


def _list_writer(item: Value) -> Write:
    def write(values: Any) -> list[Any]:
        if type(values) not in (list, tuple):
            raise FallsBack
        if None in values:
            if item.is_required:
                raise FallsBack
            return [None if value is None else item.write(value) for value in values]  # type: ignore[misc]
        return [*map(item.write, values)]  # type: ignore[arg-type]

    return write


def _list_completion(item: Value) -> Complete:
    write = _list_writer(item) if item.write else None

    def complete(values: Any, run: OperationRun, waiting: list[Waiting]) -> list[Any]:
        if type(values) not in (list, tuple):
            raise FallsBack
        if len(values) <= LONG:
            return write(values) if write else [item.completed(value, run, waiting) for value in values]
        answer: list[Any] = []
        waiting.append(Waiting(None, FILLED_IN_PLACE, _fill(answer, item, values, run)))
        return answer

    return complete


async def _fill(answer: list[Any], item: Value, values: Sequence[Any], run: OperationRun) -> None:
    waiting: list[Waiting] = []
    try:
        for value in values:
            await SLICES.checkpoint()
            answer.append(item.completed(value, run, waiting))
    except BaseException:
        abandon(waiting)
        raise
    if waiting:
        await settle(waiting, run)


FILLED_IN_PLACE = Field("", lambda source, run: None, Value(is_required=False, write=lambda value: value))
"""A placeholder for `Waiting.field`, if the awaitable of the Waiting stores its values in the response itself."""
