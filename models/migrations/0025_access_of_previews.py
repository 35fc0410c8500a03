from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [('models', '0024_grants')]

    initial = False

    operations = [
        ops.AddField(
            model_name='BulkOperation',
            name='access_hash',
            field=fields.TextField(null=True, unique=False),
        ),
    ]
