"""Run one compiled operation. If a part fails, graphql-core executes the operation instead.

graphql-core takes over the results so far, so no resolver of a root field runs twice.
"""

from __future__ import annotations

from asyncio import gather
from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import DocumentNode, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode, OperationType
from graphql.execution.values import VariableValues

from api.graphql.compiled.calls import NotCompiled, ResolverCall
from api.graphql.compiled.compiler import TYPENAME, Compiler
from api.graphql.compiled.internals import Selections
from api.graphql.compiled.values import OperationRun, Value, finished


class RootResult(NamedTuple):
    """The result of one root field whose resolver has run.

    - `is_complete`: whether the resolver's value could be completed
    - `value`: the completed value, or else the value that the resolver returned
    - `error`: the exception that the resolver raised, if any
    """

    is_complete: bool
    value: Any = None
    error: Exception | None = None

    async def again(self) -> Any:
        """Return the resolver's value, or raise the resolver's exception. Requires that `is_complete` is false.

        graphql-core awaits this method instead of calling the resolver again.
        """
        if self.error is not None:
            raise self.error
        return self.value


class RootResults(dict[str, RootResult]):
    """The results of the root fields whose resolvers have run, by their names in the response.

    If a part of the operation fails, graphql-core uses these results and does not call the resolvers again. No mutation
    is therefore repeated.
    """


class _RootField(NamedTuple):
    response: str
    call: ResolverCall
    value: Value


class CompiledOperation:
    """One operation of a document, compiled for given values of the variables in @skip and @include.

    `conditions` has these values, such as `{"withEmail": True}`.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        conditions: Mapping[str, bool],
    ) -> None:
        """Compile the operation. Raise NotCompiled if graphql-core must execute it."""
        root = schema.get_root_type(operation.operation)
        if root is None or operation.operation is OperationType.SUBSCRIPTION:
            raise NotCompiled
        self._is_serial = operation.operation is OperationType.MUTATION
        selections = Selections(schema, document, operation, conditions)
        compiler = Compiler(schema, operation, selections)
        self._blank: dict[str, Any] = {}
        self._fields: list[_RootField] = []
        for response, details in selections.of_root(root).items():
            self._blank[response] = None
            if details[0].node.name.value == TYPENAME:
                self._blank[response] = root.name
            else:
                self._fields.append(self._compiled(compiler, root, response, details))

    @staticmethod
    def _compiled(compiler: Compiler, root: GraphQLObjectType, response: str, details: Any) -> _RootField:
        return _RootField(*compiler.field(root, response, details))  # type: ignore[arg-type]

    async def run(self, context: Any, variables: VariableValues) -> tuple[dict[str, Any] | None, RootResults]:
        """Run the operation. Return the data of the response, and the results of the root fields.

        The data is None if a part failed. graphql-core must then execute the operation with the results as its root
        value.
        """
        run, results = OperationRun(context, variables), RootResults()
        if self._is_serial or len(self._fields) == 1:
            for field in self._fields:
                if not await _ran(field, run, results):
                    return None, results
        elif not all(await gather(*[_ran(field, run, results) for field in self._fields])):
            return None, results
        data = self._blank.copy()
        for response, result in results.items():
            data[response] = result.value
        return data, results


async def _ran(field: _RootField, run: OperationRun, results: RootResults) -> bool:
    """Run the resolver of a root field, complete its value, and add the result to `results`.

    Return False if one of these steps failed, otherwise True.
    """
    try:
        arguments = field.call.arguments(run.variables)
    except Exception:
        return False  # graphql-core reports the argument that is not valid
    try:
        value = field.call.resolve(None, run, arguments)
        if hasattr(value, "__await__"):
            value = await value
    except Exception as error:
        results[field.response] = RootResult(is_complete=False, error=error)
        return False
    results[field.response] = RootResult(is_complete=False, value=value)
    try:
        completed = await finished(field.value, value, run)
    except Exception:
        return False  # graphql-core completes the value, and reports the error
    results[field.response] = RootResult(is_complete=True, value=completed)
    return True
