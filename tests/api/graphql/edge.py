"""A small schema for tests of the GraphQL endpoint, and an HTTP client for it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from itertools import count
from typing import Any, NewType, cast

import httpx
import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from strawberry.scalars import JSON as AnyJson
from strawberry.schema.config import StrawberryConfig

from api.core.request_record import Observe
from api.graphql.cost.limits import DEFAULT_LIMITS, Limits
from api.graphql.endpoint import GraphQLEndpoint
from api.graphql.execution import GatehouseSchema, build_schema
from rules.messages.administration import StaffMessage
from rules.messages.rate_limits import RequestMessage
from rules.refusals import Code, Refusal

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
SECRET = "correct-horse-battery-staple"
LATER = datetime(2030, 1, 1, 12, 30, 0, 123456, tzinfo=UTC)


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


def _even(value: object) -> int:
    if not isinstance(value, int):
        raise KeyError(SECRET)
    if value % 2:
        raise ValueError("not even")
    return value


Even = NewType("Even", int)


@strawberry.input
class Filter:
    text: str | None = None
    colour: Colour | None = None
    any_of: list[Filter] | None = None


@strawberry.type
class Row:
    id: strawberry.ID
    name: str

    @strawberry.field
    def me(self) -> Row:
        return self

    @strawberry.field
    def rows(self, first: int | None = None, last: int | None = None) -> Rows:
        return Rows(length=first or last or 50)

    @strawberry.field
    def broken(self) -> str:
        raise RuntimeError(SECRET)


@strawberry.type
class Rows:
    length: strawberry.Private[int]

    @strawberry.field
    def nodes(self) -> list[Row]:
        return [Row(id=strawberry.ID(str(index)), name="ann") for index in range(self.length)]

    @strawberry.field
    def total_count(self) -> int:
        return self.length


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, text: str = "world", n: int = 5, filter: Filter | None = None) -> str:
        return f"{text} {n}"

    @strawberry.field
    def context(self, info: strawberry.Info[dict[str, str], None]) -> str:
        return info.context["built"]

    @strawberry.field
    def me(self) -> Row:
        return Row(id=strawberry.ID("1"), name="ann")

    @strawberry.field
    def nodes(self, ids: list[strawberry.ID]) -> list[Row]:
        return [Row(id=id_, name="ann") for id_ in ids]

    @strawberry.field
    def rows(self, first: int | None = None, last: int | None = None) -> Rows:
        return Rows(length=first or last or 50)

    @strawberry.field
    def broken(self) -> str | None:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise RuntimeError(SECRET) from error

    @strawberry.field
    async def waiting(self) -> str:
        await asyncio.Event().wait()
        return "never"

    @strawberry.field
    def required(self) -> str:
        raise RuntimeError(SECRET)

    @strawberry.field
    def refused(self, code: str) -> str | None:
        if code == Code.RATE_LIMITED:
            raise Refusal(RequestMessage.LARGE_REQUESTS, retry_at=LATER, requests=9)
        if code == Code.LAST_ADMIN:
            raise Refusal(StaffMessage.LAST_MSSP_ADMIN)
        raise Refusal(Code(code), "The rule says no.")

    @strawberry.field
    def lost(self) -> str | None:
        raise ConnectionRefusedError(SECRET)

    @strawberry.field
    def half(self, even: Even) -> int:
        return even // 2

    @strawberry.field
    def too_great(self) -> AnyJson:
        return AnyJson(2**70)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def poke(self) -> str:
        return "poked"


def unavailable(exception: BaseException) -> Refusal | None:
    """Convert a ConnectionError to a Refusal, as models/ converts errors of the database. Return None for other
    exceptions.
    """
    if isinstance(exception, ConnectionError):
        return Refusal(Code.UNAVAILABLE, "Try again in a moment.")
    return None


class Edge:
    """A GraphQL endpoint that serves the small schema of this module, and sends requests to it.

    By default, requests have the headers of a frontend in a browser.
    """

    def __init__(
        self,
        limits: Limits = DEFAULT_LIMITS,
        *,
        introspection: bool = True,
        page: bool = True,
        observe: Observe = lambda answered: None,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.contexts = 0
        self.context_fails: Exception | None = None
        self.page_fails: Exception | None = None
        self.schema: GatehouseSchema = build_schema(
            Query,
            Mutation,
            introspection=introspection,
            limits=limits,
            config=StrawberryConfig(scalar_map={Even: strawberry.scalar(name="Even", parse_value=_even)}),
        )
        numbers = count(1)
        self.endpoint = GraphQLEndpoint(
            self.schema,
            context=self._context,
            page=self._page if page else None,
            request_id=lambda: f"request-{next(numbers)}",
            translate=unavailable,
            observe=observe,
            timer=timer,
        )
        app = Starlette(routes=[Route("/graphql", cast(Callable[..., Any], self.endpoint))])
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://edge")
        # Only what a test says it accepts; httpx would add */*.
        del self.client.headers["accept"]

    async def _context(self, request: Request) -> object:
        self.contexts += 1
        if self.context_fails:
            raise self.context_fails
        return {"built": f"for {request.state.request_id}"}

    async def _page(self, request: Request) -> Response:
        if self.page_fails:
            raise self.page_fails
        return HTMLResponse("<h1>GraphiQL</h1>")

    async def post(self, body: object, accept: str | None = GRAPHQL, **headers: str) -> httpx.Response:
        """Send a POST. Bytes are sent unchanged, and any other body is sent as JSON."""
        named = {"content-type": JSON} | ({"accept": accept} if accept else {})
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.post("/graphql", content=content, headers=named)

    async def get(self, accept: str | None = GRAPHQL, **parameters: str) -> httpx.Response:
        """Send a GET with the parameters in the URL."""
        return await self.client.get("/graphql", params=parameters, headers={"accept": accept} if accept else {})

    async def ask(self, query: str, variables: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Send a query by POST, and return the decoded body of the answer."""
        body: dict[str, Any] = (await self.post({"query": query, "variables": variables})).json()
        return body


def only_error(response: httpx.Response) -> tuple[str, str]:
    """Return the code and the message of the only error. Assert that the answer has nothing else."""
    body = response.json()
    assert set(body) == {"errors"}
    (error,) = body["errors"]
    return error["extensions"]["code"], error["message"]
