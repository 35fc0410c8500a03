"""The rules of the architecture that a machine can check: imports, the clock, randomness and transactions."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("rules", "models", "services", "resolvers", "api")  # each may import itself and those before it
ROOMS = {
    "api": (
        {"core"},
        {"connections", "graphql", "mail", "security", "settings", "telemetry", "web"},
        {"csv"},
        {""},  # app.py, server.py and the other modules directly in api/ put the rooms together
        {"cli"},
    ),
    "services": (
        {""},  # runtime.py, ports.py, links.py and the other modules directly in services/ are what every room uses
        {"mail", "audit_chain"},
        {"lifecycle"},  # the effects of an action or event, mails among them
        {"auth", "grants"},
        {"onboarding", "passwords", "users"},
        {"bulk"},
        {"administration", "csv"},  # a new portal's first admin is invited as others are
        {"admin", "housekeeping"},
    ),
    "models": (
        {"db"},
        {"owner_conditions", "licenses", "providers"},
        {"staff"},  # modules without a room
        {"links", "portals"},
        {"grants"},  # what users hold; the conditions on users read it
        {"users"},
        {"auth", "mail"},
        {"housekeeping"},
        {"policies"},
        {"audit"},
        {"audit_chain"},
        {""},  # metrics.py, tables.py and the other modules directly in models/ read every room's tables
    ),
}
"""The rooms of each layer, in steps. A room may import itself and the rooms of earlier steps, and no other room.

A room is a folder, or a module directly in the layer's folder. "" stands for all such modules that no step names.
"""

PURE_LIBRARIES = {"disarm", "idna"}  # tables and functions of them: no I/O, no clock; docs/decisions/0018, 0019

WHO_BEGINS_TRANSACTIONS = {"services/transactions.py", "models/db/migrate.py"}
WHO_IMPLEMENTS_TRANSACTIONS = {"models/db/engines/sqlite_engine.py", "models/db/engines/postgres_engine.py"}

CLOCK_AND_CHANCE_MODULES = {"time", "random", "secrets"}
CLOCK_AND_CHANCE_NAMES = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "timezone.now",
    "os.environ",
    "os.getenv",
    "os.urandom",
    "uuid.uuid1",
    "uuid.uuid4",
}

Check = Callable[[str, ast.Module], Iterator[str]]


def imports(path: str, tree: ast.Module) -> Iterator[str]:
    """Return the imports that break the rule of layers: a layer imports only itself and the layers below.

    rules/ may also import the standard library and PURE_LIBRARIES, and nothing else.
    """
    layer = path.split("/")[0]
    above = set(LAYERS[LAYERS.index(layer) + 1 :])
    for line, module, _ in _imported(tree):
        top = module.split(".")[0]
        if top in above:
            yield f"{path}:{line} imports {module}: {layer}/ lies below {top}/. Pass it in as an argument."
        elif layer == "rules" and top not in {"rules", *PURE_LIBRARIES, *sys.stdlib_module_names}:
            yield f"{path}:{line} imports {module}: rules/ has only the standard library."


def rooms(path: str, tree: ast.Module) -> Iterator[str]:
    """Return the imports that break the rule of rooms: a room imports only itself and rooms of earlier steps in ROOMS."""
    layer, *inner = path.split("/")
    steps = ROOMS.get(layer)
    if steps is None:
        return
    known = set[str]().union(*steps)
    room = inner[0].removesuffix(".py")
    room = room if len(inner) > 1 or room in known else ""
    allowed = {room}.union(*takewhile(lambda step: room not in step, steps))
    if room not in known:
        yield f"{path} is in the room {room}, which ROOMS does not list: add it to one of its steps."
    for line, module, name in _imported(tree):
        top, *rest = f"{module}.{name}".rstrip(".").split(".")
        target = next((each for each in rest[:1] if each in known), "")
        if top == layer and target not in allowed:
            yield f"{path}:{line} imports {module}: {room or layer} may not import {target or layer}. Pass it in."


def waiting(path: str, tree: ast.Module) -> Iterator[str]:
    """Return the places where rules/ uses `await` or `async`, which is forbidden."""
    if path.startswith("rules/"):
        for node in ast.walk(tree):
            if isinstance(node, (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)):
                yield f"{path}:{node.lineno} is asynchronous: rules/ are pure functions. Await outside, pass the result."


def clock_and_chance(path: str, tree: ast.Module) -> Iterator[str]:
    """Return the places outside api/ that read the clock, the environment or randomness, which is forbidden."""
    if path.startswith("api/"):
        return
    remedy = "Only api/ reads the clock, the environment and randomness. Take it as an argument."
    for line, module, name in _imported(tree):
        if module in CLOCK_AND_CHANCE_MODULES or f"{module.split('.')[-1]}.{name}" in CLOCK_AND_CHANCE_NAMES:
            yield f"{path}:{line} imports {module} {name or ''}. {remedy}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _last_two(node) in CLOCK_AND_CHANCE_NAMES:
            yield f"{path}:{node.lineno} uses {_last_two(node)}. {remedy}"
        if isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"):
            yield f"{path}:{node.value.lineno} has {node.arg}. {remedy}"


def transactions(path: str, tree: ast.Module) -> Iterator[str]:
    """Yield a sentence for each line of the module that begins a transaction, although the module may not."""
    remedy = "Write inside services.transactions.Transactions.run(): it outlives cancellation and retries lost races."
    for line, name in _names(tree):
        if name in ("in_transaction", "atomic") and path not in WHO_BEGINS_TRANSACTIONS:
            yield f"{path}:{line} uses {name}. {remedy}"
        if name == "_in_transaction" and path not in WHO_IMPLEMENTS_TRANSACTIONS:
            yield f"{path}:{line} uses {name}. {remedy}"


@pytest.mark.parametrize("check", [imports, rooms, waiting, clock_and_chance, transactions])
def test_the_code_keeps_to_its_layers(check: Check) -> None:
    violations = [
        violation
        for layer in LAYERS
        for file in sorted((ROOT / layer).rglob("*.py"))
        if "migrations" not in file.parts and "node_modules" not in file.parts
        for violation in check(file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8")))
    ]

    assert not violations, "\n".join(["", str(check.__doc__), *violations])


@pytest.mark.parametrize(
    ("check", "path", "source"),
    [
        (imports, "services/x.py", "from resolvers.core.context import Context"),
        (imports, "models/x.py", "def f():\n    import api.app"),
        (imports, "rules/x.py", "import tortoise"),
        (rooms, "api/web/x.py", "from api.graphql.http import read"),
        (rooms, "api/web/x.py", "from api import app"),
        (rooms, "api/core/x.py", "from api.web import known_hosts"),
        (rooms, "api/app.py", "import api.cli.commands"),
        (rooms, "api/elsewhere/x.py", ""),
        (rooms, "models/staff.py", "from models.users.table import USER"),
        (rooms, "services/mail/outbox.py", "from services.passwords import password_reset"),
        (waiting, "rules/x.py", "async def f(): ..."),
        (clock_and_chance, "rules/x.py", "import datetime\ndatetime.datetime.now()"),
        (clock_and_chance, "models/x.py", "from datetime import date\ndate.today()"),
        (clock_and_chance, "services/x.py", "from time import monotonic"),
        (clock_and_chance, "services/x.py", "import random as r"),
        (clock_and_chance, "services/x.py", "from os import environ"),
        (clock_and_chance, "services/x.py", "import os\nos.getenv('HOME')"),
        (clock_and_chance, "resolvers/x.py", "from uuid import UUID, uuid4"),
        (clock_and_chance, "models/x.py", "at = fields.DatetimeField(auto_now_add=True)"),
        (transactions, "services/x.py", "from tortoise.transactions import in_transaction as t"),
        (transactions, "resolvers/x.py", "import tortoise\ntortoise.transactions.atomic()"),
        (transactions, "services/x.py", "connection._in_transaction()"),
    ],
)
def test_a_violation_would_be_noticed(check: Check, path: str, source: str) -> None:
    assert list(check(path, ast.parse(source)))


@pytest.mark.parametrize(
    ("check", "path", "source"),
    [
        (imports, "api/x.py", "import resolvers.schema, rules.access, starlette"),
        (rooms, "api/web/x.py", "from api.core import clock\nfrom api.web.known_hosts import KnownHosts"),
        (rooms, "api/cli/x.py", "from api import app\nimport api.web.known_hosts"),
        (rooms, "models/audit.py", "from models import staff\nfrom models.portals.table import Portal"),
        (imports, "rules/x.py", "from datetime import datetime\nfrom rules.refusals import Code"),
        (clock_and_chance, "api/x.py", "import secrets, time"),
        (clock_and_chance, "services/x.py", "from uuid import UUID\nclock.now()\nos.path"),
        (transactions, "services/transactions.py", "from tortoise.transactions import in_transaction"),
    ],
)
def test_what_is_allowed_is_left_alone(check: Check, path: str, source: str) -> None:
    assert not list(check(path, ast.parse(source)))


def _imported(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the module and the name of every import of a file, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, node.module or "", alias.name


def _names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
    for line, _, name in _imported(tree):
        yield line, name


def _last_two(node: ast.Attribute) -> str:
    owner = node.value
    left = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return f"{left}.{node.attr}"
