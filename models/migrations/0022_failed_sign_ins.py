from tortoise import migrations
from tortoise.migrations import operations as ops
from models.db.partial_indexes import PartialIndex
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

KNOWN_FAILURES = """
INSERT INTO failed_sign_ins (account_id, failed_at, unlogged)
SELECT a.account_id, MAX(a.last_at), 0 FROM sign_in_attempts a
WHERE a.account_id IS NOT NULL AND a.in_a_row > 0 GROUP BY a.account_id
"""


class Migration(migrations.Migration):
    dependencies = [('models', '0021_counted_admins_and_roles_of_operations')]

    initial = False

    operations = [
        ops.CreateModel(
            name='FailedSignIns',
            fields=[
                ('account_id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('failed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('logged_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('unlogged', fields.IntField(default=0)),
            ],
            options={'table': 'failed_sign_ins', 'app': 'models', 'indexes': [Index(fields=['failed_at']), PartialIndex(fields=['logged_at'], name='failed_sign_ins_unlogged', where='unlogged > 0')], 'pk_attr': 'account_id', 'table_description': 'The failed sign-ins of one account.'},
            bases=['Model'],
        ),
        ops.RunSQL(KNOWN_FAILURES),
    ]
