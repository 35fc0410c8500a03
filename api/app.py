"""The Starlette application and its GraphQL schema, made from the objects of a process (api/parts.py)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from strawberry.extensions import SchemaExtension

from api.background import hourly_housekeeping, mail_delivery
from api.callers import ContextBuilder, caller
from api.core.graphiql_build import is_built
from api.core.request_record import FileRecord, RequestRecord
from api.core.version import VERSION
from api.csv.csv_endpoint import CsvRoute
from api.csv.export_endpoint import ExportEndpoint
from api.csv.import_endpoint import ImportEndpoint
from api.graphql.endpoint import GraphQLEndpoint
from api.graphql.execution import GatehouseSchema, build_schema
from api.mail.dev_mailbox import DevMail
from api.middleware import middleware
from api.parts import GRACE, Parts
from api.security import cookies, sealed_secrets
from api.security.keys import SigningKeys
from api.telemetry import logs
from api.telemetry.metrics import Metrics, metrics_route
from api.token_introspection import introspection_routes
from api.web.dev_token import dev_routes
from api.web.graphiql_page import GraphiQLPage
from api.web.response_headers import Application
from models.db.database import database
from models.db.database_errors import reason, unavailable
from models.db.migrate import unfit
from resolvers.schema import TYPES, Mutation, Query, config
from rules.refusals import Code, Refusal

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = structlog.get_logger(__name__)


def schema(*, introspection: bool, tracing: TracerProvider | None = None) -> GatehouseSchema:
    """Return the GraphQL schema. `tracing` receives the spans of requests. If `tracing` is None, no spans are made.

    Calls with the same arguments return the same schema object, because building a schema is slow.
    """
    return _schema(introspection, tracing)


@cache
def _schema(introspection: bool, tracing: TracerProvider | None) -> GatehouseSchema:
    return build_schema(
        Query, Mutation, types=TYPES, introspection=introspection, config=config(), tracing=_spans(tracing)
    )


def _spans(tracing: TracerProvider | None) -> Callable[[], SchemaExtension] | None:
    if tracing is None:
        return None
    from api.graphql.request_spans import RequestSpans  # slow to import, and installed only with the extra `tracing`

    return lambda: RequestSpans(tracer_provider=tracing)


def app(parts: Parts) -> Starlette:
    """Return the Starlette application.

    While the application runs, its database is open. The application also sends mail and runs the housekeeping, if the
    settings say so. At shutdown, the application closes `parts` and the database.
    """
    in_development = parts.settings.env == "development"
    # Production serves only the built page: scripts that a page loads from a CDN would run on the API's origin.
    page = GraphiQLPage() if parts.settings.serves_graphiql and (in_development or is_built()) else None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with database(parts.settings.database_url, pool_size=parts.settings.database_pool_size):
            await sealed_secrets.check(parts.ports.encryption, parts.metrics.record_unopened_second_factors)
            running = (parts.settings, parts.runtime, parts.chance.jitter)
            try:
                async with mail_delivery(*running), hourly_housekeeping(*running):
                    yield
            finally:
                await parts.runtime.transactions.drain(GRACE)
                parts.close()
                if parts.tracing:
                    await asyncio.to_thread(parts.tracing.shutdown)  # exports the remaining spans

    served = schema(introspection=parts.settings.serves_introspection, tracing=parts.tracing)
    context = ContextBuilder(parts.settings, parts.runtime, parts.ports, parts.tokens).context
    endpoint = GraphQLEndpoint(
        served,
        context=context,
        page=page,
        request_id=lambda: parts.runtime.new_id().hex,
        caller=caller,
        translate=_translate,
        observe=_observing(parts.metrics),
        refuse=cookies.why_dropped,
        finish=cookies.write,
    )
    files = CsvRoute(served, context, lambda: parts.runtime.new_id().hex, _translate, _observing_files(parts.metrics))
    return Application(
        is_public=not in_development,
        routes=[
            Route("/graphql", endpoint),
            Route("/users/export", ExportEndpoint(files, parts.runtime)),
            Route("/users/import", ImportEndpoint(files, parts.runtime)),
            Route("/.well-known/jwks.json", _jwks(parts.keys)),
            Route("/livez", _alive),
            Route("/readyz", _ready),
            metrics_route(parts.metrics, parts.clock.now, parts.settings.metrics_token, in_development=in_development),
            *introspection_routes(
                parts.settings.service_credentials,
                parts.settings.issuer,
                parts.settings.audience,
                parts.runtime,
                parts.ports,
                parts.tokens,
            ),
            *(page.routes if page else ()),
            *(dev_routes(parts.runtime, parts.ports) if in_development else ()),
            *(DevMail(parts.settings.mail_folder).routes if in_development and not parts.settings.smtp_url else ()),
        ],
        middleware=middleware(parts.settings),
        lifespan=lifespan,
    )


def _observing(metrics: Metrics) -> Callable[[RequestRecord], None]:
    def observe(answered: RequestRecord) -> None:
        metrics.observe(answered)
        logs.log_request(answered)

    return observe


def _observing_files(metrics: Metrics) -> Callable[[FileRecord], None]:
    def observe(answered: FileRecord) -> None:
        metrics.observe_file(answered)
        logs.log_file(answered)

    return observe


def _translate(exception: BaseException) -> Refusal | None:
    if unavailable(exception):
        log.warning("database.unavailable", cause=reason(exception))
        return Refusal(Code.UNAVAILABLE, "The database cannot be reached just now. Try again in a moment.")
    return None


def _jwks(keys: SigningKeys) -> Callable[[Request], Awaitable[Response]]:
    async def jwks(_: Request) -> Response:
        return JSONResponse(keys.jwks(), headers={"Cache-Control": "public, max-age=300"})

    return jwks


async def _alive(_: Request) -> Response:
    return JSONResponse({"status": "alive", "version": VERSION})


async def _ready(_: Request) -> Response:
    """Answer 200 if the database can serve requests, otherwise 503. The check takes at most two seconds.

    The field `why` of a 503 answer gives the operator the reason.
    """
    why = await unfit()
    if why is None:
        return JSONResponse({"status": "ready"})
    return JSONResponse({"status": "unavailable", "why": why}, status_code=503)
