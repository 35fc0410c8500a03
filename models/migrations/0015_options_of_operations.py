from tortoise import migrations
from tortoise.migrations import operations as ops
from models.db.fields import KeyField
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0014_own_changes_of_email')]

    initial = False

    operations = [
        ops.AddField(
            model_name='BulkOperation',
            name='error_policy',
            field=KeyField(null=True, default='PARTIAL'),
        ),
        ops.RunSQL("UPDATE bulk_operation SET error_policy = 'PARTIAL'"),
        ops.AlterField(
            model_name='BulkOperation',
            name='error_policy',
            field=KeyField(default='PARTIAL'),
        ),
        ops.AddField(
            model_name='BulkOperation',
            name='selection',
            field=fields.JSONField(null=True),
        ),
        ops.AddField(
            model_name='BulkOperation',
            name='selection_search',
            field=fields.TextField(null=True, unique=False),
        ),
        # FAILED is kept for failures of the server. A run that changed no user for the users' own reasons is UNCHANGED.
        ops.RunSQL(
            "UPDATE bulk_operation SET state = 'UNCHANGED' WHERE state = 'FAILED' AND NOT EXISTS"
            " (SELECT 1 FROM bulk_outcome c WHERE c.operation_id = bulk_operation.id AND c.status = 'FAILED')"
        ),
    ]
