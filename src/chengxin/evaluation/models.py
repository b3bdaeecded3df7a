"""Runs, the append-only history of grades, and the grade each subject has now (R-148, R-154).

A grade keeps what made it: each indicator's value and points, and the change numbers of the records that counted with
the mask that says for which indicators. With the run's model version, day and feed position it can be made again.
"""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from chengxin.registry.models import Subject


class Run(models.Model):
    """One evaluation by one version of a model: over all subjects (full), or those touched (changes)."""

    model = models.CharField(max_length=60)
    version = models.CharField(max_length=40)
    plan = models.CharField(max_length=32)
    policies = models.CharField(max_length=64)
    day = models.DateField()
    position = models.BigIntegerField()
    kind = models.CharField(max_length=8)
    engine = models.CharField(max_length=8, default="duckdb")
    actor = models.CharField(max_length=150)
    started_at = models.DateTimeField()
    seconds = models.FloatField(null=True, blank=True)
    subjects = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    finished = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["model", "id"], name="run_of_model")]

    def __str__(self) -> str:
        return f"{self.model} {self.version} {self.day} #{self.pk}"


class Grade(models.Model):
    """One grade of one subject, from `day` on until the next row; an empty grade: no longer in the model's scope.

    Rows are only added. A provisional row is a result that waited for its verification when it was found: no grade;
    whatever came of it stands in `Verification` and in a later row. `contributions` is JSON, indicator -> [value,
    points]; `evidence` JSON, [[change, mask], …].
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    model = models.CharField(max_length=60)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    version = models.CharField(max_length=40)
    day = models.DateField()
    grade = models.CharField(max_length=20, blank=True)
    before = models.CharField(max_length=20, blank=True, default="")
    score = models.DecimalField(max_digits=18, decimal_places=4)
    decided_by = models.CharField(max_length=60, blank=True, default="")
    contributions = models.TextField()
    evidence = models.TextField()
    digest = models.CharField(max_length=32)
    provisional = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [models.Index(fields=["subject", "model", "id"], name="grades_of_subject")]

    def __str__(self) -> str:
        return f"{self.model}:{self.subject_id} {self.grade} {self.day}"


class CurrentGrade(models.Model):
    """The grade in effect of a subject under a model. `since` is the day it got this grade, `due` the next on which time
    alone may change it; `rank` 0 is the best grade, -1 none. `digest` is that of the newest result, in effect or waiting.
    """

    model = models.CharField(max_length=60)
    subject = models.ForeignKey(
        Subject, on_delete=models.PROTECT, related_name="grades", db_constraint=False, db_index=False
    )
    entry = models.BigIntegerField()
    grade = models.CharField(max_length=20, blank=True)
    rank = models.IntegerField()
    score = models.DecimalField(max_digits=18, decimal_places=4)
    since = models.DateField()
    due = models.DateField(null=True, blank=True)
    digest = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "model"], name="one_grade_per_model")]
        indexes = [
            models.Index(fields=["model", "due"], name="grade_due", condition=models.Q(due__isnull=False)),
            models.Index(fields=["model", "grade"], name="subjects_of_grade"),
        ]

    def __str__(self) -> str:
        return f"{self.model}:{self.subject_id} {self.grade}"


class Waiting(models.Model):
    """A result that is no grade yet: it waits for `step` of its model's verification; or a grade in effect (`asked_by`
    filled) whose subject has applied for a review. `entry` is the row of the history, `before` the grade in effect then,
    `due` the last day of the step's term; `taken` marks the rows of one decision while it is made.
    """

    model = models.CharField(max_length=60)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    entry = models.BigIntegerField()
    version = models.CharField(max_length=40)
    grade = models.CharField(max_length=20)
    rank = models.IntegerField()
    score = models.DecimalField(max_digits=18, decimal_places=4)
    before = models.CharField(max_length=20, blank=True, default="")
    lowered = models.BooleanField(default=False)
    step = models.CharField(max_length=60)
    since = models.DateField()
    due = models.DateField(null=True, blank=True)
    actor = models.CharField(max_length=150)
    asked_by = models.CharField(max_length=150, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    taken = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "model"], name="one_waiting_per_model")]
        indexes = [models.Index(fields=["model", "step"], name="waiting_for_step")]

    def __str__(self) -> str:
        return f"{self.model}:{self.subject_id} {self.grade} {self.step}"


class Verification(models.Model):
    """One step of one result, as it was taken: by whom, with which outcome and reasons. Rows are only added."""

    class Outcome(models.TextChoices):
        CONFIRM = "confirm", _("核实无误")
        RETURN = "return", _("不予采用")
        CHANGE = "change", _("改定等级")
        ASK = "ask", _("申请复评")

    id = models.BigAutoField(primary_key=True)
    model = models.CharField(max_length=60)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    entry = models.BigIntegerField()
    version = models.CharField(max_length=40)
    step = models.CharField(max_length=60)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    found = models.CharField(max_length=20)
    grade = models.CharField(max_length=20)
    actor = models.CharField(max_length=150)
    reason = models.TextField(blank=True, default="")
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subject", "model", "id"], name="steps_of_subject")]

    def __str__(self) -> str:
        return f"{self.model}:{self.subject_id} {self.step} {self.outcome}"


class Simulation(models.Model):
    """One trial of a draft against today's register (模拟): asked for by a person, run by whoever has time, kept to be read.

    `draft` is the model as JSON; `against` names the version in the packs it is held against. Nothing of it is a grade.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等待运行")
        RUNNING = "running", _("正在计算")
        DONE = "done", _("已完成")
        FAILED = "failed", _("没有完成")

    unit = models.CharField(max_length=64, blank=True, db_index=True)
    model = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    version = models.CharField(max_length=40)
    against = models.CharField(max_length=60, blank=True, default="")
    against_version = models.CharField(max_length=40, blank=True, default="")
    changes = models.JSONField(default=list)
    draft = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    actor = models.CharField(max_length=150)
    asked_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    reason = models.TextField(blank=True, default="")
    result = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    def __str__(self) -> str:
        return f"{self.model} {self.version} #{self.pk}"
