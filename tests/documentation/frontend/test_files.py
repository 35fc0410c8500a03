"""The snippets of docs/frontend.md that export and import CSV files with curl work as they are shown."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documentation.references import blocks
from tests.support.processes.commands import Served, serving_demo

SHOWN_ADDRESS = "http://localhost:8000"
CURL = blocks("docs/frontend.md", "sh")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving_demo(tmp_path_factory.mktemp("demo")) as served:
        yield served


def token(demo: Served) -> str:
    return demo.token("admin@acme.test", "gatehouse-demo-password", "acme")


def test_curl_saves_an_export_and_uploads_it_as_shown(demo: Served, tmp_path: Path) -> None:
    export, upload = (block.replace(SHOWN_ADDRESS, f"http://localhost:{demo.port}") for block in CURL)
    environment = {**os.environ, "TOKEN": token(demo)}

    subprocess.run(["sh", "-ec", export], cwd=tmp_path, env=environment, check=True, stderr=subprocess.DEVNULL)
    answer = subprocess.run(
        ["sh", "-ec", upload],
        cwd=tmp_path,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )

    lines = (tmp_path / "users.csv").read_text(encoding="utf-8-sig").splitlines()
    told = json.loads(answer.stdout)
    assert lines[0] == "email,firstName,lastName,status"
    assert (told["dryRun"], told["summary"]["rows"]) == (True, len(lines) - 1)
    assert {row["code"] for row in told["rows"]} == {"ALREADY_MEMBER"}
