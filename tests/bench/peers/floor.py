"""A minimal Python server for the users page, as a lower bound for benchmarks.

It runs two SQL statements and writes JSON, without GraphQL and without a check of rights.
"""

from __future__ import annotations

import base64
import os
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # ships no types
import orjson
import uvicorn

NEWEST_SESSION = "SELECT id FROM account_session ORDER BY created_at DESC LIMIT 1"
PORTAL = "SELECT id FROM portal WHERE slug = $1"
SESSION = """
SELECT s.id, s.expires_at, s.revoked_at, f.id, f.role, f.mssp_id
FROM account_session s JOIN staff_member f ON f.id = s.staff_id WHERE s.id = $1
"""
PAGE = """
SELECT id, first_name, last_name, username, email, status, role, last_sign_in_at, added_at, modified_at
FROM portal_user WHERE portal_id = $1 AND category = 'ENABLED' ORDER BY last_name_sort, first_name_sort, id LIMIT 51
"""
HEADERS = [(b"content-type", b"application/json")]


class App:
    """An ASGI application that answers each request with the first users of one portal."""

    def __init__(self, database_url: str, portal_slug: str) -> None:
        self._database_url, self._portal_slug = database_url, portal_slug
        self._pool: Any = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        if self._pool is None:
            await self._connect()
        orjson.loads((await receive())["body"])
        async with self._pool.acquire() as connection:
            await connection.fetchrow(SESSION, self._session)
            rows = await connection.fetch(PAGE, self._portal)
        body = orjson.dumps({"data": {"users": _page(rows)}})
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": body})

    async def _connect(self) -> None:
        pool = await asyncpg.create_pool(self._database_url)
        self._session = await pool.fetchval(NEWEST_SESSION)
        self._portal = await pool.fetchval(PORTAL, self._portal_slug)
        self._pool = pool


def _page(rows: list[Any]) -> dict[str, Any]:
    edges = [
        {
            "cursor": base64.urlsafe_b64encode(f"{row[2]}\n{row[0]}".encode()).decode(),
            "node": {
                "id": str(row[0]),
                "firstName": row[1],
                "lastName": row[2],
                "username": row[3],
                "email": row[4],
                "status": row[5],
                "role": row[6],
                "lastSignInAt": row[7],
                "addedAt": row[8],
                "modifiedAt": row[9],
            },
        }
        for row in rows[:50]
    ]
    return {"edges": edges, "pageInfo": {"hasNextPage": len(rows) > 50, "endCursor": edges[-1]["cursor"]}}


if __name__ == "__main__":
    uvicorn.run(
        App(os.environ["PEER_DB"], os.environ["PEER_PORTAL"]),
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
