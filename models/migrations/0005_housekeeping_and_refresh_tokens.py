from tortoise import migrations
from tortoise.migrations import operations as ops
from models.db.fields import KeyField
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0004_mail_queue_and_caps')]

    initial = False

    operations = [
        ops.CreateModel(
            name='HousekeepingTask',
            fields=[
                ('name', KeyField(primary_key=True, unique=True, db_index=True, generated=False, null=False)),
                ('known_since', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('held_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('succeeded_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'housekeeping_task', 'app': 'models', 'pk_attr': 'name', 'table_description': 'One task. `known_since` is when this database first met it; until `held_until` it is not done.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='AccountSession',
            name='refresh_generation',
            field=fields.IntField(null=True, default=0),
        ),
        ops.RunSQL("UPDATE account_session SET refresh_generation = 0"),
        ops.AlterField(
            model_name='AccountSession',
            name='refresh_generation',
            field=fields.IntField(default=0),
        ),
        ops.AddField(
            model_name='AccountSession',
            name='refresh_nonce',
            field=KeyField(null=True, generated=False, unique=False),
        ),
        ops.AddField(
            model_name='AccountSession',
            name='refresh_parent',
            field=fields.IntField(null=True),
        ),
        ops.AddIndex(
            model_name='BulkOperation',
            index=Index(fields=['actor_id', 'preview_expires_at']),
        ),
        ops.RemoveIndex(
            model_name='LinkToken',
            name=None,
            fields=['user_id', 'purpose', 'id'],
        ),
        ops.RemoveIndex(
            model_name='LinkToken',
            name=None,
            fields=['staff_id', 'purpose', 'id'],
        ),
        ops.AddField(
            model_name='LinkToken',
            name='sequence',
            field=fields.IntField(null=True, default=0),
        ),
        # In the order in which the earlier version took them: that of their ids.
        ops.RunSQL(
            "UPDATE link_token SET sequence = r.sequence FROM (SELECT t.id,"
            " ROW_NUMBER() OVER (PARTITION BY t.user_id, t.staff_id, t.purpose ORDER BY t.id) AS sequence"
            " FROM link_token t) r WHERE r.id = link_token.id"
        ),
        ops.AlterField(
            model_name='LinkToken',
            name='sequence',
            field=fields.IntField(default=0),
        ),
        # Wrong codes are counted on the invitation from now on; each knows those that came since it was made.
        ops.RunSQL(
            "UPDATE link_token SET tries = (SELECT COALESCE(SUM(c.tries), 0) FROM link_token c"
            " WHERE c.user_id = link_token.user_id AND c.purpose = 'REGISTRATION_CODE'"
            " AND c.created_at >= link_token.created_at) WHERE purpose = 'INVITATION'"
        ),
        ops.AddIndex(
            model_name='LinkToken',
            index=Index(fields=['user_id', 'purpose', 'sequence']),
        ),
        ops.AddIndex(
            model_name='LinkToken',
            index=Index(fields=['staff_id', 'purpose', 'sequence']),
        ),
        # The earlier migration named the removed indexes twice.
        ops.AlterModelOptions(
            name='LinkToken',
            options={'table': 'link_token', 'app': 'models', 'constraints': [CheckConstraint(check='(staff_id IS NULL) <> (user_id IS NULL)', name='link_token_has_one_account')], 'indexes': [Index(fields=['user_id', 'purpose', 'sequence']), Index(fields=['staff_id', 'purpose', 'sequence']), Index(fields=['expires_at'])], 'pk_attr': 'id', 'table_description': 'One link, code or step of signing in: good until it is used, superseded or past its end.'},
        ),
        ops.AddField(
            model_name='PortalUser',
            name='idle_warned_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(
            "UPDATE portal_user SET idle_warned_at = (SELECT MAX(m.created_at) FROM outbox_mail m"
            " WHERE m.user_id = portal_user.id AND m.kind = 'IDLE_WARNING' AND m.created_at > portal_user.idle_since)"
        ),
        ops.DeleteModel(name='RefreshToken'),
    ]
