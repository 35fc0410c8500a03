from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor import BaseSchemaEditor


async def fail_half_way(_apps: object, editor: BaseSchemaEditor) -> None:
    await editor.client.execute_script("CREATE TABLE half (id INT); INSERT INTO half VALUES (1)")
    raise ZeroDivisionError


class Migration(migrations.Migration):
    dependencies = [("models", "0001_one_table")]

    operations = [ops.RunPython(fail_half_way)]
