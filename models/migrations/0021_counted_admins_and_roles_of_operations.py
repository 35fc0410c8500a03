from tortoise import migrations
from tortoise.migrations import operations as ops
from models.db.fields import KeyField
from tortoise import fields

COUNTED = "SELECT COUNT(*) FROM portal_user u WHERE u.portal_id = portal.id AND u.role = 'PORTAL_ADMIN' AND u.status <> 'DEACTIVATED'"


class Migration(migrations.Migration):
    dependencies = [('models', '0020_staff_assignments_and_tags')]

    initial = False

    operations = [
        ops.AddField(model_name='Portal', name='counted_admins', field=fields.IntField(null=True, default=0)),
        ops.RunSQL(f"UPDATE portal SET counted_admins = ({COUNTED})"),
        ops.AddField(
            model_name='BulkOperation',
            name='role',
            field=KeyField(null=True, generated=False, unique=False),
        ),
    ]
