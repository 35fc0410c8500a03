from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0010_audit_log_is_only_added_to')]

    initial = False

    operations = [
        ops.AddField(
            model_name='LinkToken',
            name='actor_id',
            field=fields.UUIDField(null=True),
        ),
        # A user's own edit is the audit event of the same instant; what an admin sent again stays unknown, so that it is kept.
        ops.RunSQL(
            "UPDATE link_token SET actor_id = user_id WHERE purpose = 'VERIFY_EMAIL' AND used_at IS NULL"
            " AND superseded_at IS NULL AND EXISTS (SELECT 1 FROM audit_event e WHERE e.user_id = link_token.user_id"
            " AND e.actor_id = e.user_id AND e.event = 'user.updated' AND e.at = link_token.created_at)"
        ),
    ]
