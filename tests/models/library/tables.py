"""The tables of an example database, a library with books and readers, after its last migration.

The tests of migrations use this database.
"""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from models.db.fields import KeyField


class Reader(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.TextField()

    class Meta:
        table = "reader"


class Shelf(Model):
    id = fields.UUIDField(primary_key=True)
    label = KeyField(unique=True)

    class Meta:
        table = "shelf"


class Book(Model):
    id = fields.UUIDField(primary_key=True)
    shelf: fields.ForeignKeyRelation[Shelf] = fields.ForeignKeyField("models.Shelf", on_delete=fields.CASCADE)
    owner: fields.ForeignKeyRelation[Reader] = fields.ForeignKeyField(
        "models.Reader", related_name="owned", on_delete=fields.RESTRICT
    )
    borrower: fields.ForeignKeyNullableRelation[Reader] = fields.ForeignKeyField(
        "models.Reader", related_name="borrowed", null=True, on_delete=fields.SET_NULL
    )
    title = fields.TextField(null=True)
    sort_key = KeyField()
    barcode = KeyField(null=True)
    pages = fields.IntField()
    notes = fields.JSONField[dict[str, Any]](default={})

    class Meta:
        table = "book"
        unique_together = (("shelf", "sort_key"),)
        indexes = [Index(fields=("shelf_id", "pages")), Index(fields=("sort_key",), name="book_by_key")]
        constraints = [
            CheckConstraint(check="pages > 0", name="book_has_pages"),
            UniqueConstraint(fields=("barcode",), name="book_barcode", condition="barcode IS NOT NULL"),
        ]


class Loan(Model):
    id = fields.UUIDField(primary_key=True)
    book: fields.ForeignKeyRelation[Book] = fields.ForeignKeyField("models.Book", on_delete=fields.CASCADE)

    class Meta:
        table = "loan"
