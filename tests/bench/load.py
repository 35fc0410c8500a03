"""Send one request repeatedly for a number of seconds and measure the server, with wrk if it is installed."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.bench.cores import cpu_seconds

GENERATOR = "wrk" if shutil.which("wrk") else "httpx"
PATIENCE = 60.0
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True)
class Figure:
    """The result of one measurement.

    `milliseconds` is the median time from request to answer. `cpu` is the CPU time of the server's process per request.
    """

    per_second: float
    milliseconds: float
    cpu: float | None

    @classmethod
    def median(cls, figures: Sequence[Figure]) -> Figure:
        """Return the figure with the median of each number. The numbers may come from different measurements."""
        cpu = [figure.cpu for figure in figures if figure.cpu is not None]
        return cls(
            statistics.median(figure.per_second for figure in figures),
            statistics.median(figure.milliseconds for figure in figures),
            statistics.median(cpu) if cpu else None,
        )


class RequestRefused(SystemExit):
    """Raised if the answer to a request has errors. If no caller catches the exception, the benchmark ends."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server to measure: its address, an access token, and its process."""

    url: str
    token: str
    pid: int

    @property
    def headers(self) -> dict[str, str]:
        return {"content-type": "application/json", "authorization": f"Bearer {self.token}"}

    def ask(self, document: str, **variables: object) -> Any:
        """Send one request and return the data of its answer. Raise RequestRefused if the answer has errors."""
        body = {"query": document, "variables": variables}
        answer = httpx.post(self.url, json=body, headers=self.headers, timeout=PATIENCE).json()
        if "errors" in answer:
            raise RequestRefused(f"The server answers: {answer['errors'][:1]}")
        return answer["data"]


def repeated(target: Target, document: str, *, connections: int, seconds: float, **variables: object) -> Figure:
    """Send one request repeatedly on several connections for at least `seconds`, and return the measured values."""
    body = json.dumps({"query": document, "variables": variables})
    measured = _by_wrk if GENERATOR == "wrk" and seconds >= 1 else _by_httpx  # wrk counts whole seconds
    requests, used = 0, None
    while not requests or used == 0:  # the first answer may take longer, or the server less than a tick of its clock
        cpu = cpu_seconds(target.pid)
        requests, elapsed, milliseconds = measured(target, body, connections, seconds)
        used = _cpu_each(target.pid, cpu, requests)
        seconds *= 2
    return Figure(requests / elapsed, milliseconds, used)


def in_turn(target: Target, documents: Sequence[str], *, seconds: float, **variables: object) -> Figure:
    """Send the documents in turn on one connection, repeatedly, and return the result of the measurement.

    Only complete rounds are measured: the last one begins before `seconds` have passed.
    """
    took: list[float] = []
    cpu, begun = cpu_seconds(target.pid), time.perf_counter()
    with httpx.Client(headers=target.headers, timeout=PATIENCE) as client:
        while not took or time.perf_counter() - begun < seconds:
            for document in documents:
                sent = time.perf_counter()
                response = client.post(target.url, json={"query": document, "variables": variables})
                took.append(time.perf_counter() - sent)
                _check(response)
    per_second = len(took) / sum(took)
    return Figure(per_second, statistics.median(took) * 1000, _cpu_each(target.pid, cpu, len(took)))


def _by_wrk(target: Target, body: str, connections: int, seconds: float) -> tuple[int, float, float]:
    lines = ['wrk.method = "POST"', f"wrk.body = [==[{body}]==]"]
    lines += [f'wrk.headers["{name}"] = "{value}"' for name, value in target.headers.items()]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "load.lua"
        script.write_text("\n".join(lines))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{round(seconds)}s", "--latency"]
        told = subprocess.run(
            [*command, "-s", str(script), target.url], capture_output=True, text=True, check=True, timeout=PATIENCE
        ).stdout
    found = re.search(r"50%\s+([\d.]+)(us|ms|s)\b.*?(\d+) requests in ([\d.]+)s", told, flags=re.DOTALL)
    if found is None or "Non-2xx" in told:
        raise SystemExit(told)
    return int(found[3]), float(found[4]), float(found[1]) * _UNITS[found[2]]


def _by_httpx(target: Target, body: str, connections: int, seconds: float) -> tuple[int, float, float]:
    took: list[float] = []

    async def lane(client: httpx.AsyncClient, until: float) -> None:
        while (sent := time.perf_counter()) < until:
            _check(await client.post(target.url, content=body))
            took.append(time.perf_counter() - sent)

    async def lanes() -> None:
        async with httpx.AsyncClient(headers=target.headers, timeout=PATIENCE) as client:
            until = time.perf_counter() + seconds
            await asyncio.gather(*(lane(client, until) for _ in range(connections)))

    begun = time.perf_counter()
    asyncio.run(lanes())
    return len(took), time.perf_counter() - begun, statistics.median(took) * 1000


def _check(response: httpx.Response) -> None:
    if response.status_code != 200 or '"errors":[{' in response.text:
        raise SystemExit(f"{response.status_code}: {response.text[:300]}")


def _cpu_each(pid: int, before: float | None, requests: int) -> float | None:
    after = cpu_seconds(pid)
    return (after - before) / requests * 1000 if requests and before is not None and after is not None else None
