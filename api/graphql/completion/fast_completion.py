"""Fast completion of lists, in time slices so that a long list does not block the event loop.

If the selected fields of a list's objects are plain attributes, one generated function completes each object
(api/graphql/completion/object_writers.py). graphql-core makes several calls per leaf instead, and completes all other
lists. Both give the same response.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import (
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLString,
    is_leaf_type,
    is_non_null_type,
    is_object_type,
)
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from api.graphql.completion.object_writers import NeedsSlowPath, Plan
from api.graphql.time_slices import Paced, TimeSlices

LONG = 100
"""The maximum number of items of a list that is completed without yielding to the event loop."""

SLICES = TimeSlices()


class FastExecution(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's execution with fast completion of lists, in time slices."""

    def complete_iterable_value(
        self,
        item_type: GraphQLOutputType,
        field_details_list: Any,
        info: GraphQLResolveInfo[Any],
        path: Path,
        items: Iterable[Any],
        position_context: Any,
    ) -> Any:
        """Return the completed list. For more than LONG items, return an awaitable of the completed list.

        The generated function completes the list if every selected field is a plain attribute. The awaitable yields to
        the event loop whenever its time slice is over.
        """
        slow = super().complete_iterable_value
        inner = item_type.of_type if is_non_null_type(item_type) else item_type
        if not isinstance(items, list) or not items:
            return slow(item_type, field_details_list, info, path, items, position_context)
        plan = self._plan(inner, field_details_list) if is_object_type(inner) else None
        if len(items) > LONG:
            return self._complete_long(plan, item_type, field_details_list, info, path, items, position_context)
        if plan is not None:
            try:
                return list(map(plan.write(), items))
            except NeedsSlowPath:
                pass  # graphql-core completes the list below, and reports errors with path and location
        return slow(item_type, field_details_list, info, path, items, position_context)

    async def _complete_long(
        self,
        plan: Plan | None,
        item_type: GraphQLOutputType,
        field_details_list: Any,
        info: GraphQLResolveInfo[Any],
        path: Path,
        items: list[Any],
        position_context: Any,
    ) -> list[Any]:
        if plan is not None:
            try:
                write = plan.write()
                return [write(item) async for item in Paced(items, SLICES)]
            except NeedsSlowPath:
                pass  # graphql-core completes the list below, and reports errors with path and location
        # graphql-core completes an asynchronous iterator to a list.
        return await self.complete_async_iterator_value(
            item_type, field_details_list, info, path, Paced(items, SLICES), position_context
        )

    async def complete_awaitable_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: Any,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Complete the result of an awaitable. If the time slice is over, yield to the event loop first.

        All fields that wait for one batch of reads continue in one turn of the event loop, and could block the loop.
        """
        return await super().complete_awaitable_value(
            return_type, field_details_list, info, path, _after_checkpoint(result), position_context
        )

    def _plan(self, type_: GraphQLObjectType, field_details_list: Any) -> Plan | None:
        grouped, *rest = self.collect_subfields(type_, field_details_list)
        if any(rest):
            return None
        fields: list[tuple[str, str, GraphQLOutputType, Plan | None]] = []
        for response, details in grouped.items():
            name = details[0].node.name.value
            if name == "__typename":
                fields.append((response, "", GraphQLString, None))
                continue
            attribute, field_type = _attribute(self.schema, type_, name)
            if attribute is None or field_type is None:
                return None
            inner = field_type.of_type if is_non_null_type(field_type) else field_type
            plan = self._plan(inner, details) if is_object_type(inner) else None
            if plan is None and not is_leaf_type(inner):
                return None
            fields.append((response, attribute, field_type, plan))
        return Plan(type_, tuple(fields))


async def _after_checkpoint(result: Any) -> Any:
    value = await result
    await SLICES.checkpoint()
    return value


def _attribute(
    schema: GraphQLSchema, type_: GraphQLObjectType, name: str
) -> tuple[str | None, GraphQLOutputType | None]:
    """Return the attribute that a field shows and the field's type.

    Return (None, None) if the field shows no plain attribute.
    """
    field = schema.get_field(type_, name)
    definition = (field.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF) if field else None
    if field is None or not isinstance(definition, StrawberryField) or not definition.is_basic_field or field.args:
        return None, None
    return definition.python_name, field.type
