"""What is known about a GraphQL request before its operation is executed and the context for resolvers is built."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.graphql.compiled.compiled_document import Fallback
from api.graphql.documents import Document


@dataclass(slots=True)
class PendingContext:
    """The context that `GatehouseSchema.execute` gets. Resolvers get the result of `build` instead.

    `build` is called when the operation is executed, so a request that is refused earlier reads no rows. The endpoint
    sets `build`, `caller`, `request_id`, `headers` and `is_by_url`. The schema sets the other fields.

    - `caller`: returns the caller of the built context.
    - `is_by_url`: whether the document is in the URL.
    - `needs_post`: whether the request was refused because the document is in the URL.
    - `cost`, `operation_name`, `kind`: describe the GraphQL operation. `kind` is query or mutation.
    - `built`: the result of `build`.
    - `fallback`: why graphql-core executes the operation. None if the compiled operation gives the whole answer.
    - `document`: the parsed document, which graphql-core's execution uses instead of parsing again.
    - `refused`: the exception that refused the document, if any. graphql-core's execution raises it.
    """

    build: Callable[[], Awaitable[object]]
    caller: Callable[[Any], Hashable] = id
    cost: int = 0
    request_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    operation_name: str | None = None
    kind: str | None = None
    built: object = None
    is_by_url: bool = False
    needs_post: bool = False
    fallback: Fallback | None = None
    document: Document | None = None
    refused: Exception | None = None
