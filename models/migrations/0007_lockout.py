from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0006_keys_by_idna_and_search')]

    initial = False

    # A lock that had no end keeps none: its user was told to wait for an admin. From now on locks end after 15 minutes.
    _LOCKED_FOR_GOOD = (
        "(status = 'LOCKED_OUT' AND portal_id IN (SELECT p.id FROM portal p WHERE p.lockout_minutes IS NULL))"
    )
    operations = [
        ops.AddField(
            model_name='PortalUser',
            name='locked_for_good',
            field=fields.BooleanField(null=True, default=False),
        ),
        ops.RunSQL("UPDATE portal_user SET locked_for_good = " + _LOCKED_FOR_GOOD),
        ops.AlterField(
            model_name='PortalUser',
            name='locked_for_good',
            field=fields.BooleanField(default=False),
        ),
        ops.RunSQL("UPDATE portal SET lockout_minutes = 15 WHERE lockout_minutes IS NULL"),
        ops.AlterModelOptions(
            name='SignInAttempts',
            options={'table': 'sign_in_attempts', 'app': 'models', 'indexes': [Index(fields=['last_at']), Index(fields=['account_id'])], 'pk_attr': 'key', 'table_description': 'Attempts to prove one thing for one account from one source. The key is an HMAC: unknown logins have rows as well,'},
        ),
        ops.AddField(
            model_name='SignInAttempts',
            name='failed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL("UPDATE sign_in_attempts SET failed_at = last_at"),
        # Earlier failures were not told from attempts that were lost, and none is the last hundred in a row for sure.
        ops.AddField(
            model_name='SignInAttempts',
            name='in_a_row',
            field=fields.IntField(null=True, default=0),
        ),
        ops.RunSQL("UPDATE sign_in_attempts SET in_a_row = 0"),
        ops.AlterField(
            model_name='SignInAttempts',
            name='in_a_row',
            field=fields.IntField(default=0),
        ),
        ops.AddField(
            model_name='SignInAttempts',
            name='owner_told',
            field=fields.BooleanField(null=True, default=False),
        ),
        ops.RunSQL("UPDATE sign_in_attempts SET owner_told = false"),
        ops.AlterField(
            model_name='SignInAttempts',
            name='owner_told',
            field=fields.BooleanField(default=False),
        ),
        ops.AddField(
            model_name='SignInAttempts',
            name='pending',
            field=fields.IntField(null=True, default=0),
        ),
        ops.RunSQL("UPDATE sign_in_attempts SET pending = 0"),
        ops.AlterField(
            model_name='SignInAttempts',
            name='pending',
            field=fields.IntField(default=0),
        ),
    ]
