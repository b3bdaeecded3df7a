"""A timeline is only ever added to: the database itself refuses to change or delete its rows, as it does the trail's."""

from importlib import import_module

from django.db import migrations

TABLE = "cases_caseevent"


def forbid(apps, schema_editor):
    statements = import_module("chengxin.audit.migrations.0002_append_only").statements
    for statement in statements(schema_editor.connection.vendor, TABLE):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("audit", "0002_append_only")]
    operations = [migrations.RunPython(forbid, migrations.RunPython.noop)]
