"""The tables of reports. A report is never changed once it is issued; its PDF lies in the evidence store."""

from __future__ import annotations

from django.db import models


class Series(models.Model):
    """The last number given out of a series: the word of a template and a year."""

    name = models.CharField(max_length=40, primary_key=True)
    last = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"


class ReportKey(models.Model):
    """A public key that reports are sealed with; the private one lies in a file of CHENGXIN_HOME (`keys.py`)."""

    algorithm = models.CharField(max_length=20)
    number = models.IntegerField()
    fingerprint = models.CharField(max_length=64, unique=True)
    public = models.BinaryField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["algorithm", "number"], name="one_report_key")]

    def __str__(self) -> str:
        return f"{self.algorithm} {self.number}"


class Report(models.Model):
    """One issued report (出具记录). `snapshot` is the canonical JSON that everything is made from, `seal` what was signed
    with its signatures; `choices` says what was asked, so that a newer report of the same is known to replace it."""

    number = models.CharField(max_length=20, unique=True)
    code = models.CharField(max_length=12)
    template = models.CharField(max_length=60)
    template_version = models.CharField(max_length=20)
    subject_code = models.CharField(max_length=64, blank=True, default="")
    subject_name = models.CharField(max_length=300, blank=True, default="")
    personal = models.BooleanField(default=False)
    day = models.DateField()
    valid_until = models.DateField()
    language = models.CharField(max_length=2, default="zh")
    choices = models.CharField(max_length=64)
    purpose = models.CharField(max_length=200, blank=True, default="")
    authorisation = models.CharField(max_length=200, blank=True, default="")
    asked_as = models.CharField(max_length=10)
    issued_by = models.CharField(max_length=150)
    issued_at = models.DateTimeField()
    feed_position = models.BigIntegerField()
    snapshot = models.TextField()
    seal = models.TextField()
    pdf_sha256 = models.CharField(max_length=64)
    unprintable = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["subject_code", "-id"], name="report_of_subject"),
            models.Index(fields=["pdf_sha256"], name="report_by_pdf"),
        ]

    def __str__(self) -> str:
        return self.number


class Order(models.Model):
    """Many reports asked for at once (批量出具): `done` and `failed` are counted while the work goes on.

    `lease_until` is how long whoever is at it holds it; `by_operator` orders come from the machine's own command line.
    """

    template = models.CharField(max_length=60)
    purpose = models.CharField(max_length=200, blank=True, default="")
    authorisation = models.CharField(max_length=200, blank=True, default="")
    language = models.CharField(max_length=2, default="zh")
    ordered_by = models.CharField(max_length=150)
    ordered_at = models.DateTimeField()
    total = models.IntegerField()
    done = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    by_operator = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"order {self.pk}: {self.done + self.failed} of {self.total}"


class OrderLine(models.Model):
    """One subject of an order: its report, or why there is none."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    place = models.IntegerField()
    subject_code = models.CharField(max_length=64)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, related_name="+")
    problem = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "place"], name="one_line_per_place")]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.place}"
