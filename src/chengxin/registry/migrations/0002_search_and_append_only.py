"""The bigram index over names (trials.md section 4), and versions that can only be added."""

from django.db import migrations

SEARCH = {
    "sqlite": ["CREATE VIRTUAL TABLE registry_name_grams USING fts5(grams, content='', detail=none, tokenize='ascii')"],
    "postgresql": [
        "CREATE TABLE registry_name_grams (name_id bigint PRIMARY KEY, grams text[] NOT NULL)",
        "CREATE INDEX registry_name_grams_gin ON registry_name_grams USING gin (grams)",
    ],
}
APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER registry_recordversion_no_{verb.lower()} BEFORE {verb} ON registry_recordversion"
        " BEGIN SELECT RAISE(ABORT, 'registry_recordversion is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION registry_recordversion_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'registry_recordversion is append-only'; END $$",
        "CREATE TRIGGER registry_recordversion_append_only BEFORE UPDATE OR DELETE ON registry_recordversion"
        " FOR EACH STATEMENT EXECUTE FUNCTION registry_recordversion_append_only()",
    ],
}


def make(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in SEARCH[vendor] + APPEND_ONLY[vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
