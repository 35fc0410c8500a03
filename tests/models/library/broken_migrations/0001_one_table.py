from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [ops.CreateModel(name="Scrap", fields=[("id", fields.IntField(primary_key=True))])]
