from tortoise import migrations
from tortoise.migrations import operations as ops
from models.db.fields import KeyField
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0001_first_tables')]

    initial = False

    operations = [
        ops.CreateModel(
            name='KnownSource',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('staff', fields.ForeignKeyField('models.StaffMember', source_field='staff_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('user', fields.ForeignKeyField('models.PortalUser', source_field='user_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('source', KeyField(generated=False, null=False, unique=False)),
                ('last_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'known_source', 'app': 'models', 'unique_together': (('staff', 'source'), ('user', 'source')), 'constraints': [CheckConstraint(check='(staff_id IS NULL) <> (user_id IS NULL)', name='known_source_has_one_account')], 'pk_attr': 'id', 'table_description': 'A source that an account has signed in from; it has a counter of its own, which strangers cannot fill.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Lease',
            fields=[
                ('name', KeyField(primary_key=True, unique=True, db_index=True, generated=False, null=False)),
                ('holder', fields.UUIDField(null=True)),
                ('held_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('finished_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'lease', 'app': 'models', 'pk_attr': 'name', 'table_description': 'One kind of work, who does it at the moment, and since when it was last done to the end.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RefreshToken',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('session', fields.ForeignKeyField('models.AccountSession', source_field='session_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('nonce', KeyField(generated=False, null=False, unique=False)),
                ('token_hash', KeyField(unique=True, generated=False, null=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('replaced_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('replaced_by', fields.UUIDField(null=True)),
            ],
            options={'table': 'refresh_token', 'app': 'models', 'indexes': [Index(fields=['session_id', 'id'])], 'pk_attr': 'id', 'table_description': "One token of a session's family: good until it is replaced. It is derived from the id and the nonce."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SecondFactor',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('staff', fields.OneToOneField('models.StaffMember', source_field='staff_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('user', fields.OneToOneField('models.PortalUser', source_field='user_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('sealed_secret', fields.TextField(unique=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('confirmed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('last_step', fields.BigIntField(default=0)),
            ],
            options={'table': 'second_factor', 'app': 'models', 'constraints': [CheckConstraint(check='(staff_id IS NULL) <> (user_id IS NULL)', name='second_factor_has_one_account')], 'pk_attr': 'id', 'table_description': "An account's TOTP secret. Enrolled once `confirmed_at` is set; `last_step` is the newest time step that was used."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('factor', fields.ForeignKeyField('models.SecondFactor', source_field='factor_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('code_hash', KeyField(generated=False, null=False, unique=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'recovery_code', 'app': 'models', 'indexes': [Index(fields=['factor_id'])], 'pk_attr': 'id', 'table_description': "One of an account's ten codes for when the second factor is lost; good once."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SignInAttempts',
            fields=[
                ('key', KeyField(primary_key=True, unique=True, db_index=True, generated=False, null=False)),
                ('account_id', fields.UUIDField(null=True)),
                ('failures', fields.IntField()),
                ('last_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'sign_in_attempts', 'app': 'models', 'indexes': [Index(fields=['last_at']), Index(fields=['account_id'])], 'pk_attr': 'key', 'table_description': 'Consecutive wrong passwords of one account from one source. The key is an HMAC: unknown logins have rows as well,'},
            bases=['Model'],
        ),
        ops.AlterModelOptions(
            name='AccountSession',
            options={'table': 'account_session', 'app': 'models', 'constraints': [CheckConstraint(check='(staff_id IS NULL) <> (user_id IS NULL)', name='account_session_has_one_account')], 'indexes': [Index(fields=['user_id']), Index(fields=['staff_id']), Index(fields=['expires_at'])], 'pk_attr': 'id', 'table_description': 'A sign-in; nothing revives one that ended.'},
        ),
        ops.AddField(
            model_name='AccountSession',
            name='last_used_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL("UPDATE account_session SET last_used_at = created_at"),
        ops.AlterField(
            model_name='AccountSession',
            name='last_used_at',
            field=fields.DatetimeField(auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name='AccountSession',
            index=Index(fields=['expires_at']),
        ),
        ops.RemoveIndex(
            model_name='LinkToken',
            name=None,
            fields=['user_id', 'purpose'],
        ),
        ops.AddField(
            model_name='LinkToken',
            name='address',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name='LinkToken',
            name='delivery',
            field=KeyField(null=True, generated=False, unique=False),
        ),
        ops.AddField(
            model_name='LinkToken',
            name='is_trusted',
            field=fields.BooleanField(null=True, default=False),
        ),
        ops.RunSQL("UPDATE link_token SET is_trusted = false"),
        ops.AlterField(
            model_name='LinkToken',
            name='is_trusted',
            field=fields.BooleanField(default=False),
        ),
        ops.AddField(
            model_name='LinkToken',
            name='staff',
            field=fields.ForeignKeyField('models.StaffMember', source_field='staff_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE),
        ),
        ops.AddField(
            model_name='LinkToken',
            name='tries',
            field=fields.IntField(null=True, default=0),
        ),
        ops.RunSQL("UPDATE link_token SET tries = 0"),
        ops.AlterField(
            model_name='LinkToken',
            name='tries',
            field=fields.IntField(default=0),
        ),
        ops.AlterField(
            model_name='LinkToken',
            name='user',
            field=fields.ForeignKeyField('models.PortalUser', source_field='user_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE),
        ),
        ops.AlterModelOptions(
            name='LinkToken',
            options={'table': 'link_token', 'app': 'models', 'constraints': [CheckConstraint(check='(staff_id IS NULL) <> (user_id IS NULL)', name='link_token_has_one_account')], 'indexes': [Index(fields=['user_id', 'purpose', 'id']), Index(fields=['staff_id', 'purpose', 'id']), Index(fields=['expires_at'])], 'pk_attr': 'id', 'table_description': 'One link, code or step of signing in: good until it is used, superseded or past its end.'},
        ),
        ops.AddIndex(
            model_name='LinkToken',
            index=Index(fields=['user_id', 'purpose', 'id']),
        ),
        ops.AddIndex(
            model_name='LinkToken',
            index=Index(fields=['staff_id', 'purpose', 'id']),
        ),
        ops.AddIndex(
            model_name='LinkToken',
            index=Index(fields=['expires_at']),
        ),
        ops.AddConstraint(
            model_name='LinkToken',
            constraint=CheckConstraint(check='(staff_id IS NULL) <> (user_id IS NULL)', name='link_token_has_one_account'),
        ),
        ops.AddField(
            model_name='OutboxMail',
            name='deadline',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='OutboxMail',
            name='staff',
            field=fields.ForeignKeyField('models.StaffMember', source_field='staff_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE),
        ),
        ops.AlterField(
            model_name='OutboxMail',
            name='portal',
            field=fields.ForeignKeyField('models.Portal', source_field='portal_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE),
        ),
        ops.AlterField(
            model_name='OutboxMail',
            name='user',
            field=fields.ForeignKeyField('models.PortalUser', source_field='user_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE),
        ),
        ops.AlterModelOptions(
            name='OutboxMail',
            options={'table': 'outbox_mail', 'app': 'models', 'constraints': [CheckConstraint(check='(staff_id IS NULL) <> (user_id IS NULL)', name='outbox_mail_has_one_account')], 'indexes': [Index(fields=['state', 'due_at', 'id']), Index(fields=['user_id']), Index(fields=['link_id'])], 'pk_attr': 'id', 'table_description': "One mail to a portal's user or to a member of staff, who has no portal."},
        ),
        ops.AddIndex(
            model_name='OutboxMail',
            index=Index(fields=['link_id']),
        ),
        ops.AddConstraint(
            model_name='OutboxMail',
            constraint=CheckConstraint(check='(staff_id IS NULL) <> (user_id IS NULL)', name='outbox_mail_has_one_account'),
        ),
        ops.AddField(
            model_name='PortalUser',
            name='idle_since',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='PortalUser',
            name='password_changed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='PortalUser',
            name='password_is_short',
            field=fields.BooleanField(null=True, default=False),
        ),
        ops.RunSQL("UPDATE portal_user SET password_is_short = false"),
        ops.AlterField(
            model_name='PortalUser',
            name='password_is_short',
            field=fields.BooleanField(default=False),
        ),
        ops.AddField(
            model_name='StaffMember',
            name='mfa_enrolled',
            field=fields.BooleanField(null=True, default=False),
        ),
        ops.RunSQL("UPDATE staff_member SET mfa_enrolled = false"),
        ops.AlterField(
            model_name='StaffMember',
            name='mfa_enrolled',
            field=fields.BooleanField(default=False),
        ),
        ops.AddField(
            model_name='StaffMember',
            name='password_changed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='StaffMember',
            name='password_is_short',
            field=fields.BooleanField(null=True, default=False),
        ),
        ops.RunSQL("UPDATE staff_member SET password_is_short = false"),
        ops.AlterField(
            model_name='StaffMember',
            name='password_is_short',
            field=fields.BooleanField(default=False),
        ),
        # Who was there before counts as idle from the day of the upgrade's last known sign of life.
        ops.RunSQL(
            "UPDATE portal_user SET idle_since = CASE WHEN last_sign_in_at > status_changed_at THEN last_sign_in_at"
            " ELSE status_changed_at END WHERE category = 'ENABLED'"
        ),
        ops.RunSQL("UPDATE portal_user SET password_changed_at = added_at WHERE password_hash IS NOT NULL"),
        ops.RunSQL("UPDATE staff_member SET password_changed_at = added_at WHERE password_hash IS NOT NULL"),
        ops.RunSQL("UPDATE link_token SET delivery = 'EMAIL' WHERE purpose = 'INVITATION'"),
        ops.RunSQL(
            "UPDATE link_token SET address = (SELECT CASE WHEN link_token.purpose = 'VERIFY_EMAIL' THEN u.pending_email"
            " ELSE u.email END FROM portal_user u WHERE u.id = link_token.user_id)"
        ),
    ]
