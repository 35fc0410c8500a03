"""All arguments and input fields that take a string, and strings that no client should send."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from tests.support.world import Ask, Reply


@dataclass(frozen=True)
class Place:
    """An argument that takes a string: a document with `{}` in place of the string, and the argument's type."""

    document: str
    type: str = "String"

    @property
    def with_variable(self) -> str:
        kind = "mutation" if self.document.startswith("mutation") else "query"
        return f"{kind} ($text: {self.type}!) {self.with_literal('$text').removeprefix('mutation')}"

    def with_literal(self, literal: str) -> str:
        return self.document.replace("{}", literal)


def _sign_in(values: str) -> Place:
    return Place(f"mutation {{ it: signIn(input: {{{values}}}) {{ session {{ expiresIn }} errors {{ code }} }} }}")


def _lock(values: str, type: str = "String") -> Place:
    return Place(
        f"mutation {{ it: lockUsers(input: {{{values}}}) {{ summary {{ succeeded }} errors {{ code }} }} }}", type
    )


def _invite(field: str) -> Place:
    invitee = f"invitees: [{{{field}: {{}}}}]"
    return Place(
        f'mutation {{ it: inviteUsers(input: {{target: {{newUsers: {{portalSlug: "none", {invitee}}}}}}})'
        " { summary { succeeded } errors { code } } }"
    )


def _save_grantable(values: str) -> Place:
    return Place(
        f'mutation {{ it: saveGrantable(input: {{portalId: "none", kind: APP_ROLE, {values}}})'
        " { grantable { id } errors { code } } }"
    )


PLACES = {
    "signIn.login": _sign_in('login: {}, password: "a wrong password"'),
    "signIn.password": _sign_in('login: "unknown", password: {}'),
    "signIn.portalSlug": _sign_in('login: "unknown", password: "a wrong password", portalSlug: {}'),
    "lockUsers.ids": _lock("users: {ids: [{}]}", "ID"),
    "lockUsers.reason": _lock('users: {ids: ["x"]}, options: {reason: {}}'),
    "lockUsers.ticket": _lock('users: {ids: ["x"]}, options: {ticket: {}}'),
    "lockUsers.idempotencyKey": _lock('users: {ids: ["x"]}, options: {idempotencyKey: {}}'),
    "lockUsers.previewId": _lock("users: {previewId: {}}", "ID"),
    "lockUsers.search": _lock("users: {matching: {search: {}}}"),
    "inviteUsers.firstName": _invite("firstName"),
    "inviteUsers.email": _invite("email"),
    "inviteUsers.username": _invite("username"),
    "node.id": Place("{ it: node(id: {}) { id } }", "ID"),
    "nodes.ids": Place("{ it: nodes(ids: [{}]) { id } }", "ID"),
    "user.id": Place("{ it: user(id: {}) { id } }", "ID"),
    "portal.id": Place("{ it: portal(id: {}) { id } }", "ID"),
    "portal.slug": Place("{ it: portal(slug: {}) { id } }"),
    "portals.search": Place("{ it: portals(search: {}) { totalCount nodes { id } } }"),
    "portals.after": Place("{ it: portals(after: {}) { nodes { id } } }"),
    "users.portalId": Place("{ it: users(portalId: {}) { totalCount } }", "ID"),
    "users.search": Place("{ it: users(search: {}) { totalCount nodes { id } } }"),
    "users.after": Place("{ it: users(after: {}) { nodes { id } } }"),
    "users.before": Place("{ it: users(before: {}) { nodes { id } } }"),
    "users.portalIdIn": Place("{ it: users(filter: {portalIdIn: [{}]}) { totalCount } }", "ID"),
    "users.addedAfter": Place(
        "{ it: users(filter: {addedAfter: {}}) { totalCount nodes { id } } }", "DateTimeOrDuration"
    ),
    "users.lastSignInBefore": Place(
        "{ it: users(filter: {lastSignInBefore: {}}) { totalCount } }", "DateTimeOrDuration"
    ),
    "users.idIn": Place("{ it: users(filter: {idIn: [{}]}) { totalCount } }", "ID"),
    "users.emailDomainIn": Place("{ it: users(filter: {emailDomainIn: [{}]}) { totalCount nodes { id } } }"),
    "users.groupIdIn": Place("{ it: users(filter: {groupIdIn: [{}]}) { totalCount } }", "ID"),
    "users.subAccountIdIn": Place("{ it: users(filter: {subAccountIdIn: [{}]}) { totalCount } }", "ID"),
    "portals.subAccounts.search": Place(
        "{ it: portals { nodes { grantables { subAccounts(search: {}) { totalCount nodes { id } } } } } }"
    ),
    "portals.subAccounts.after": Place(
        "{ it: portals { nodes { grantables { subAccounts(after: {}) { nodes { id } } } } } }"
    ),
    "saveGrantable.name": _save_grantable("name: {}"),
    "saveGrantable.app": _save_grantable('name: "x", app: {}'),
    "licenseTiles.portalId": Place("{ it: licenseTiles(portalId: {}) { id } }", "ID"),
    "auditLog.userId": Place("{ it: auditLog(userId: {}) { totalCount nodes { id } } }", "ID"),
    "auditLog.after": Place("{ it: auditLog(after: {}) { nodes { id } } }"),
    "auditLog.filter.actorId": Place("{ it: auditLog(filter: {actorId: {}}) { totalCount nodes { id } } }", "ID"),
    "auditLog.filter.before": Place("{ it: auditLog(filter: {before: {}}) { totalCount } }", "DateTimeOrDuration"),
    "auditLog.filter.search": Place("{ it: auditLog(filter: {search: {}}) { totalCount nodes { id } } }"),
    "bulkOperations.before": Place("{ it: bulkOperations(before: {}) { nodes { id } } }"),
    "portals.users.search": Place("{ it: portals { nodes { users(search: {}) { totalCount nodes { id } } } } }"),
    "portals.users.after": Place("{ it: portals { nodes { users(after: {}) { nodes { id } } } } }"),
}

UNSTORABLE = {
    "NUL": "\0",
    "NUL-within": "ann\0otto",
    "high-surrogate": "\ud83d",
    "low-surrogate": "x\ude00",
    "surrogates-the-wrong-way-round": "\ude00\ud83d",
}

STRANGE = {
    "empty": "",
    "blank": " \t\r\n",
    "quotes": "' OR 1=1; --\"`\\",
    "wildcards": "%_*?[a-z]",
    "right-to-left": "\u202etxt.exe",
    "no-character": "\ufffe\uffff\U0010ffff",
    "outside-the-first-plane": "🙂\U0001d49c",
    "letters-that-fold-longer": "İßﬃŉﷺ",
    "controls": "".join(map(chr, range(1, 32))) + "\x7f\x85",
    "time-that-overflows": "9999-12-31T23:59:59-23:59",
    "time-before-the-first": "0001-01-01T00:00:00+23:59",
    "time-that-never-was": "2026-02-30T25:61:61Z",
    "marks": "\u0323\u0301" * 40_000,  # folding these takes seven seconds
    "long": "x" * 900_000,
}


async def send(ask: Ask, token: str, document: str, **variables: object) -> Reply:
    """Send a request as `ask` does, but write characters such as lone surrogates as escapes of JSON."""
    return await post(ask, token, json.dumps({"query": document, "variables": variables}))


async def post(ask: Ask, token: str, body: str | bytes) -> Reply:
    """Send a body unchanged."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    response = await ask.client.post("/graphql", content=body, headers=headers)
    answer = response.json()
    return Reply(answer.get("data"), answer.get("errors", []), response)


def malformed_ids(real: str, row: UUID) -> list[str]:
    """Return texts that resemble a user's global id, but are not valid ids. `real` is the valid id of the row `row`."""
    spelled = [
        *(f"PortalUser:{text}" for text in ("", "1", "unknown", f"{{{row}}}", f"urn:uuid:{row}", row.hex)),
        *(f"{name}:{row}" for name in ("", "portaluser", "PortalUsers", "Query", "PortalUser:PortalUser", "__Type")),
        f"PortalUser:{str(row).upper()}",
        f"PortalUser:{row}\n",
        str(row),
    ]
    return [
        *(b64encode(text.encode()).decode() for text in spelled),
        "",
        " ",
        "x",
        "=",
        "====",
        "null",
        "0",
        "-1",
        "ünïcode",
        "🙂",
        "' OR 1=1 --",
        "%00",
        "../../etc/passwd",
        str(row),
        real[:-1],
        real[1:],
        real + "=",
        real + real,
        f" {real}",
        f"{real}\n",
        real.swapcase(),
        real.lower(),
        "A" * 5_000,
    ]


def cursor(*values: object) -> str:
    """Return a cursor with the given values, in the form in which the server writes cursors."""
    return urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")
