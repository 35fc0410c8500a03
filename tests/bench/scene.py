"""The server to measure, over the demo and many more users, and the requests of the product's main screens."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # ships no types

from services.admin import demo
from tests.bench.load import Figure, Target, in_turn, repeated
from tests.support.databases.fixtures import Database, PostgresPlace, SqlitePlace, UserKind
from tests.support.databases.postgres_server import take_down
from tests.support.processes.commands import Shell

FIELDS = "id firstName lastName username email status role lastSignInAt addedAt modifiedAt"
USERS = f"""
query Users($portal: ID!) {{
  users(portalId: $portal, category: ENABLED, orderBy: [{{ field: LAST_NAME, direction: ASC }}], first: 50) {{
    edges {{ cursor node {{ {FIELDS} }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
TILES = """
query Tiles($portal: ID!) {
  licenseTiles(portalId: $portal) { seatsTotal seatsUsed seatsAvailable tiles { kind count } }
}
"""
BULK = """
mutation Bulk($ids: [ID!]!) {{
  {name}(input: {{ users: {{ ids: $ids }} }}) {{
    summary {{ requested succeeded skipped failed }}
    licenseTiles {{ seatsUsed tiles {{ kind count }} }}
    errors {{ code }}
  }}
}}
"""
TURN = [BULK.format(name=name) for name in ("deactivateUsers", "activateUsers")]
PORTAL = '{ portal(slug: "load-1") { id } }'
ACTIVE = """
query Active($portal: ID!, $after: String) {
  users(portalId: $portal, filter: { statusIn: [ACTIVE] }, first: 100, after: $after) {
    nodes { id }
    pageInfo { endCursor }
  }
}
"""
MOST = 1000


@contextmanager
def database(kind: UserKind) -> Iterator[Database]:
    """Yield the URL of a migrated database, which is removed at the end. PostgreSQL is configured as in the tests."""
    folder = Path(tempfile.mkdtemp(prefix="gatehouse-"))
    try:
        if kind == "sqlite":
            with SqlitePlace(folder).fresh() as fresh:
                yield fresh
            return
        place = PostgresPlace(folder)
        try:
            with place.fresh() as fresh:
                yield fresh
        finally:
            place.close()
    finally:
        take_down(folder)


@contextmanager
def serving(db: Database, folder: Path, *, portals: int, users: int) -> Iterator[Target]:
    """Yield a server over the demo and many more users. The actor is the admin of all added portals."""
    shell = Shell({"database_url": db.url, "data_dir": folder})
    filled = shell("demo", "--portals", str(portals), "--users", str(users))
    if filled.exit_code:
        raise SystemExit(filled.stderr)
    if db.kind == "postgres":
        asyncio.run(_analyzed(db.url))
    with shell.serving(folder) as served:
        token = shell("token", demo.ACCOUNTS[0][0]).stdout.strip()
        yield Target(served.address, token, served.process.pid)


async def _analyzed(url: str) -> None:
    """Run ANALYZE, because the tests' PostgreSQL server runs without autovacuum."""
    connection = await asyncpg.connect(url)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


class Screens:
    """Measures the requests of the product's main screens."""

    def __init__(self, target: Target, connections: int, seconds: float) -> None:
        self._target, self._connections, self._seconds = target, connections, seconds
        self._portal = target.ask(PORTAL)["portal"]["id"]
        self.people = self._active()
        if len(target.ask(USERS, portal=self._portal)["users"]["edges"]) != 50:
            raise SystemExit("The largest portal must have 50 enabled users at least.")
        for document in TURN:  # both ways, so that the rounds begin as they end
            ((_, payload),) = target.ask(document, ids=self.people).items()
            if payload["errors"] or payload["summary"]["succeeded"] != len(self.people):
                raise SystemExit(f"The bulk was not done for all: {payload}")

    def users(self) -> Figure:
        return self._read(USERS)

    def tiles(self) -> Figure:
        return self._read(TILES)

    def bulk(self) -> Figure:
        """Deactivate and activate the same users in turn."""
        return in_turn(self._target, TURN, seconds=self._seconds, ids=self.people)

    def _read(self, document: str) -> Figure:
        return repeated(
            self._target, document, connections=self._connections, seconds=self._seconds, portal=self._portal
        )

    def _active(self) -> list[str]:
        found: list[str] = []
        after = None
        while len(found) < MOST:
            page = self._target.ask(ACTIVE, portal=self._portal, after=after)["users"]
            found += [node["id"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if len(page["nodes"]) < 100:
                break
        return found[:MOST]
