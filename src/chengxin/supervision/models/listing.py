"""Entries of lists, what they rest on, and every step they took."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ListingState(models.TextChoices):
    """Where an entry of a list stands (R-170)."""

    PROPOSED = "proposed", _("已提出")
    NOTIFIED = "notified", _("已告知")
    HEARD = "heard", _("已听证")
    ANNOUNCED = "announced", _("公示征求意见中")
    VERIFIED = "verified", _("异议已核实")
    REVIEWED = "reviewed", _("已审核")
    DECIDED = "decided", _("已决定列入")
    SERVED = "served", _("已送达")
    LISTED = "listed", _("在名单中")
    REFUSED = "refused", _("决定不列入")
    EXITED = "exited", _("已移出")
    REVOKED = "revoked", _("列入有误，已撤销")


class Ending(models.TextChoices):
    """How an entry ended."""

    NONE = "", _("—")
    EXPIRED = "expired", _("期满移出")
    EARLY = "early", _("提前移出")
    REPAIRED = "repaired", _("所依据的信息已修复")
    REMOVED = "removed", _("原决定机关已移出")
    WRONG = "wrong", _("列入有误")
    REFUSED = "refused", _("决定不列入")


class Listing(models.Model):
    """A subject on a list, or on its way there (名单条目): under the version of the list of the day it was proposed.

    It has effects from `listed_on` until `ended_on` or the last day of its term, whichever comes first. `record` is the
    register's record that it mirrors, for a list decided elsewhere; `entered` the record it has become, for a list
    decided here whose pack says so, and `owed` that the register has yet to be told of its last change.
    """

    list = models.CharField(max_length=60)
    list_version = models.CharField(max_length=20)
    effect = models.CharField(max_length=10)
    department = models.CharField(max_length=64)
    subject = models.ForeignKey("registry.Subject", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    state = models.CharField(max_length=10, choices=ListingState.choices, default=ListingState.PROPOSED)
    criterion = models.CharField(max_length=60, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    record = models.BigIntegerField(null=True, blank=True)
    proposed_on = models.DateField()
    listed_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    ending = models.CharField(max_length=10, choices=Ending.choices, blank=True, default="")
    published_on = models.DateField(null=True, blank=True)
    entered = models.BigIntegerField(null=True, blank=True)
    owed = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["list", "subject"], condition=Q(ended_on=None, record=None), name="one_open_listing"
            ),
            models.UniqueConstraint(
                fields=["list", "record"], condition=Q(ended_on=None), name="one_listing_per_record"
            ),
        ]
        indexes = [
            models.Index(fields=["subject"], name="listing_open", condition=Q(ended_on=None)),
            models.Index(fields=["list", "state"], name="listing_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.list} {self.subject_id}"

    @property
    def number(self) -> str:
        """The number by which people call it."""
        return f"L{self.pk:06d}"

    def holds(self, day: date) -> bool:
        """Whether it has effects on that day."""
        if self.listed_on is None or day < self.listed_on:
            return False
        return (self.ended_on is None or day < self.ended_on) and (self.expires_on is None or day <= self.expires_on)


class ListingGround(models.Model):
    """A record on which a listing rests; when all of them are repaired or withdrawn, so is the listing."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="grounds")
    record = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["listing", "record"], name="ground_once")]

    def __str__(self) -> str:
        return f"{self.listing_id}: {self.record}"


class ListingStep(models.Model):
    """One step of a listing: who, when, by which document, with which deadline; rows are only added."""

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=14)
    actor = models.CharField(max_length=150)
    on = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(max_length=20, blank=True, default="")
    until = models.DateField(null=True, blank=True)
    calendar = models.CharField(max_length=40, blank=True, default="")
    document = models.CharField(max_length=100, blank=True, default="")
    text = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"{self.listing_id} {self.kind} {self.on}"
