"""The snippets of docs/frontend.md that export and import CSV files with fetch work as they are shown."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.documentation.references import blocks
from tests.support.processes.commands import Served

FETCH = blocks("docs/frontend.md", "js")
FILE = "First Name [Required],Last Name [Required],Email Address [Required]\nGrete,Hermann,grete@acme.test\n"


def test_fetch_saves_an_export_and_uploads_a_file_as_shown(demo: Served, tmp_path: Path) -> None:
    token = demo.token("admin@acme.test", "gatehouse-demo-password", "acme")
    script = tmp_path / "snippets.mjs"
    script.write_text("\n".join(FETCH) + DRIVER)
    address = f"http://localhost:{demo.port}"

    answered = subprocess.run(["node", script, address, token, FILE], check=True, stdout=subprocess.PIPE)

    told = json.loads(answered.stdout)
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
"""A script that calls the snippets' functions for CSV files, and prints the results as JSON."""
