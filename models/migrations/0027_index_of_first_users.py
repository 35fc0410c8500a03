from tortoise import migrations
from tortoise.migrations import operations as ops

from models.db.partial_indexes import PartialIndex


class Migration(migrations.Migration):
    dependencies = [('models', '0026_hash_chains_of_the_audit_log')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='BulkOutcome',
            index=PartialIndex(fields=['user_id'], name='bulk_outcome_first_user', where='position = 0'),
        ),
    ]
