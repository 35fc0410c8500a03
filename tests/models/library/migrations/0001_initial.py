from uuid import uuid4

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.db.fields import KeyField


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Reader",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("name", fields.TextField(unique=False)),
            ],
            options={"table": "reader", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Shelf",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("label", KeyField(unique=True, generated=False, null=False)),
            ],
            options={"table": "shelf", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Book",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "shelf",
                    fields.ForeignKeyField(
                        "models.Shelf",
                        source_field="shelf_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "models.Reader",
                        source_field="owner_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="owned",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "borrower",
                    fields.ForeignKeyField(
                        "models.Reader",
                        source_field="borrower_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="borrowed",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("title", fields.TextField(unique=False)),
                ("colour", fields.TextField(null=True, unique=False)),
                ("sort_key", KeyField(generated=False, null=False, unique=False)),
                ("barcode", KeyField(null=True, generated=False, unique=False)),
                ("pages", fields.IntField()),
                ("notes", fields.JSONField(default={}, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "book",
                "app": "models",
                "unique_together": (("shelf", "sort_key"),),
                "constraints": [
                    CheckConstraint(check="pages > 0", name="book_has_pages"),
                    UniqueConstraint(fields=("barcode",), name="book_barcode", condition="barcode IS NOT NULL"),
                ],
                "indexes": [Index(fields=["shelf_id", "pages"]), Index(fields=["colour"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Loan",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "book",
                    fields.ForeignKeyField(
                        "models.Book",
                        source_field="book_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={"table": "loan", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
