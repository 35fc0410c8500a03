"""Declare an enum of rules/ or models/ as a GraphQL enum."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar, cast

import strawberry

E = TypeVar("E", bound=type[Enum])


def declare(enum: E, name: str, description: str, values: Mapping[str, str]) -> E:
    """Return the enum as the GraphQL enum `name`. `values` holds the description of each value, by the value's name.

    Raise KeyError if a value has no description.
    """
    declared = strawberry.enum(enum, name=name, description=description)
    for value in cast(Any, declared).__strawberry_definition__.values:
        value.description = values[value.name]
    return declared
