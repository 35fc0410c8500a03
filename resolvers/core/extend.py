"""Add fields to a GraphQL type from another module, as `extend type` does in SDL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry
from strawberry.types import get_object_definition

T = TypeVar("T", bound=type[Any])


def extend(target: type[Any]) -> Callable[[T], T]:
    """Return a class decorator that adds the fields of the decorated class to the GraphQL type `target`.

    The decorated class is a subclass of `target`. In its resolvers, `self` is an instance of `target`. Use the
    decorator to avoid an import cycle between the modules of `target` and of the field's type. Import the decorated
    class before the schema is built.
    """

    def add(extension: T) -> T:
        fields = get_object_definition(target, strict=True).fields
        known = {field.python_name for field in fields}
        extended = get_object_definition(strawberry.type(extension), strict=True).fields
        fields.extend(field for field in extended if field.python_name not in known)
        return extension

    return add
