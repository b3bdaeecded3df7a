"""What implementing bodies have to do because of a list or a grade, and what they did."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Enforcement(models.Model):
    """One measure that one agency has to apply to one subject because of one cause (执行): respond, feed back, lift.

    `cause` is `listing:<id>` or `grade:<model>`. The three checks of R-187 are confirmed with the response.
    """

    class Response(models.TextChoices):
        OPEN = "", _("未响应")
        ACCEPTED = "accepted", _("已执行")
        NOT_APPLICABLE = "not-applicable", _("不适用")

    measure = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    agency = models.CharField(max_length=64)
    subject = models.ForeignKey("registry.Subject", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    cause = models.CharField(max_length=80)
    since = models.DateField()
    respond_by = models.DateField(null=True, blank=True)
    response = models.CharField(max_length=15, choices=Response.choices, blank=True, default="")
    responded_on = models.DateField(null=True, blank=True)
    responded_by = models.CharField(max_length=150, blank=True, default="")
    legal = models.BooleanField(default=False)
    associated = models.BooleanField(default=False)
    proportionate = models.BooleanField(default=False)
    note = models.TextField(blank=True, default="")
    ended_on = models.DateField(null=True, blank=True)
    ended_because = models.CharField(max_length=20, blank=True, default="")
    lift_by = models.DateField(null=True, blank=True)
    lifted_on = models.DateField(null=True, blank=True)
    lifted_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "agency", "subject", "cause"],
                condition=Q(ended_on=None),
                name="one_open_enforcement",
            )
        ]
        indexes = [
            models.Index(fields=["cause"], name="enforcement_by_cause"),
            models.Index(fields=["agency", "response"], name="enforcement_by_agency"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.agency} {self.subject_id}"


class MeasureUse(models.Model):
    """One use of a measure in a matter (奖惩成效): subject, measure, body, day, specific matter (R-191)."""

    measure = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    agency = models.CharField(max_length=64)
    subject = models.ForeignKey("registry.Subject", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    matter = models.CharField(max_length=60)
    detail = models.CharField(max_length=500)
    actor = models.CharField(max_length=150)
    on = models.DateField(db_index=True)

    def __str__(self) -> str:
        return f"{self.on} {self.agency} {self.measure}"
