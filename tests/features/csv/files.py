"""Functions for tests that send and receive CSV files, as a client does."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

import httpx

from tests.support.world import Ask, Person


async def exported(ask: Ask, actor: Person | None, **body: Any) -> httpx.Response:
    """Return the answer to an export with the given arguments of `users`."""
    return await ask.client.post("/users/export", json=body, headers=await _authorization(ask, actor))


async def table(ask: Ask, actor: Person, **body: Any) -> list[list[str]]:
    """Return the rows of an export, the header first."""
    response = await exported(ask, actor, **body)
    assert response.status_code == 200, response.text
    return rows_of(response.content.decode("utf-8-sig"), body.get("delimiter", ","))


def rows_of(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))


async def imported(ask: Ask, actor: Person | None, file: str | bytes, **options: Any) -> httpx.Response:
    """Return the answer to an import of the file. The options are parameters of the URL."""
    headers = {**await _authorization(ask, actor), "content-type": "text/csv"}
    content = file.encode() if isinstance(file, str) else file
    params = {name: str(value).lower() if isinstance(value, bool) else value for name, value in options.items()}
    return await ask.client.post("/users/import", content=content, params=params, headers=headers)


async def outcomes(ask: Ask, actor: Person, file: str | bytes, **options: Any) -> list[Any]:
    """Return the answers for the rows of an import."""
    response = await imported(ask, actor, file, **options)
    assert response.status_code == 200, response.text
    rows: list[Any] = response.json()["rows"]
    return rows


def codes(rows: Sequence[Mapping[str, Any]]) -> list[str | None]:
    """Return the reason of each row. The reason of a row that succeeded is None."""
    return [row["code"] for row in rows]


def faults(response: httpx.Response) -> list[tuple[str, int, int]]:
    """Return the problem, the line and the column of each error of a file that was refused."""
    assert response.status_code == 400, response.text
    found = [error["extensions"] for error in response.json()["errors"]]
    return [(each["problem"], each["line"], each["column"]) for each in found]


async def _authorization(ask: Ask, actor: Person | None) -> dict[str, str]:
    return {"authorization": f"Bearer {await ask.world.token(actor)}"} if actor else {}
