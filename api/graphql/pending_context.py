"""The context of a request before its operation is executed, and what is known of the request until then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.graphql.compiled.compiled_document import Fallback
from api.graphql.documents import Document


@dataclass(slots=True)
class PendingContext:
    """A context that is built when its operation is executed. A refused request therefore reads no rows.

    Pass it as the context to `execute`. Resolvers get the result of `build`. The schema sets `cost`, `operation_name`,
    `kind` and `built`. `caller` returns the caller of the built context. `is_by_url` is whether the document came in a
    URL; `needs_post` is set if it was refused for that reason. `fallback` is why graphql-core executed the operation;
    None if the compiled operation gave the whole answer.
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
