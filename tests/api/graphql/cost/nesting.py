"""Documents with nested or repeated selections, and the schema that they query."""

from __future__ import annotations

from tests.api.graphql.edge import Edge


def deep(depth: int, opening: str, inside: str = "id", closing: str = "}") -> str:
    return opening * depth + inside + closing * depth


SCHEMA = Edge().schema._schema
