"""The short way through lists gives the same answers as graphql-core's own."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, execute_sync, parse
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from api.graphql.completion.fast_completion import FastExecution
from api.graphql.execution import build_schema


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Wheel(Named):
    size: int


@strawberry.type
class Car(Named):
    colour: Colour
    seats: int | None
    weight: float
    sold: bool
    wheel: Wheel | None

    @strawberry.field
    def label(self) -> str:
        return f"{self.name} in {self.colour.value}"


def car(**given: Any) -> Car:
    return Car(
        **{
            "name": "Beetle",
            "colour": Colour.RED,
            "seats": 4,
            "weight": 1.5,
            "sold": False,
            "wheel": Wheel(name="W", size=15),
            **given,
        }
    )


CARS: list[Any] = []


@strawberry.type
class Query:
    @strawberry.field
    def cars(self) -> list[Car]:
        return CARS

    @strawberry.field
    def maybe(self) -> list[Car | None]:
        return CARS

    @strawberry.field
    def named(self) -> list[Named]:
        return CARS


SCHEMA = build_schema(Query, None, types=[Car, Wheel])


def both(document: str, variables: dict[str, Any] | None = None) -> tuple[ExecutionResult, ExecutionResult]:
    """The answers of the short way and of graphql-core's own."""
    fast, own = (
        execute_sync(SCHEMA._schema, parse(document), variable_values=variables, executor_class=kind)
        for kind in (FastExecution, StrawberryGraphQLCoreExecutionContext)
    )
    return fast, own


DOCUMENTS = (
    "{ cars { name colour seats weight sold } }",
    "{ cars { a: name b: name __typename c: colour wheel { size __typename name } } }",
    "{ cars { name label } }",
    "{ maybe { name wheel { size } } }",
    "{ named { name __typename ... on Car { seats } } }",
    "{ cars { ...F ...F } } fragment F on Car { name wheel { name } wheel { size } }",
    "query ($yes: Boolean!) { cars { name @include(if: $yes) seats @skip(if: $yes) colour } }",
)


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize(
    "cars",
    [
        pytest.param([car(), car(name="É", colour=Colour.BLUE, seats=None, wheel=None)], id="usual"),
        pytest.param([], id="none"),
        pytest.param([car(), None], id="a hole"),
        pytest.param([car(name=None)], id="null where none may be"),
        pytest.param([car(colour="green"), car()], id="no such colour"),
        pytest.param([car(seats="four"), car(weight="heavy")], id="not a number"),
        pytest.param([car(seats=2**40), car(seats=True), car(name=7)], id="odd numbers"),
        pytest.param([Wheel(name="lost", size=1), car()], id="another type"),
        pytest.param((car() for _ in range(3)), id="a generator"),
    ],
)
def test_both_ways_answer_alike_errors_and_their_places_included(document: str, cars: Any) -> None:
    CARS[:] = list(cars)
    variables = {"yes": True} if "$yes" in document else None

    fast, own = both(document, variables)

    assert fast.data == own.data
    assert [e.formatted for e in fast.errors or ()] == [e.formatted for e in own.errors or ()]


def test_variables_that_change_the_selection_change_what_is_generated() -> None:
    CARS[:] = [car()]
    document = "query ($yes: Boolean!) { cars { name @include(if: $yes) seats @skip(if: $yes) } }"

    answers = [both(document, {"yes": yes})[0].data for yes in (True, False, True)]

    assert answers == [{"cars": [{"name": "Beetle"}]}, {"cars": [{"seats": 4}]}, {"cars": [{"name": "Beetle"}]}]


def test_names_in_the_document_never_become_code() -> None:
    CARS[:] = [car()]
    name = "a" * 90 + "__import__"

    fast, own = both(f"{{ cars {{ {name}: name }} }}")

    assert fast.data == own.data == {"cars": [{name: "Beetle"}]}
