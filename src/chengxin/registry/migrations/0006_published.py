"""Paging through what is published, tallies of it, and initials in the index of names (R-102, R-339, R-349)."""

from django.db import migrations, models

EMPTY = {
    "sqlite": [
        "DROP TABLE registry_name_grams",
        "CREATE VIRTUAL TABLE registry_name_grams USING fts5(grams, content='', detail=none, tokenize='ascii')",
    ],
    "postgresql": ["TRUNCATE registry_name_grams"],
}


def index_anew(apps, schema_editor):
    """The next worker, or the next merge, fills the index from the first name on."""
    for statement in EMPTY[schema_editor.connection.vendor]:
        schema_editor.execute(statement)
    apps.get_model("registry", "FeedConsumer").objects.filter(name="search").update(position=0)


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_covered_indexes")]
    operations = [
        migrations.AddIndex(
            model_name="record",
            index=models.Index(
                condition=models.Q(("held", False), ("publish", True)),
                fields=["item", "-decided_on", "-id", "source"],
                name="record_published",
            ),
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("axis", models.CharField(max_length=10)),
                ("item", models.CharField(blank=True, default="", max_length=40)),
                ("value", models.CharField(max_length=64)),
                ("count", models.BigIntegerField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="tally",
            constraint=models.UniqueConstraint(fields=("axis", "item", "value"), name="one_tally_each"),
        ),
        migrations.RunPython(index_anew, migrations.RunPython.noop),
    ]
