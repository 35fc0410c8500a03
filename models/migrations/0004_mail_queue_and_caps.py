from tortoise import migrations
from tortoise.migrations import operations as ops
from models.db.fields import KeyField
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0003_logs_of_providers_and_indexes_of_references')]

    initial = False

    operations = [
        ops.CreateModel(
            name='RecipientMail',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('key', KeyField(generated=False, null=False, unique=False)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'recipient_mail', 'app': 'models', 'indexes': [Index(fields=['key', 'at']), Index(fields=['at'])], 'pk_attr': 'id', 'table_description': 'One mail that was queued to an address. The key is a digest of portal, kind and address. Users that are deleted'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ResetRequest',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('portal_slug', fields.TextField(null=True, unique=False)),
                ('login_key', KeyField(generated=False, null=False, unique=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'reset_request', 'app': 'models', 'indexes': [Index(fields=['created_at', 'id'])], 'pk_attr': 'id', 'table_description': 'One request. Without a portal it is one of staff.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='LinkToken',
            name='codes_mailed',
            field=fields.IntField(null=True, default=0),
        ),
        ops.RunSQL("UPDATE link_token SET codes_mailed = 0"),
        ops.AlterField(
            model_name='LinkToken',
            name='codes_mailed',
            field=fields.IntField(default=0),
        ),
        ops.AddField(
            model_name='LinkToken',
            name='mail_failed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='LinkToken',
            name='mail_problem',
            field=KeyField(null=True, generated=False, unique=False),
        ),
        ops.AddField(
            model_name='LinkToken',
            name='mail_state',
            field=KeyField(null=True, generated=False, unique=False),
        ),
        ops.AddField(
            model_name='LinkToken',
            name='sent_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RemoveIndex(
            model_name='OutboxMail',
            name=None,
            fields=['state', 'due_at', 'id'],
        ),
        ops.RemoveIndex(
            model_name='OutboxMail',
            name=None,
            fields=['portal_id'],
        ),
        ops.AddField(
            model_name='OutboxMail',
            name='actor_id',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='OutboxMail',
            name='queue_place',
            field=fields.BigIntField(null=True),
        ),
        ops.RunSQL("UPDATE outbox_mail SET due_at = leased_until WHERE state = 'QUEUED' AND leased_until > due_at"),
        ops.RemoveField(model_name='OutboxMail', name='leased_until'),
        ops.AddIndex(
            model_name='OutboxMail',
            index=Index(fields=['queue_place', 'id']),
        ),
        ops.AddIndex(
            model_name='OutboxMail',
            index=Index(fields=['portal_id', 'queue_place']),
        ),
        ops.AddIndex(
            model_name='OutboxMail',
            index=Index(fields=['state', 'queue_place', 'due_at']),
        ),
        ops.RunSQL(
            "UPDATE link_token SET sent_at = (SELECT MAX(b.finished_at) FROM outbox_mail b"
            " WHERE b.link_id = link_token.id AND b.state = 'SENT'),"
            " mail_failed_at = (SELECT MAX(b.finished_at) FROM outbox_mail b"
            " WHERE b.link_id = link_token.id AND b.state IN ('DEAD', 'CANCELLED')),"
            " mail_state = (SELECT CASE b.state WHEN 'SENT' THEN 'SENT' WHEN 'QUEUED' THEN 'QUEUED' ELSE 'FAILED' END"
            " FROM outbox_mail b WHERE b.link_id = link_token.id ORDER BY b.created_at DESC, b.id DESC LIMIT 1),"
            " mail_problem = (SELECT CASE WHEN b.state = 'CANCELLED' THEN 'NO_LONGER_VALID' WHEN b.state <> 'DEAD' THEN NULL"
            " WHEN b.problem LIKE '5%' OR b.problem IN ('bad-address', 'no-smtputf8') THEN 'ADDRESS_REFUSED'"
            " WHEN b.problem IN ('no-letter', 'abandoned') THEN 'INTERNAL_ERROR' ELSE 'SERVER_UNAVAILABLE' END"
            " FROM outbox_mail b WHERE b.link_id = link_token.id ORDER BY b.created_at DESC, b.id DESC LIMIT 1)"
        ),
        # Mails that were sent are dropped after a month: of these no more is known than that they left at once.
        ops.RunSQL(
            "UPDATE link_token SET sent_at = created_at, mail_state = 'SENT'"
            " WHERE purpose = 'INVITATION' AND delivery = 'EMAIL' AND mail_state IS NULL"
        ),
    ]
