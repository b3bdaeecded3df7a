"""Two indexes that a unique constraint beginning with the same column covers; a merge no longer keeps them up.

Altering the fields would remake the tables on SQLite and lose the triggers that keep versions append-only.
"""

import django.db.models.deletion
from django.db import migrations, models

INDEXES = {
    "registry_recordversion_record_id_898dfb0c": ("registry_recordversion", "record_id"),
    "registry_subjectname_subject_id_924de171": ("registry_subjectname", "subject_id"),
}


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_shielded")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(f"DROP INDEX IF EXISTS {name}", f"CREATE INDEX {name} ON {table} ({column})")
                for name, (table, column) in INDEXES.items()
            ],
            state_operations=[
                migrations.AlterField(
                    "recordversion",
                    "record",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="registry.record",
                    ),
                ),
                migrations.AlterField(
                    "subjectname",
                    "subject",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="registry.subject",
                    ),
                ),
            ],
        )
    ]
