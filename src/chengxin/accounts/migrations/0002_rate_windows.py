"""Counters of requests (accounts.limits). PostgreSQL only: on SQLite they are a file of their own."""

from django.db import migrations


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE UNLOGGED TABLE accounts_rate_window"
            " (bucket varchar(32) PRIMARY KEY, ends bigint NOT NULL, hits integer NOT NULL) WITH (fillfactor = 50)"
        )


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TABLE accounts_rate_window")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
