"""A compiled operation completes the values of resolvers as graphql-core does, even wrong values."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
import strawberry
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from api.graphql.execution import build_schema
from api.graphql.pending_context import PendingContext


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


@strawberry.type
class Sale:
    number: int

    @strawberry.field
    async def receipt(self, lost: bool = False) -> str:
        if lost:
            raise RuntimeError("The receipt is lost.")
        return f"receipt {self.number}"


SALES: list[int] = []


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def sell(self, refuse: bool = False) -> Sale | None:
        if refuse:
            raise RuntimeError("Nothing is sold.")
        SALES.append(len(SALES))
        return Sale(number=SALES[-1])


SCHEMA = build_schema(Query, Mutation, types=[Car, Wheel])


async def both(document: str, variables: dict[str, Any] | None = None) -> tuple[ExecutionResult, ExecutionResult]:
    """Return the answers of the compiled operation and of graphql-core."""
    pending = PendingContext(_no_context)
    compiled = await SCHEMA.execute(document, variables, pending, allowed_operation_types={OperationType.QUERY})
    ordinary = await SCHEMA.execute(document, variables)
    assert pending.kind == "query"  # the operation was compiled
    return compiled, ordinary


async def _no_context() -> None: ...


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
async def test_both_ways_answer_alike_errors_and_their_places_included(document: str, cars: Any) -> None:
    CARS[:] = list(cars)
    variables = {"yes": True} if "$yes" in document else None

    compiled, ordinary = await both(document, variables)

    assert compiled.data == ordinary.data
    assert [e.formatted for e in compiled.errors or ()] == [e.formatted for e in ordinary.errors or ()]


async def test_variables_that_change_the_selection_change_what_is_generated() -> None:
    CARS[:] = [car()]
    document = "query ($yes: Boolean!) { cars { name @include(if: $yes) seats @skip(if: $yes) } }"

    answers = [(await both(document, {"yes": yes}))[0].data for yes in (True, False, True)]

    assert answers == [{"cars": [{"name": "Beetle"}]}, {"cars": [{"seats": 4}]}, {"cars": [{"name": "Beetle"}]}]


async def test_names_in_the_document_never_become_code() -> None:
    CARS[:] = [car()]
    name = "a" * 90 + "__import__"

    compiled, ordinary = await both(f"{{ cars {{ {name}: name }} }}")

    assert compiled.data == ordinary.data == {"cars": [{name: "Beetle"}]}


@pytest.mark.parametrize(
    ("selections", "data"),
    [
        ("a: sell { receipt } b: sell { receipt }", {"a": {"receipt": "receipt 0"}, "b": {"receipt": "receipt 1"}}),
        ("a: sell { number } b: sell { receipt(lost: true) }", {"a": {"number": 0}, "b": None}),
        ("a: sell { receipt(lost: true) } b: sell { number }", {"a": None, "b": {"number": 1}}),
        (
            "a: sell { number } b: sell(refuse: true) { number } c: sell { number }",
            {"a": {"number": 0}, "b": None, "c": {"number": 1}},
        ),
    ],
)
async def test_no_mutation_runs_twice_if_graphql_core_reports_an_error(selections: str, data: Any) -> None:
    SALES.clear()
    pending = PendingContext(_no_context)

    answer = await SCHEMA.execute(
        f"mutation {{ {selections} }}", None, pending, allowed_operation_types={OperationType.MUTATION}
    )

    assert answer.data == data
    assert len(SALES) == 2
    assert [error.path[0] for error in answer.errors or () if error.path] == [k for k, v in data.items() if v is None]
