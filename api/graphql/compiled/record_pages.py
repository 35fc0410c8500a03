"""Functions that write a connection directly from the database's records, without an object for each node.

This is possible if each selected field of the nodes can be made from columns. Only the selected columns are read. The
functions that write an edge or a node are generated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from graphql import (
    GraphQLObjectType,
)

from api.graphql.compiled.internals import Details, class_of
from api.graphql.compiled.leaves import Write
from api.graphql.compiled.page_selection import CompilesValues, NeedsObjects, NodeField, PageSelection, SelectedField
from api.graphql.compiled.values import FILLED_IN_PLACE, Complete, Field, OperationRun, Value, Waiting
from api.graphql.compiled.writers import Plain, object_writer
from models.db.keyset.pages import ShownPage
from models.db.rows import Decoder
from resolvers.core.row_fields import decoders_of
from resolvers.paging.connection import Connection
from resolvers.paging.cursors import cursor_writer
from resolvers.types.users.user_connection import UserConnection

Cursor = Callable[[Any], str]
"""A function that returns a record's cursor. Each request makes its own, because a variable can set the sort order."""


def page_completion(compiler: CompilesValues, type_: GraphQLObjectType, details: Details) -> Complete | None:
    """Return a function that writes connections of the type `type_` from the database's records.

    `details` are the nodes of the document that select the connection. Return None if `type_` is no connection, or if a
    selected field of the listed objects cannot be made from columns.
    """
    if class_of(type_) not in (Connection, UserConnection):
        return None
    selection = PageSelection(compiler, type_)
    try:
        parts = [
            selection.part(response, below) for response, below in compiler.selections.below(type_, details).items()
        ]
    except NeedsObjects:
        return None
    return _PageCompletion(parts, tuple(selection.columns), selection.node).complete


class _PageCompletion:
    """Completes a GraphQL connection (a page of a list) from the database's records, without objects for the rows.

    - `parts`: the selected fields of the connection
    - `columns`: the columns of each record, in their order
    - `node`: the GraphQL type of the nodes
    """

    def __init__(self, parts: list[SelectedField], columns: tuple[str, ...], node: GraphQLObjectType) -> None:
        self._parts = parts
        self._columns = columns
        self._type = cast(type, class_of(node))
        self._writers = [(part.response, write) for part in parts if (write := self._writer(part))]

    def complete(self, connection: Connection[Any], run: OperationRun, waiting: list[Waiting]) -> dict[str, Any]:
        """Return the connection as an object of the response, before its rows and counts are read.

        The reads are added to `waiting`. Awaiting them fills in the fields that are None until then.
        """
        answer: dict[str, Any] = dict.fromkeys(part.response for part in self._parts)
        for part in self._parts:
            if part.kind == "__typename":
                answer[part.response] = part.selected
            elif part.kind == "totalCount":
                waiting.append(Waiting(answer, _count_field(part.response), connection.total()))
            elif part.kind == "offset":
                assert isinstance(connection, UserConnection)  # noqa: S101  # no other connection has the field
                waiting.append(Waiting(answer, _count_field(part.response), connection.users_before()))
        if self._writers:
            waiting.append(Waiting(None, FILLED_IN_PLACE, self._fill(answer, connection)))
        return answer

    async def _fill(self, answer: dict[str, Any], connection: Connection[Any]) -> None:
        assert connection.shown is not None  # noqa: S101  # the compiler chooses this completion only then
        page = await connection.shown(self._columns)
        cursor = cursor_writer(connection.order, page.places, connection.key)
        for response, write in self._writers:
            answer[response] = write(page, cursor)

    def _writer(self, part: SelectedField) -> Callable[[ShownPage, Cursor], Any] | None:
        """Return the function that makes the value of one selected field from a page.

        Return None if the value is no part of a page, such as `totalCount`.
        """
        if part.kind == "nodes":
            names: dict[str, Any] = {}
            return _nodes_writer(object_writer(self._node_fields(part.selected, names), **names))
        if part.kind == "edges":
            return _edges_writer(self._edge_writer(part.selected))
        return _page_info_writer(part.selected) if part.kind == "pageInfo" else None

    def _edge_writer(self, selected: list[SelectedField]) -> Callable[[Any, Cursor], Any]:
        names: dict[str, Any] = {}
        fields = []
        for part in selected:
            if part.kind == "node":
                fields.append(Plain(part.response, None, fields=self._node_fields(part.selected, names)))
            elif part.kind == "cursor":
                fields.append(Plain(part.response, "cursor(o)"))
            else:
                fields.append(Plain(part.response, None, constant=part.selected))
        return cast(Callable[[Any, Cursor], Any], object_writer(fields, beside="cursor", **names))

    def _node_fields(self, selected: list[NodeField], names: dict[str, Any]) -> list[Plain]:
        """Return the selected fields of a node, each with the Python expression that makes its value from a record.

        The functions that the expressions call are added to `names`, a mapping of names to functions.
        """
        place = {column: i for i, column in enumerate(self._columns)}
        fields = []
        for shown in selected:
            if shown.made is None:
                fields.append(Plain(shown.response, None, constant=shown.constant))
                continue
            cells = [f"o[{place[column]}]" for column in shown.made.columns]
            if shown.made.make is None or shown.made.is_stored:
                expression = cells[0]
            else:
                make = f"make{len(names)}"
                names[make] = shown.made.make
                decoders = decoders_of(self._type, shown.made)
                columns = zip(shown.made.columns, cells, decoders, strict=True)
                expression = f"{make}({', '.join(_decoded(*column, names) for column in columns)})"
            fields.append(Plain(shown.response, expression, shown.value.write, shown.value.is_required))
        return fields


def _decoded(column: str, cell: str, decode: Decoder | None, names: dict[str, Any]) -> str:
    """Return a Python expression that decodes the value of the expression `cell`, such as `o[3]`.

    The expression calls `decode`, which is added to `names`. If `decode` is None, return `cell`.
    """
    if decode is None:
        return cell
    names[f"decode_{column}"] = decode
    return f"(None if {cell} is None else decode_{column}({cell}))"


def _nodes_writer(write: Write) -> Callable[[ShownPage, Cursor], Any]:
    return lambda page, cursor: [*map(write, page.records)]


def _edges_writer(write: Callable[[Any, Cursor], Any]) -> Callable[[ShownPage, Cursor], Any]:
    return lambda page, cursor: [write(record, cursor) for record in page.records]


def _page_info_writer(selected: list[tuple[str, str]]) -> Callable[[ShownPage, Cursor], Any]:
    values: dict[str, Callable[[ShownPage, Cursor], Any]] = {
        "hasNextPage": lambda page, cursor: page.has_next,
        "hasPreviousPage": lambda page, cursor: page.has_previous,
        "startCursor": lambda page, cursor: cursor(page.records[0]) if page.records else None,
        "endCursor": lambda page, cursor: cursor(page.records[-1]) if page.records else None,
        "__typename": lambda page, cursor: "PageInfo",
    }
    return lambda page, cursor: {response: values[name](page, cursor) for response, name in selected}


def _count_field(response: str) -> Field:
    return Field(response, lambda source, run: None, Value(True, write=int))
