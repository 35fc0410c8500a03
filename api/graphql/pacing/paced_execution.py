"""graphql-core's execution, extended: it lets other tasks run, and uses results of a compiled operation again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import GraphQLObjectType, GraphQLOutputType, GraphQLResolveInfo
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from api.graphql.compiled.operation import RootResults
from api.graphql.pacing.time_slices import LONG, SLICES, Paced
from resolvers.paging.connection import Connection


class PacedExecution(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's execution, with two changes.

    - The execution of a long answer lets other tasks run in between.
    - If a compiled operation has already called the resolver of a root field, the resolver's result is used again.
    """

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: Any,
        path: Path,
        position_context: Any,
    ) -> Any:
        """Execute a field. If a compiled operation has the field's result already (RootResults), use that result."""
        result = source.get(str(path.key)) if isinstance(source, RootResults) else None
        field = self.schema.get_field(parent_type, field_details_list[0].node.name.value) if result else None
        if result is None or field is None:
            return super().execute_field(parent_type, source, field_details_list, path, position_context)
        if result.is_complete:
            return result.value
        info = self.build_resolve_info(field, [details.node for details in field_details_list], parent_type, path)
        return self.complete_awaitable_value(
            field.type, field_details_list, info, path, result.again(), position_context
        )

    def complete_iterable_value(
        self,
        item_type: GraphQLOutputType,
        field_details_list: Any,
        info: GraphQLResolveInfo[Any],
        path: Path,
        items: Iterable[Any],
        position_context: Any,
    ) -> Any:
        """Return the completed list. A long list is completed in pieces, and other tasks run in between.

        If the list has more than LONG items, the result is an awaitable.
        """
        if isinstance(items, list) and len(items) > LONG:
            # graphql-core completes an asynchronous iterator to a list.
            paced = Paced(items, SLICES)
            return self.complete_async_iterator_value(
                item_type, field_details_list, info, path, paced, position_context
            )
        return super().complete_iterable_value(item_type, field_details_list, info, path, items, position_context)

    async def complete_awaitable_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: Any,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Await a resolver's result and complete it. If the time slice is over, let other tasks run first.

        Many fields can wait for one batch of reads and resume together. Without a pause between them, they would block
        the event loop. A Connection (a page of a list) becomes null if its `visibility` says that the viewer cannot see
        the list.
        """
        return await super().complete_awaitable_value(
            return_type, field_details_list, info, path, _after_checkpoint(result), position_context
        )


async def _after_checkpoint(result: Any) -> Any:
    value = await result
    await SLICES.checkpoint()
    if isinstance(value, Connection) and value.visibility and not await value.visibility():
        return None
    return value
