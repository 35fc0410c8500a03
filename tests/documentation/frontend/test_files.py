"""The snippets of docs/frontend.md for CSV files work as they are shown: those for curl, and those for fetch in Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.documentation.references import blocks
from tests.support.processes.commands import Served, Shell

SHOWN_ADDRESS = "http://localhost:8000"
CURL = blocks("docs/frontend.md", "sh")
FETCH = blocks("docs/frontend.md", "js")
FILE = "First Name [Required],Last Name [Required],Email Address [Required]\nGrete,Hermann,grete@acme.test\n"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("demo")
    shell = Shell({"data_dir": folder / "data"})
    shell("migrate")
    shell("demo")
    with shell.serving(folder) as served:
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


@pytest.mark.skipif(not shutil.which("node"), reason="runs the snippets for browsers in Node")
def test_fetch_saves_an_export_and_uploads_a_file_as_shown(demo: Served, tmp_path: Path) -> None:
    script = tmp_path / "snippets.mjs"
    script.write_text("\n".join(FETCH) + DRIVER)
    address = f"http://localhost:{demo.port}"

    answered = subprocess.run(["node", script, address, token(demo), FILE], check=True, stdout=subprocess.PIPE)

    told: Any = json.loads(answered.stdout)
    assert told["export"].startswith("email\r\n")
    assert told["refused"].startswith("There is no column shoeSize.")
    assert [row["status"] for row in told["preview"]["rows"]] == ["SUCCEEDED"]
    assert [row["newStatus"] for row in told["run"]["rows"]] == ["PROVISIONED"]


DRIVER = """
const [api, accessToken, file] = process.argv.slice(2);
const blob = await exportUsers(api, accessToken, { portalSlug: "acme", columns: ["email"] });
const refused = await exportUsers(api, accessToken, { columns: ["shoeSize"] }).catch((error) => error.message);
const preview = await importUsers(api, accessToken, file, { portalSlug: "acme", dryRun: true });
const run = await importUsers(api, accessToken, file, { portalSlug: "acme" });
console.log(JSON.stringify({ export: await blob.text(), refused, preview, run }));
"""
"""Calls the functions of the snippets, and prints their results as JSON."""
