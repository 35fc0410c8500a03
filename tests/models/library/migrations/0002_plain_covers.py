from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0001_initial")]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name="Book",
            name=None,
            fields=["colour"],
        ),
        ops.AlterField(
            model_name="Book",
            name="title",
            field=fields.TextField(null=True, unique=False),
        ),
        ops.RemoveField(model_name="Book", name="colour"),
        ops.AddIndex(
            model_name="Book",
            index=Index(fields=["sort_key"], name="book_by_key"),
        ),
    ]
