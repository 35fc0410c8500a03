from tortoise import migrations
from tortoise.migrations import operations as ops
from models.db.fields import KeyField
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0008_indexes_of_sweeps')]

    initial = False

    operations = [
        ops.CreateModel(
            name='LimitedTries',
            fields=[
                ('key', KeyField(primary_key=True, unique=True, db_index=True, generated=False, null=False)),
                ('tries', fields.IntField()),
                ('ends_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'limited_tries', 'app': 'models', 'indexes': [Index(fields=['ends_at'])], 'pk_attr': 'key', 'table_description': 'The tries under one key in a window of time that begins with the first. The key is an HMAC: no address is stored.'},
            bases=['Model'],
        ),
    ]
