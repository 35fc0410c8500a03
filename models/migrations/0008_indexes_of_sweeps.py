from tortoise import migrations
from tortoise.migrations import operations as ops
from models.db.partial_indexes import PartialIndex
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0007_lockout')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='AccountSession',
            index=PartialIndex(fields=['revoked_at'], name='account_session_revoked', where='revoked_at IS NOT NULL'),
        ),
        ops.AddIndex(
            model_name='BulkOperation',
            index=Index(fields=['preview_expires_at', 'finished_at']),
        ),
        ops.AddIndex(
            model_name='IdempotencyKey',
            index=Index(fields=['created_at']),
        ),
        ops.AddIndex(
            model_name='KnownSource',
            index=Index(fields=['last_at']),
        ),
        ops.RemoveIndex(
            model_name='LinkToken',
            name=None,
            fields=['expires_at'],
        ),
        ops.AddField(
            model_name='LinkToken',
            name='replaced_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        # An invitation of which there is a newer one; that one's moment is not known any more where both were used.
        ops.RunSQL(
            "UPDATE link_token SET replaced_at = COALESCE(superseded_at, used_at, created_at) WHERE purpose = 'INVITATION'"
            " AND EXISTS (SELECT 1 FROM link_token n WHERE n.user_id = link_token.user_id"
            " AND n.purpose = link_token.purpose AND n.sequence > link_token.sequence)"
        ),
        ops.AddIndex(
            model_name='LinkToken',
            index=PartialIndex(fields=['expires_at'], name='link_token_expiry', where="purpose <> 'INVITATION'"),
        ),
        ops.AddIndex(
            model_name='LinkToken',
            index=PartialIndex(fields=['replaced_at'], name='link_token_replaced', where='replaced_at IS NOT NULL'),
        ),
        ops.RunSQL("UPDATE outbox_mail SET finished_at = due_at WHERE state = 'DEAD' AND finished_at IS NULL"),
        ops.AddIndex(
            model_name='OutboxMail',
            index=PartialIndex(fields=['state', 'finished_at'], name='outbox_mail_finished', where='finished_at IS NOT NULL'),
        ),
        ops.AddIndex(
            model_name='OutboxMail',
            index=PartialIndex(fields=['due_at'], name='outbox_mail_unsent', where="state = 'QUEUED'"),
        ),
        ops.AddIndex(
            model_name='PortalUser',
            index=PartialIndex(fields=['portal_id', 'status', 'status_changed_at', 'id'], name='portal_user_waiting', where="status = 'LOCKED_OUT' OR status = 'PROVISIONED' OR status = 'DEACTIVATED'"),
        ),
        ops.AddIndex(
            model_name='PortalUser',
            index=PartialIndex(fields=['portal_id', 'idle_since', 'id'], name='portal_user_idle', where="category = 'ENABLED'"),
        ),
        ops.AddIndex(
            model_name='PortalUser',
            index=PartialIndex(fields=['portal_id', 'idle_warned_at', 'id'], name='portal_user_warned', where='idle_warned_at IS NOT NULL'),
        ),
        ops.RemoveIndex(
            model_name='SignInAttempts',
            name=None,
            fields=['account_id'],
        ),
        ops.AddIndex(
            model_name='SignInAttempts',
            index=Index(fields=['account_id', 'last_at']),
        ),
    ]
