"""The tables of the register (R-069 to R-091).

Head and versions are apart: `Record` holds what lists and joins need today, `RecordVersion` every state it ever had,
payload included, so that nothing is stored twice and any past day can be asked for. Foreign keys between bulk tables
carry no database constraint: the set-based merge checks them itself and is 1.4 times faster (trials.md 2.1).
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SubjectKind(models.TextChoices):
    """What a subject (信用主体) is (R-072)."""

    ORGANISATION = "organisation", _("法人和非法人组织")
    INDIVIDUAL_BUSINESS = "individual_business", _("个体工商户")
    NATURAL_PERSON = "natural_person", _("自然人")


class Standing(models.TextChoices):
    """Where a record (信用信息) stands: only the active and the disputed have effects."""

    ACTIVE = "active", _("有效")
    DISPUTED = "disputed", _("异议处理中")
    REPAIRED = "repaired", _("已修复")
    WITHDRAWN = "withdrawn", _("已撤回")
    SHIELDED = "shielded", _("暂停公示（破产重整或和解期间）")
    ARCHIVED = "archived", _("已归档")


class Severity(models.TextChoices):
    """Degree of a dishonest act (失信程度); empty for records that are not adverse."""

    NONE = "", _("—")
    MINOR = "minor", _("轻微")
    GENERAL = "general", _("一般")
    SERIOUS = "serious", _("严重")


class Subject(models.Model):
    """Somebody with a credit record, under its current identifier.

    `code` is the unified social credit code, or the old identifier that `scheme` names where no other is known.
    `provisional` subjects were first seen in somebody's record; only their registration confirms them.
    """

    scheme = models.CharField(max_length=24, default="uscc")
    code = models.CharField(max_length=64, unique=True)
    organisation_code = models.CharField(max_length=9, blank=True, default="")
    kind = models.CharField(max_length=24, choices=SubjectKind.choices)
    name = models.CharField(max_length=300)
    name_key = models.CharField(max_length=300, db_index=True)
    provisional = models.BooleanField(default=True)
    region = models.CharField(max_length=6, blank=True, default="")
    industry = models.CharField(max_length=10, blank=True, default="")
    status = models.CharField(max_length=40, blank=True, default="")
    address = models.CharField(max_length=500, blank=True, default="")
    registered_on = models.DateField(null=True, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation_code"], name="subject_by_organisation_code")]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class Identifier(models.Model):
    """A further or former identifier of a subject: registration number, organisation code, tax number, old code (R-071)."""

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="identifiers", db_constraint=False)
    scheme = models.CharField(max_length=24)
    value = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scheme", "value"], name="one_owner_of_identifier")]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class SubjectName(models.Model):
    """A name of a subject, current or former; the search index is built over these rows in the order of their ids."""

    subject = models.ForeignKey(
        Subject, on_delete=models.CASCADE, related_name="names", db_constraint=False, db_index=False
    )
    name = models.CharField(max_length=300)
    name_key = models.CharField(max_length=300)
    current = models.BooleanField(default=True)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "name_key"], name="one_row_per_name")]

    def __str__(self) -> str:
        return self.name


class Record(models.Model):
    """One fact that one source unit states about one subject under one catalogue item, as it stands now.

    Unique by item, natural key (both are in `key_hash`) and source unit; `variant` is empty but for rows that contradict
    another row of their own file under the same key, and for doubts that were withdrawn, which leave their key to what is
    right. `held` records are in doubt (存疑): stored, seen by both sides, neither published nor shared; `confirmed_hash` is
    the content whose doubt the source unit has settled. `publish` says whether the public may ever see it, `due_on` is the
    next day on which time alone changes something.
    """

    item = models.CharField(max_length=40)
    source = models.CharField(max_length=64)
    key = models.CharField(max_length=1000)
    key_hash = models.CharField(max_length=32)
    variant = models.CharField(max_length=32, blank=True, default="")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="records", db_constraint=False)
    change = models.BigIntegerField()
    number = models.IntegerField(default=1)
    content_hash = models.CharField(max_length=32)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.ACTIVE)
    held = models.BooleanField(default=False)
    confirmed_hash = models.CharField(max_length=32, blank=True, default="")
    severity = models.CharField(max_length=8, choices=Severity.choices, blank=True, default="")
    region = models.CharField(max_length=6, blank=True, default="")
    decided_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    publish = models.BooleanField(default=False)
    public_until = models.DateField(null=True, blank=True)
    repair_from = models.DateField(null=True, blank=True)
    retain_until = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key_hash", "source", "variant"], name="one_record_per_key"),
        ]
        indexes = [
            models.Index(fields=["due_on"], name="record_due", condition=models.Q(due_on__isnull=False)),
            models.Index(fields=["source"], name="record_held", condition=models.Q(held=True)),
            # What everybody may page through, the newest first; the source stands in it so that a filter that fits
            # little is answered without the table.
            models.Index(
                fields=["item", "-decided_on", "-id", "source"],
                name="record_published",
                condition=models.Q(publish=True, held=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}:{self.key}"


class RecordVersion(models.Model):
    """One state of a record; its id is the sequence number of the change feed (变更流).

    Rows are only added. `action` says what happened, `actor`, `batch`, `row`, `case` and `reason` who and why.
    """

    id = models.BigAutoField(primary_key=True)
    record = models.ForeignKey(
        Record, on_delete=models.PROTECT, related_name="versions", db_constraint=False, db_index=False
    )
    number = models.IntegerField()
    action = models.CharField(max_length=16)
    standing = models.CharField(max_length=10, choices=Standing.choices)
    held = models.BooleanField()
    severity = models.CharField(max_length=8, blank=True, default="")
    subject_id_then = models.BigIntegerField()
    payload = models.TextField()
    content_hash = models.CharField(max_length=32)
    item_version = models.CharField(max_length=20)
    batch = models.BigIntegerField(null=True, blank=True)
    row = models.BigIntegerField(null=True, blank=True)
    case = models.CharField(max_length=40, blank=True, default="")
    actor = models.CharField(max_length=150)
    reason = models.CharField(max_length=500, blank=True, default="")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.action}"


class FeedConsumer(models.Model):
    """How far a follower of the change feed has come; what it has acknowledged it will not be told again."""

    name = models.CharField(max_length=40, primary_key=True)
    position = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.name} @ {self.position}"


class Tally(models.Model):
    """How many public records of an item there are by one axis: source, region or month (R-349); for the axis `subjects`
    how many subjects of each kind. All rows are made at once (tallies.py)."""

    axis = models.CharField(max_length=10)
    item = models.CharField(max_length=40, blank=True, default="")
    value = models.CharField(max_length=64)
    count = models.BigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["axis", "item", "value"], name="one_tally_each")]

    def __str__(self) -> str:
        return f"{self.axis} {self.item} {self.value}: {self.count}"
