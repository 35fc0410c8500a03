"""The operator's list of log events matches the events that the code logs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from rules.audit.chain import ChainFault
from tests.support.processes.commands import ROOT

LEVELS = ("debug", "info", "warning", "error", "critical", "exception")
LOGGERS = {"log", "report"}
SECURITY_LOG = "api/telemetry/security_log.py"
"""The module that logs the values of SecurityEvent. tests/features/audit/test_security_log.py checks their list."""


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Yield each call of a logger outside the security log, with its place and its method."""
    for layer in ("api", "resolvers", "services", "models", "rules"):
        for file in sorted((ROOT / layer).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if path != SECURITY_LOG and isinstance(node, ast.Call) and (method := _method_of_logger(node.func)):
                    yield f"{path}:{node.lineno}", node, method


def _method_of_logger(called: ast.expr) -> str | None:
    if not isinstance(called, ast.Attribute) or called.attr not in (*LEVELS, "log"):
        return None
    owner = called.value
    is_new = isinstance(owner, ast.Call) and ast.unparse(owner.func).endswith("get_logger")
    return called.attr if is_new or (isinstance(owner, ast.Name) and owner.id in LOGGERS) else None


def levels_of(call: ast.Call, method: str) -> str:
    """Return the possible log levels of a call, the lowest first. `log.log` chooses the level when it runs."""
    if method != "log":
        return method
    named = ast.walk(call.args[0])
    found = {node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in named}
    return ", ".join(level for level in LEVELS if level.upper() in found)


def test_every_log_event_is_a_literal_of_an_area_and_an_event() -> None:
    names = {place: ast.unparse(call.args[method == "log"]) for place, call, method in calls()}

    assert {place: name for place, name in names.items() if not re.fullmatch(r"'[a-z_]+\.[a-z_]+'", name)} == {}


def test_the_manual_lists_every_log_event_with_its_level_and_no_other() -> None:
    logged = {ast.literal_eval(call.args[method == "log"]): levels_of(call, method) for _, call, method in calls()}
    section = (ROOT / "docs" / "operator.md").read_text().partition("\n## Log events\n")[2].partition("\n## ")[0]

    listed = re.findall(r"^\| `([a-z_.]+)` \| ([a-z, ]+) \| .+ \| .+ \|$", section, flags=re.MULTILINE)

    assert dict(listed) == logged, "Write a row for each event in docs/operator.md, Log events."
    assert [name for name, _ in listed] == sorted(logged)


def test_the_manual_lists_every_fault_of_the_audit_log() -> None:
    section = (ROOT / "docs" / "operator.md").read_text().partition("\n## The audit log\n")[2].partition("\n## ")[0]

    assert set(re.findall(r"^\| `([A-Z_]+)` \| .+ \|$", section, flags=re.MULTILINE)) == {
        each.name for each in ChainFault
    }
