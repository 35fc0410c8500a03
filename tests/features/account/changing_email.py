"""Documents and addresses for changes of an e-mail address."""

from __future__ import annotations

from rules.lifecycle.statuses import Status

EMAIL = ["input", "email"]

UNCONFIRMED = [Status.STAGED, Status.PROVISIONED]

OLD, NEW = "old@acme.test", "new@acme.test"
