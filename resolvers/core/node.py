"""Whatever has a global id."""

from __future__ import annotations

import strawberry


@strawberry.interface(description="Anything that can be fetched again by its id, with `node`.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque and stable; the same thing has the same id everywhere.")
