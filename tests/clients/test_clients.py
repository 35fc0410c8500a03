"""The clients of docs/frontend.md work with a server: cookie, refresh, and a cache that follows mutations by id."""

from __future__ import annotations

import json

import pytest

from tests.clients.project import Project
from tests.support.processes.commands import Served


@pytest.mark.parametrize("client", ["urql", "apollo"])
def test_a_client_of_the_guide_stays_signed_in_and_updates_its_cache(
    project: Project, demo: Served, client: str
) -> None:
    told = json.loads(project.run("node", f"out/use_{client}.js", demo.address))

    assert (told["cookies"], told["refreshToken"]) == (["__Host-gatehouse-refresh"], None)
    assert (told["deactivated"]["succeeded"], told["warnings"]) == (2, [])
    before, after = told["pages"][0], told["pages"][-1]
    changed = [
        new["status"]
        for old, new in zip(before["users"]["nodes"], after["users"]["nodes"], strict=True)
        if old != new and old["id"] == new["id"]
    ]
    assert changed == ["DEACTIVATED"] * 2
    active = [page["licenseTiles"]["tiles"][0]["count"] for page in (before, after)]
    assert active[1] == active[0] - 2
    assert told["reloaded"]["users"]["totalCount"] == told["expired"]["users"]["totalCount"] == active[1]
