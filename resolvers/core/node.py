"""The interface of objects with a global id."""

from __future__ import annotations

import strawberry


@strawberry.interface(description="An object with a global id. Fetch it again with `node`.")
class Node:
    id: strawberry.ID = strawberry.field(description="The global id: opaque, stable and unique across types.")
