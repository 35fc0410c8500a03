from tortoise import migrations
from tortoise.migrations import operations as ops
from models.db.fields import KeyField
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

SYSTEM_GROUPS = """
INSERT INTO grantable (id, portal_id, kind, app, app_key, name, name_key, admin_only, is_system)
SELECT p.id, p.id, 'GROUP', '', '', 'External users', 'external users', FALSE, TRUE FROM portal p
"""


class Migration(migrations.Migration):
    dependencies = [('models', '0023_logs_of_deleted_portals')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Grantable',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('portal', fields.ForeignKeyField('models.Portal', source_field='portal_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('kind', KeyField(generated=False, null=False, unique=False)),
                ('app', fields.TextField(default='', unique=False)),
                ('app_key', KeyField(default='', generated=False, null=False, unique=False)),
                ('name', fields.TextField(unique=False)),
                ('name_key', KeyField(generated=False, null=False, unique=False)),
                ('admin_only', fields.BooleanField(default=False)),
                ('is_system', fields.BooleanField(default=False)),
            ],
            options={'table': 'grantable', 'app': 'models', 'unique_together': (('portal', 'kind', 'app_key', 'name_key'),), 'pk_attr': 'id', 'table_description': 'An entry in the catalogue of a portal: a module, a sub-account, a workspace, a group or an app role.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='UserGrant',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('user', fields.ForeignKeyField('models.PortalUser', source_field='user_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('grantable', fields.ForeignKeyField('models.Grantable', source_field='grantable_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('level', KeyField(null=True, generated=False, unique=False)),
            ],
            options={'table': 'user_grant', 'app': 'models', 'unique_together': (('user', 'grantable'),), 'indexes': [Index(fields=['grantable_id', 'user_id'])], 'pk_attr': 'id', 'table_description': 'A grantable that a user holds. `level` is READ or WRITE for a module, and null for other kinds.'},
            bases=['Model'],
        ),
        ops.RunSQL(SYSTEM_GROUPS),
        ops.AddField(
            model_name='PortalUser',
            name='all_sub_accounts',
            field=fields.BooleanField(null=True, default=False),
        ),
        ops.AddField(
            model_name='PortalUser',
            name='portal_access',
            field=fields.BooleanField(null=True, default=True),
        ),
        ops.RunSQL("UPDATE portal_user SET all_sub_accounts = FALSE, portal_access = TRUE"),
        ops.AlterField(
            model_name='PortalUser',
            name='all_sub_accounts',
            field=fields.BooleanField(default=False),
        ),
        ops.AlterField(
            model_name='PortalUser',
            name='portal_access',
            field=fields.BooleanField(default=True),
        ),
    ]
