"""Plans of random inspection, what was drawn, and who inspects."""

from __future__ import annotations

from django.db import models


class Plan(models.Model):
    """One random inspection for a period: its pool and seed are fixed before the draw, its draw can be run again.

    `pool` is the SHA-256 of the snapshot, `strata` its classes with ratio and size, `facts` what the draw of inspectors
    went by. The seed stays secret until the draw, its two hashes do not.
    """

    policy = models.CharField(max_length=60)
    policy_version = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    department = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(auto_now_add=True)
    seed = models.CharField(max_length=64)
    seed_sha256 = models.CharField(max_length=64)
    seed_sm3 = models.CharField(max_length=64)
    beacon = models.CharField(max_length=200, blank=True, default="")
    pool = models.CharField(max_length=64)
    pool_size = models.IntegerField()
    strata = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    drawn_by = models.CharField(max_length=150, blank=True, default="")
    drawn_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=150, blank=True, default="")
    published_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        """The number by which people call it; it is part of what the draw hashes."""
        return f"P{self.pk:06d}"


class Task(models.Model):
    """One drawn subject of a plan, with its inspectors and what they found (抽查任务)."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="tasks")
    subject = models.ForeignKey("registry.Subject", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    code = models.CharField(max_length=64)
    stratum = models.CharField(max_length=60)
    obliged = models.BooleanField(default=False)
    inspectors = models.JSONField(default=list)
    inspected_on = models.DateField(null=True, blank=True)
    result = models.CharField(max_length=60, blank=True, default="")
    findings = models.TextField(blank=True, default="")
    matters = models.JSONField(default=list)
    entered_by = models.CharField(max_length=150, blank=True, default="")
    batch = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "subject"], name="drawn_once")]
        indexes = [models.Index(fields=["subject", "plan"], name="task_by_subject")]

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.code}"


class TaskPhoto(models.Model):
    """A photo that an inspector attached to the result of a task; the JPEG lies in the evidence store by its hash. One that
    was taken off keeps its row."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="photos")
    sha256 = models.CharField(max_length=64)
    size = models.IntegerField()
    width = models.IntegerField()
    height = models.IntegerField()
    added_by = models.CharField(max_length=150)
    added_at = models.DateTimeField(auto_now_add=True)
    removed_by = models.CharField(max_length=150, blank=True, default="")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="task_photo_by_file")]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.sha256[:12]}"


class Inspector(models.Model):
    """An inspector (执法检查人员) of a department; `employers` are codes of organisations they belong or belonged to.

    `person` is the name under which they sign in, so that their tasks find them; empty for those who never do.
    """

    department = models.CharField(max_length=64)
    number = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    employers = models.JSONField(default=list)
    person = models.CharField(max_length=150, blank=True, default="")
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["department", "number"], name="inspector_once")]

    def __str__(self) -> str:
        return self.number


class Recusal(models.Model):
    """An inspector who must not inspect a subject (回避): a declared interest; the reason is not published."""

    inspector = models.ForeignKey(Inspector, on_delete=models.CASCADE, related_name="recusals")
    code = models.CharField(max_length=64)
    reason = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inspector", "code"], name="recused_once")]

    def __str__(self) -> str:
        return f"{self.inspector_id}: {self.code}"
