from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0013_indexes_of_orders')]

    initial = False

    operations = [
        ops.AddField(
            model_name='PortalUser',
            name='pending_email_is_own',
            field=fields.BooleanField(null=True, default=False),
        ),
        ops.RunSQL("UPDATE portal_user SET pending_email_is_own = FALSE"),
        # The newest verification link names the account that began the change.
        ops.RunSQL(
            "UPDATE portal_user SET pending_email_is_own = TRUE WHERE pending_email IS NOT NULL AND EXISTS (SELECT 1"
            " FROM link_token t WHERE t.user_id = portal_user.id AND t.purpose = 'VERIFY_EMAIL' AND t.actor_id ="
            " portal_user.id AND NOT EXISTS (SELECT 1 FROM link_token n WHERE n.user_id = t.user_id AND n.purpose ="
            " t.purpose AND n.sequence > t.sequence))"
        ),
        ops.AlterField(
            model_name='PortalUser',
            name='pending_email_is_own',
            field=fields.BooleanField(default=False),
        ),
    ]
