"""GraphQL documents and e-mail addresses for the tests that change an e-mail address."""

from __future__ import annotations

from rules.lifecycle.statuses import Status

EMAIL = ["input", "email"]

UNCONFIRMED = [Status.STAGED, Status.PROVISIONED]

OLD, NEW = "old@acme.test", "new@acme.test"
