"""The operator's list of metrics matches the server's metrics, and the alerts name only these metrics."""

from __future__ import annotations

import re

from prometheus_client import generate_latest
from pydantic import SecretStr

from api.parts import make_parts
from api.settings.settings import Settings
from tests.support.processes.commands import ROOT

MANUAL = (ROOT / "docs" / "operator.md").read_text()


def told() -> set[str]:
    """Return the names of the server's metrics. A histogram is named once, without the suffixes of its samples."""
    parts = make_parts(Settings(secret_key=SecretStr("a-secret-for-tests-of-32-bytes-or-more")))
    families = parts.metrics.registry.collect()
    assert generate_latest(parts.metrics.registry)
    suffix = {"counter": "_total", "info": "_info"}
    return {each.name + suffix.get(each.type, "") for each in families if each.name.startswith("gatehouse_")}


def test_the_manual_lists_every_metric_that_a_server_tells_and_no_other() -> None:
    section = MANUAL.partition("\n## Metrics\n")[2].partition("\n## ")[0]
    listed = {
        name
        for row in re.findall(r"^\| (`.+?) \|", section, flags=re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }

    assert listed == told()


def test_what_the_manual_says_of_metrics_names_those_that_exist() -> None:
    assert set(re.findall(r"\bgatehouse_[a-z_]+\b", MANUAL)) <= told()
