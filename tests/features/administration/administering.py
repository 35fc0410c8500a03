"""Call the mutations that administer an MSSP, and read their events in the audit log."""

from __future__ import annotations

from typing import Any

from tests.support.world import Ask, Person

DOCUMENT = """
mutation ($input: {name}Input!) {{
  {field}(input: $input) {{ {shown} errors {{ code message path params {{ name value }} }} }}
}}
"""


async def administer(ask: Ask, actor: Person | None, field: str, shown: str, **input: Any) -> Any:
    """Call the mutation `field` and return its payload: the fields `shown` (GraphQL text) and the errors."""
    document = DOCUMENT.format(name=field[0].upper() + field[1:], field=field, shown=shown)
    reply = await ask(document, actor=actor, input=input)
    assert not reply.errors, reply.errors
    return reply.data[field]


def codes(payload: Any) -> list[tuple[str, list[str] | None]]:
    """Return the code and the path of each error."""
    return [(error["code"], error["path"]) for error in payload["errors"]]


def params(payload: Any) -> dict[str, str]:
    """Return the parameters of the only error, by name."""
    (error,) = payload["errors"]
    return {param["name"]: param["value"] for param in error["params"]}


async def events_of(ask: Ask, admin: Person) -> list[tuple[str, dict[str, tuple[str | None, str | None]]]]:
    """Return the events that the admin sees, oldest first: the type, and the changes by field."""
    log = "{ auditLog { nodes { event actor { id } changes { field before after } } } }"
    nodes = (await ask(log, actor=admin)).data["auditLog"]["nodes"]
    return [
        (node["event"], {change["field"]: (change["before"], change["after"]) for change in node["changes"]})
        for node in reversed(nodes)
    ]
