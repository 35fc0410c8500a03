from tortoise import migrations
from tortoise.migrations import operations as ops
from models.db.fields import KeyField
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

from typing import Any

from models.db.sql import Sql, fetch, sql, write
from rules.text.folding import sort_key


async def fold_names(apps: Any, schema_editor: Any) -> None:
    for member in await fetch(Sql("SELECT id, name FROM staff_member")):
        await write(sql("UPDATE staff_member SET name_key = ? WHERE id = ?", sort_key(member["name"]), member["id"]))


class Migration(migrations.Migration):
    dependencies = [('models', '0019_tickets_and_required_reasons')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AssignedTag',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('staff', fields.ForeignKeyField('models.StaffMember', source_field='staff_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('tag', fields.TextField(unique=False)),
                ('tag_key', KeyField(generated=False, null=False, unique=False)),
            ],
            options={'table': 'assigned_tag', 'app': 'models', 'unique_together': (('staff', 'tag_key'),), 'pk_attr': 'id', 'table_description': 'A tag whose portals a technician is assigned to or, with `assigned_all_except`, is not assigned to.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PortalTag',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('mssp', fields.ForeignKeyField('models.Mssp', source_field='mssp_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('portal', fields.ForeignKeyField('models.Portal', source_field='portal_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('tag', fields.TextField(unique=False)),
                ('tag_key', KeyField(generated=False, null=False, unique=False)),
            ],
            options={'table': 'portal_tag', 'app': 'models', 'unique_together': (('portal', 'tag_key'),), 'indexes': [Index(fields=['mssp_id', 'tag_key', 'portal_id'])], 'pk_attr': 'id', 'table_description': 'A tag of a portal. `tag_key` is the folded text. A portal has each key once.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Mssp',
            name='staff_mfa_required',
            field=fields.BooleanField(null=True, default=False),
        ),
        ops.RunSQL("UPDATE mssp SET staff_mfa_required = FALSE"),
        ops.RemoveIndex(model_name='StaffMember', name=None, fields=['mssp_id']),
        ops.AddField(
            model_name='StaffMember',
            name='assigned_all_except',
            field=fields.BooleanField(null=True, default=False),
        ),
        ops.RunSQL("UPDATE staff_member SET assigned_all_except = FALSE"),
        ops.AlterField(
            model_name='StaffMember',
            name='assigned_all_except',
            field=fields.BooleanField(default=False),
        ),
        ops.AddField(
            model_name='StaffMember',
            name='assigned_until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='StaffMember',
            name='name_key',
            field=KeyField(null=True, generated=False, unique=False),
        ),
        ops.RunPython(fold_names),
        ops.AlterField(
            model_name='StaffMember',
            name='name_key',
            field=KeyField(generated=False, null=False, unique=False),
        ),
        ops.AddIndex(model_name='StaffMember', index=Index(fields=['mssp_id', 'name_key', 'id'])),
    ]
