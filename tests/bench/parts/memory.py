"""The server's memory over many requests with different documents. The memory must stay bounded."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import httpx

from tests.bench.load import PATIENCE, Target
from tests.bench.measurement import Effort, Measurement
from tests.bench.parts.users_page import SMALL_PORTAL
from tests.bench.requests import BULK_BOTH_WAYS, Request, active_users, reads
from tests.bench.site import Site

DOCUMENTS = 5_000
"""The number of different GraphQL documents that are sent.

They imitate a client that writes values into its documents instead of using variables.
"""

SLICES = 10
WARM = 2
"""The requests are sent in SLICES slices. The memory after this number of slices is the reference."""

MEGABYTE = 1_000_000


def measure(site: Site, effort: Effort) -> Iterator[Measurement]:
    """Yield the server's memory at the end. The reference is the memory after the first fifth of the requests."""
    portal = site.portal(SMALL_PORTAL)
    for document in BULK_BOTH_WAYS:  # events for the audit log
        site.target.ask(document, ids=active_users(site.target, portal))
    requests = reads(portal, effort)
    mixed = _mixed(requests)
    sizes = []
    for _ in range(SLICES):
        asyncio.run(_sent(site.renewed().target, list(islice(mixed, effort.requests // SLICES)), effort.connections))
        sizes.append(resident_bytes(site.target.pid) / MEGABYTE)
    subject = f"memory after {effort.requests:,} requests with {DOCUMENTS:,} documents"
    reference = f"after {effort.requests * WARM // SLICES:,} requests"
    yield Measurement(subject, site.database, "MB", tuple(sizes[-1:]), reference, tuple(sizes[WARM - 1 : WARM]))


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process. Requires Linux."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _mixed(requests: list[Request]) -> Iterator[dict[str, object]]:
    """Yield bodies of `requests` without end: first, second, ..., last, first, and so on.

    A number is appended to the name of each operation, so that the server's caches see different documents. The numbers
    begin again at 0 after DOCUMENTS bodies.
    """
    number = 0
    while True:
        request = requests[number % len(requests)]
        # Another operation name makes another document for the caches and another label for the metrics.
        document = re.sub(r"query (\w+)", rf"query \g<1>{number % DOCUMENTS}", request.document, count=1)
        yield {"query": document, "variables": request.variables}
        number += 1


async def _sent(target: Target, bodies: list[dict[str, object]], connections: int) -> None:
    """Send the bodies on several connections. An answer with errors fails the run."""
    waiting = iter(bodies)

    async def lane(client: httpx.AsyncClient) -> None:
        for body in waiting:
            response = await client.post(target.url, json=body)
            if response.status_code != 200 or '"errors":[{' in response.text:
                raise SystemExit(f"{response.status_code}: {response.text[:300]}")

    async with httpx.AsyncClient(headers=target.headers, timeout=PATIENCE) as client:
        await asyncio.gather(*(lane(client) for _ in range(connections)))
