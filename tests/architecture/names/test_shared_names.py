"""A file name that occurs in several layers names the same noun in each layer."""

from __future__ import annotations

from tests.documentation.references import versioned

LAYERS = ("api", "resolvers", "services", "models", "rules")

MEANINGS = {
    "acceptance": "accepting an invitation",
    "adminship": "the role of a portal's admin, and its handover",
    "access": "which role may call which root field",
    "accounts": "accounts that sign in: portal users and members of staff",
    "attempts": "attempts to prove a password or a second factor",
    "assignments": "assignments of technicians to portals",
    "audit": "the audit log",
    "audit_events": "the types of audit events",
    "caps": "how much mail an address gets",
    "catalogue": "the catalogue of what a portal can grant",
    "checkpoints": "signed places of the audit log's chains",
    "counters": "the counters on a portal's row",
    "dead_letters": "mails that were given up",
    "demo": "the demo data",
    "edits": "edits of one user",
    "email_addresses": "e-mail addresses",
    "entries": "entries of catalogues",
    "events": "events in a user's life",
    "failed_sign_ins": "failed sign-ins of accounts",
    "field_costs": "the cost of a field of the schema",
    "global_ids": "the ids that clients see",
    "housekeeping": "work that is due by the clock",
    "idempotency": "calls that are repeated with a key",
    "invitations": "invitations of users",
    "licenses": "license packages and their seats",
    "links": "mailed links, codes and steps of a sign-in",
    "lockout": "the lock after failed attempts",
    "metrics": "sums for the operator",
    "operations": "stored runs of bulk actions",
    "outbox": "queued mail",
    "outcomes": "the outcome for each user of a bulk action",
    "password_reset": "the reset of a forgotten password",
    "passwords": "passwords of accounts",
    "policies": "the policy of a portal",
    "portal_actions": "what an account may do in a portal as a whole",
    "portals": "customers' portals",
    "rate_limits": "limits on failures within a time",
    "registration": "the registration of an invited person",
    "selected_users": "the users that a call or a list selects",
    "sessions": "sessions of accounts",
    "setup": "the creation of providers, portals and staff",
    "license_packages": "license packages of portals",
    "sign_in": "signing in",
    "sign_in_blockers": "why an account cannot sign in",
    "staff": "members of staff",
    "staff_access": "sessions, passwords and second factors of staff, ended or reset by an admin",
    "tags": "tags of portals",
    "tasks": "tasks of housekeeping",
    "validity": "whether a queued mail may still be sent",
}
"""The meaning of each file name that occurs in several layers. A file with another meaning gets another name."""


def shared_names() -> set[str]:
    """Return the names of the modules that occur in at least two layers."""
    layers_of: dict[str, set[str]] = {}
    for path in versioned(".py"):
        layer, name = path.partition("/")[0], path.removesuffix(".py").rpartition("/")[2]
        if layer in LAYERS and name != "__init__" and "/migrations/" not in path:
            layers_of.setdefault(name, set()).add(layer)
    return {name for name, layers in layers_of.items() if len(layers) > 1}


def test_a_file_name_of_several_layers_has_one_meaning_that_is_listed() -> None:
    assert shared_names() == set(MEANINGS)
