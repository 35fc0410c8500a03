"""The context that a request has until the context of its resolvers is built."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.graphql.compiled.compiled_document import Fallback
from api.graphql.documents import Document


@dataclass(slots=True)
class PendingContext:
    """The context that `GatehouseSchema.execute` gets. Resolvers get the result of `build` instead.

    `build` is called when the operation is executed. A request that is refused earlier therefore reads no rows. The
    endpoint sets `build`, `caller`, `request_id`, `headers` and `is_by_url`. The schema sets the other fields.

    - `caller` returns the caller of the built context.
    - `is_by_url` states whether the document is in the URL. `needs_post` states whether the request was refused for
      this reason.
    - `cost`, `operation_name` and `kind` (query or mutation) describe the GraphQL operation.
    - `built` is the result of `build`.
    - `fallback` is the reason why graphql-core executes the operation. If the compiled operation gives the whole
      answer, `fallback` is None.
    - `document` is the parsed document. If the document was refused, `refused` is the exception. graphql-core's
      execution uses these two fields and does not parse the document again.
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
