"""Declare an enum of rules/ or models/ as a GraphQL enum. An open enum can get more values in later versions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar, cast

import strawberry
from strawberry.schema_directive import Location

E = TypeVar("E", bound=type[Enum])


@strawberry.schema_directive(
    locations=[Location.ENUM],
    name="open",
    description="Later versions may add values to this enum without a breaking change: clients need a default branch."
    " An enum without the directive is closed; a new value in it is a breaking change.",
)
class Open:
    pass


def declare(enum: E, name: str, description: str, values: Mapping[str, str], *, is_open: bool = False) -> E:
    """Declare `enum` as the GraphQL enum `name`, and return `enum`. `values` maps names of values to descriptions.

    `is_open` states whether the enum gets the directive `@open`. Raise KeyError if a value has no description.
    """
    declared = strawberry.enum(enum, name=name, description=description, directives=[Open()] if is_open else [])
    for value in cast(Any, declared).__strawberry_definition__.values:
        value.description = values[value.name]
    return declared
