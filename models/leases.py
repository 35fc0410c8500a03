"""Work that one process does for all: whoever holds the lease does it, and when he dies the next one takes over."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from models.fields import KeyField


class Lease(Model):
    """One kind of work, who does it at the moment, and since when it was last done to the end."""

    name = KeyField(primary_key=True)
    holder = fields.UUIDField(null=True)
    held_until = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "lease"
