"""The tables of collection: a batch and how it came out (R-024, R-031, R-044)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a batch (批次) stands; `collection.states` has the sentence that says what to do next."""

    RECEIVED = "received", _("已接收，等待校验")
    CHECKING = "checking", _("正在校验")
    CHECKED = "checked", _("校验完成，等待审核放行")
    RELEASED = "released", _("已放行，等待入库")
    MERGING = "merging", _("正在入库")
    STORED = "stored", _("已入库")
    REFUSED = "refused", _("整批退回")
    RETURNED = "returned", _("审核退回")
    WITHDRAWN = "withdrawn", _("已撤回")
    WAITING = "waiting", _("系统故障，等待运行人员处理")


class Batch(models.Model):
    """One file of one source unit for one item: evidence, check, release, outcome.

    Nothing of it is in the register before it is released by somebody other than who submitted it (R-024).
    """

    item = models.CharField(max_length=40)
    item_version = models.CharField(max_length=20, blank=True, default="")
    rules_digest = models.CharField(max_length=64, blank=True, default="")
    source = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="batches")
    channel = models.CharField(max_length=10)
    idempotency_key = models.CharField(max_length=100, blank=True, default="")
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVED)
    submitted_by = models.CharField(max_length=150)
    released_by = models.CharField(max_length=150, blank=True, default="")
    submitted_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    stored_at = models.DateTimeField(null=True, blank=True)
    month = models.CharField(max_length=7)

    file_name = models.CharField(max_length=255)
    file_sha256 = models.CharField(max_length=64)
    file_size = models.BigIntegerField()
    file_gone_on = models.DateField(null=True, blank=True)
    """When the file was deleted because its term was over; hash, size and receipt stay."""
    file_format = models.CharField(max_length=10, blank=True, default="")
    file_encoding = models.CharField(max_length=20, blank=True, default="")
    headings = models.JSONField(default=dict)

    rows_done = models.BigIntegerField(default=0)
    received = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    doubtful = models.BigIntegerField(default=0)
    warned = models.BigIntegerField(default=0)
    repeated = models.BigIntegerField(default=0)
    late = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    faults = models.JSONField(default=list)
    judged = models.JSONField(default=list)
    first_change = models.BigIntegerField(null=True, blank=True)
    last_change = models.BigIntegerField(null=True, blank=True)
    seconds = models.FloatField(default=0)

    mends = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="mended_by")
    """The batch some rows of which this one states anew, corrected; that one is left as it is (R-031, R-057)."""
    mended_rows = models.JSONField(default=list)
    """Their row numbers in the file of `mends`, in the order of this batch's rows."""

    reason = models.TextField(blank=True, default="")
    reason_en = models.TextField(blank=True, default="")
    lease = models.CharField(max_length=80, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "idempotency_key"],
                condition=~models.Q(idempotency_key=""),
                name="one_batch_per_idempotency_key",
            )
        ]
        indexes = [models.Index(fields=["state"]), models.Index(fields=["month", "source"])]

    def __str__(self) -> str:
        return f"{self.number} {self.item} {self.source_id}"

    @property
    def number(self) -> str:
        """The number by which people call it: day and running number."""
        return f"{self.month.replace('-', '')}-{self.pk:06d}"

    @property
    def stored(self) -> int:
        """Rows of this batch that are in the register, whether they changed it or not."""
        return self.created + self.updated + self.unchanged


class Reminder(models.Model):
    """A task to a source unit: report what is missing, late or faulty, or say why not (R-047, R-048, R-060).

    `level` is a reminder (催报) or a supervised matter (督办). What the unit says stays; who asked decides whether it is
    enough.
    """

    class Level(models.TextChoices):
        REMIND = "remind", _("催报")
        SUPERVISE = "supervise", _("督办")

    class State(models.TextChoices):
        OPEN = "open", _("等待回复")
        ANSWERED = "answered", _("已回复，等待确认")
        CLOSED = "closed", _("已办结")

    month = models.CharField(max_length=7)
    source = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="reminders")
    item = models.CharField(max_length=40)
    defect = models.CharField(max_length=10)
    reason = models.TextField()
    reason_en = models.TextField(blank=True, default="")
    level = models.CharField(max_length=10, choices=Level.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField(auto_now_add=True)
    answer_by = models.DateField()
    remark = models.TextField(blank=True, default="")
    outcome = models.CharField(max_length=10, blank=True, default="")
    answer = models.TextField(blank=True, default="")
    answered_by = models.CharField(max_length=150, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=150, blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "source", "item", "defect", "level"], name="one_reminder")
        ]
        indexes = [models.Index(fields=["state", "source"])]

    def __str__(self) -> str:
        return f"{self.month} {self.source_id} {self.item} {self.defect}"


class Bulletin(models.Model):
    """The monthly bulletin (月通报): one snapshot of figures, let out by somebody other than who drew it up (R-054, R-061,
    R-068, R-349). Until then it can be drawn up anew; afterwards it never changes."""

    month = models.CharField(max_length=7, unique=True)
    snapshot = models.TextField()
    sha256 = models.CharField(max_length=64)
    foreword = models.TextField(blank=True, default="")
    prepared_by = models.CharField(max_length=150)
    prepared_at = models.DateTimeField()
    published_by = models.CharField(max_length=150, blank=True, default="")
    published_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.month
