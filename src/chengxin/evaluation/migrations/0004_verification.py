"""Results that wait for verification, and the steps taken; the history of grades keeps its triggers and gets a column."""

import django.db.models.deletion
from django.db import migrations, models

GRADE, STEPS = "evaluation_grade", "evaluation_verification"
COLUMN = {
    "sqlite": f"ALTER TABLE {GRADE} ADD COLUMN provisional bool DEFAULT 0 NOT NULL",
    "postgresql": f"ALTER TABLE {GRADE} ADD COLUMN provisional boolean DEFAULT false NOT NULL",
}
APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER {STEPS}_no_{verb.lower()} BEFORE {verb} ON {STEPS}"
        f" BEGIN SELECT RAISE(ABORT, '{STEPS} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        f"CREATE FUNCTION {STEPS}_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{STEPS} is append-only'; END $$",
        f"CREATE TRIGGER {STEPS}_append_only BEFORE UPDATE OR DELETE ON {STEPS}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {STEPS}_append_only()",
    ],
}
OUTCOMES = [
    ("confirm", "核实无误"),
    ("return", "不予采用"),
    ("change", "改定等级"),
    ("ask", "申请复评"),
]
SUBJECT = models.ForeignKey(
    db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to="registry.subject"
)


def column(apps, schema_editor):
    # Not AddField: on SQLite that makes the table anew and drops its triggers (0002).
    schema_editor.execute(COLUMN[schema_editor.connection.vendor])


def append_only(apps, schema_editor):
    for statement in APPEND_ONLY[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0003_simulations"), ("registry", "0006_published")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(column, migrations.RunPython.noop)],
            state_operations=[
                migrations.AddField("grade", "provisional", models.BooleanField(db_default=False, default=False))
            ],
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("model", models.CharField(max_length=60)),
                ("entry", models.BigIntegerField()),
                ("version", models.CharField(max_length=40)),
                ("step", models.CharField(max_length=60)),
                ("outcome", models.CharField(choices=OUTCOMES, max_length=8)),
                ("found", models.CharField(max_length=20)),
                ("grade", models.CharField(max_length=20)),
                ("actor", models.CharField(max_length=150)),
                ("reason", models.TextField(blank=True, default="")),
                ("day", models.DateField()),
                ("at", models.DateTimeField()),
                ("subject", SUBJECT),
            ],
            options={"indexes": [models.Index(fields=["subject", "model", "id"], name="steps_of_subject")]},
        ),
        migrations.CreateModel(
            name="Waiting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.CharField(max_length=60)),
                ("entry", models.BigIntegerField()),
                ("version", models.CharField(max_length=40)),
                ("grade", models.CharField(max_length=20)),
                ("rank", models.IntegerField()),
                ("score", models.DecimalField(decimal_places=4, max_digits=18)),
                ("before", models.CharField(blank=True, default="", max_length=20)),
                ("lowered", models.BooleanField(default=False)),
                ("step", models.CharField(max_length=60)),
                ("since", models.DateField()),
                ("due", models.DateField(blank=True, null=True)),
                ("actor", models.CharField(max_length=150)),
                ("asked_by", models.CharField(blank=True, default="", max_length=150)),
                ("reason", models.TextField(blank=True, default="")),
                ("taken", models.CharField(blank=True, default="", max_length=32)),
                ("subject", SUBJECT.clone()),
            ],
            options={
                "indexes": [models.Index(fields=["model", "step"], name="waiting_for_step")],
                "constraints": [models.UniqueConstraint(fields=("subject", "model"), name="one_waiting_per_model")],
            },
        ),
        migrations.RunPython(append_only, migrations.RunPython.noop),
    ]
