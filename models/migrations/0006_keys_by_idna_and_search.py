from tortoise import migrations
from tortoise.migrations import operations as ops
from models.db.fields import KeyField
from tortoise.indexes import Index

from typing import Any

from models.users.refolding import refold


async def refold_all(apps: Any, schema_editor: Any) -> None:
    await refold()


class Migration(migrations.Migration):
    dependencies = [('models', '0005_housekeeping_and_refresh_tokens')]

    initial = False

    operations = [
        ops.AddField(
            model_name='BulkOutcome',
            name='field',
            field=KeyField(null=True, generated=False, unique=False),
        ),
        ops.AlterModelOptions(
            name='PortalUser',
            options={'table': 'portal_user', 'app': 'models', 'unique_together': (('portal', 'username_key'), ('portal', 'email_key')), 'indexes': [Index(fields=['portal_id', 'last_name_sort', 'first_name_sort', 'id']), Index(fields=['portal_id', 'category', 'last_name_sort', 'first_name_sort', 'id']), Index(fields=['mssp_id', 'last_name_sort', 'first_name_sort', 'id']), Index(fields=['mssp_id', 'category', 'last_name_sort', 'first_name_sort', 'id']), Index(fields=['portal_id', 'last_sign_in_sort', 'id']), Index(fields=['portal_id', 'added_at', 'id']), Index(fields=['portal_id', 'pending_email_key']), Index(fields=['portal_id', 'username_look'])], 'pk_attr': 'id', 'table_description': 'A user of one portal. Keys, sorts, ranks, `search_text` and `username_look` are folded copies of other columns.'},
        ),
        ops.AddField(
            model_name='PortalUser',
            name='username_look',
            field=KeyField(null=True, generated=False, unique=False),
        ),
        ops.AddIndex(
            model_name='PortalUser',
            index=Index(fields=['portal_id', 'username_look']),
        ),
        ops.RunPython(refold_all),
    ]
