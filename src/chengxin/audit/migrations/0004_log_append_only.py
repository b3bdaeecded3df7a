"""Leaves, tiles and checkpoints are only ever added; events and leaves may only lose what an erasure takes from them."""

from django.db import migrations

ONLY_ADDED = ("audit_tile", "audit_checkpoint", "audit_erasure")
ERASABLE = {
    "audit_event": (
        "NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.action = OLD.action AND NEW.actor = '' AND NEW.object = ''"
        " AND NEW.kind = '' AND EXISTS (SELECT 1 FROM audit_erasure e JOIN audit_leaf l ON l.\"index\" = e.leaf_id"
        " WHERE l.kind = 'event' AND l.ref = OLD.id)"
    ),
    "audit_leaf": (
        'NEW."index" = OLD."index" AND NEW.kind = OLD.kind AND NEW.ref = OLD.ref AND NEW.note = OLD.note'
        ' AND NEW."commitment" = OLD."commitment" AND NEW.salt IS NULL'
        ' AND EXISTS (SELECT 1 FROM audit_erasure e WHERE e.leaf_id = OLD."index")'
    ),
}


def forbid(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in [s for t in ONLY_ADDED for s in only_added(vendor, t)]:
        schema_editor.execute(statement)
    for table, allowed in ERASABLE.items():
        for statement in erasable(vendor, table, allowed):
            schema_editor.execute(statement)


def only_added(vendor, table):
    if vendor == "postgresql":
        return [
            f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
        ]
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def erasable(vendor, table, allowed):
    """Like the above, but for an update that only erases; the tables' earlier triggers give way to these."""
    if vendor == "postgresql":
        return [
            f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}",
            f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
            f"CREATE TRIGGER {table}_append_only BEFORE DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
            f"CREATE FUNCTION {table}_only_erased() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF NOT coalesce(({allowed}), false) THEN"
            f" RAISE EXCEPTION '{table} is append-only'; END IF; RETURN NEW; END $$",
            f"CREATE TRIGGER {table}_only_erased BEFORE UPDATE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_only_erased()",
        ]
    return [
        f"DROP TRIGGER IF EXISTS {table}_no_update",
        f"DROP TRIGGER IF EXISTS {table}_no_delete",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN NOT coalesce(({allowed}), 0)"
        f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    ]


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_log")]
    operations = [migrations.RunPython(forbid, migrations.RunPython.noop)]
