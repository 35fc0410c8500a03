"""The route `/metrics` in the format of Prometheus. Metrics are sums over all tenants and users."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.exposition import choose_encoder
from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.core.local_callers import came_through_a_proxy, is_from_loopback
from api.core.request_record import OK, FileRecord, RequestRecord
from api.core.version import VERSION
from models import metrics as stored
from models.db.database import pool
from models.db.database_errors import unavailable
from models.housekeeping import tasks as housekeeping_tasks

MOST_NAMES = 100
"""The maximum number of operation names with separate counters.

Clients choose the names, and each name adds time series.
"""

UNNAMED, OTHER = "unnamed", "other"
BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

log = structlog.get_logger(__name__)


class _Series(NamedTuple):
    """The time series of the requests with one operation name and one outcome."""

    requests: Counter
    latency: Histogram


class Metrics:
    """The metrics of one server. Each instance has its own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        Info("gatehouse_build", "The version of the process.", registry=self.registry).info({"version": VERSION})
        self._names: set[str] = set()
        self._series: dict[tuple[str, str], _Series] = {}
        """The time series by operation name and outcome, which is "ok" or a code. There are at most MOST_NAMES + 2 names."""
        self._requests = Counter(
            "gatehouse_requests",
            "GraphQL requests by operation name and outcome: ok, or the first error's code.",
            ("operation", "outcome"),
            registry=self.registry,
        )
        self._refusals = Counter(
            "gatehouse_refusals",
            "Mutations that were refused as data, by field and code.",
            ("field", "code"),
            registry=self.registry,
        )
        self._fallbacks = Counter(
            "gatehouse_fallbacks",
            "GraphQL requests that graphql-core executed instead of a compiled operation, by reason.",
            ("reason",),
            registry=self.registry,
        )
        self._latency = Histogram(
            "gatehouse_request_seconds",
            "Time from a GraphQL request to its answer.",
            ("operation",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._files = Counter(
            "gatehouse_csv_requests",
            "Requests of CSV files by route and outcome: ok, the first error's code, or disconnected.",
            ("route", "outcome"),
            registry=self.registry,
        )
        self._file_rows = Counter(
            "gatehouse_csv_rows",
            "Rows of CSV files that were sent, or that got an outcome, by route.",
            ("route",),
            registry=self.registry,
        )
        self._connections_refused = Counter(
            "gatehouse_connections_refused",
            "Connections refused or cut by the limits of the socket, by kind.",
            ("kind",),
            registry=self.registry,
        )
        self._database_up = self._gauge(
            "database_up", "1 if the database responds; if 0, the gauges that are read from it are NaN."
        )
        self._pool_size = self._gauge(
            "database_pool_size", "Connections that this server may have to PostgreSQL; 0 with SQLite."
        )
        self._pool_free = self._gauge("database_pool_free", "Connections to PostgreSQL that are idle.")
        self._mails = self._gauge("outbox_queued_mails", "Mails that are queued.")
        self._dead_mails = self._gauge("outbox_dead_mails", "Mails that were given up; gatehouse mail list shows them.")
        self._mail_age = self._gauge(
            "outbox_oldest_queued_seconds", "Age of the oldest queued mail; 0 if none is queued."
        )
        self._seats_used = self._gauge("seats_used", "License seats held, of all portals whose seats are counted.")
        self._seats_total = self._gauge("seats_total", "Seats of the current license packages of the same portals.")

        self._unopened = self._gauge(
            "unopened_second_factors",
            "Second factors that no known key opened when the server started; NaN: not known.",
        )
        self._unopened.set(float("nan"))
        self._housekept = self._gauge(
            "housekeeping_age_seconds",
            "Time since the task that has waited longest last succeeded, or since the database first knew of it.",
        )
        self._task_age = Gauge(
            "gatehouse_housekeeping_task_age_seconds",
            "Time since this task of the housekeeping last succeeded, or since the database first knew of it.",
            ("task",),
            registry=self.registry,
        )

    def observe(self, answered: RequestRecord) -> None:
        """Count an answered request."""
        key = (self._bounded(answered), answered.outcome)
        series = self._series.get(key)
        if series is None:  # labels() checks the labels and takes a lock
            series = self._series[key] = _Series(self._requests.labels(*key), self._latency.labels(key[0]))
        series.requests.inc()
        series.latency.observe(answered.seconds)
        if answered.fallback:
            self._fallbacks.labels(answered.fallback).inc()
        for field, code in answered.refusals:
            self._refusals.labels(field, code).inc()

    def observe_file(self, answered: FileRecord) -> None:
        """Count an answered request of a CSV file, and its rows."""
        self._files.labels(answered.route, answered.outcome).inc()
        self._file_rows.labels(answered.route).inc(answered.rows)

    def connection_refused(self, kind: str) -> None:
        """Count a connection that was refused or dropped because of a connection limit."""
        self._connections_refused.labels(kind).inc()

    def record_unopened_second_factors(self, number: int) -> None:
        """Set the gauge of the second factors that no configured key opens."""
        self._unopened.set(number)

    async def read(self, at: datetime) -> None:
        """Set the gauges from the connection pool and the database. `at` is the present, to calculate ages."""
        connections = pool()
        self._pool_size.set(connections.most if connections else 0)
        self._pool_free.set(connections.free if connections else 0)
        try:
            found, tasks = await stored.totals(at), await housekeeping_tasks.known()
        except Exception as problem:
            # Without the database the counters are still reported, because they are needed most during a failure.
            if not unavailable(problem):
                log.error("metrics.failed", exc_info=problem)
            found, tasks = None, {}
            self._task_age.clear()
        self._database_up.set(found is not None)
        age = (at - found.oldest_queued).total_seconds() if found and found.oldest_queued else 0.0
        # If the database is unavailable, NaN ("unknown" in Prometheus) replaces the old numbers, which would look current.
        self._mails.set(found.queued if found else float("nan"))
        self._dead_mails.set(found.dead if found else float("nan"))
        self._mail_age.set(max(0.0, age) if found else float("nan"))
        self._seats_used.set(found.seats_used if found else float("nan"))
        self._seats_total.set(found.seats_total if found else float("nan"))
        known = found and found.housekept_at
        self._housekept.set(max(0.0, (at - known).total_seconds()) if known else float("nan"))
        for name, task in tasks.items():
            waited = at - (task.succeeded_at or task.known_since)
            self._task_age.labels(name).set(max(0.0, waited.total_seconds()))

    def _bounded(self, answered: RequestRecord) -> str:
        name = answered.operation_name
        if name is None:
            return UNNAMED
        if name in self._names:
            return name
        # Clients choose names. Only successful operations of signed-in accounts are counted by name.
        if answered.outcome != OK or not answered.is_signed_in or len(self._names) >= MOST_NAMES:
            return OTHER
        self._names.add(name)
        return name

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"gatehouse_{name}", meaning, registry=self.registry)


def metrics_route(
    metrics: Metrics, now: Callable[[], datetime], token: SecretStr | None, *, in_development: bool
) -> Route:
    """Return the route `GET /metrics`. Clients must send `token` as a Bearer token. A refused client gets 404.

    Without `token`, only clients on this machine are answered, and only in development. In production, a proxy could
    make every client look local.
    """

    async def scrape(request: Request) -> Response:
        if not _is_let_in(request, token, in_development=in_development):
            raise HTTPException(404)
        await metrics.read(now())
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(metrics.registry), headers={"Content-Type": media_type, "Cache-Control": "no-store"})

    return Route("/metrics", scrape)


def _is_let_in(request: Request, token: SecretStr | None, *, in_development: bool) -> bool:
    if token is None:
        # Behind a proxy on this machine every client has a local address.
        return in_development and is_from_loopback(request) and not came_through_a_proxy(request)
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    right = secrets.compare_digest(given.strip().encode(), token.get_secret_value().encode())
    return right and scheme.lower() == "bearer"
