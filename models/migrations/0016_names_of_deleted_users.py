from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0015_options_of_operations')]

    initial = False

    operations = [
        ops.CreateModel(
            name='DeletedName',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('portal', fields.ForeignKeyField('models.Portal', source_field='portal_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('name', fields.TextField(unique=False)),
                ('erase_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'deleted_name', 'app': 'models', 'indexes': [Index(fields=['portal_id']), Index(fields=['erase_at'])], 'pk_attr': 'id', 'table_description': "The name of a deleted user. `id` is the user's former id. From `erase_at` on, the name is not shown."},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Portal',
            name='deleted_name_retention_days',
            field=fields.IntField(null=True, default=0),
        ),
        ops.RunSQL("UPDATE portal SET deleted_name_retention_days = 0"),
    ]
