"""The tables of the cases room (W-09, W-10, W-17 to W-21): a case, its timeline, terms, evidence, letters and reminders."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

UNITS = 64
"""Length of an organisation's id."""


class Case(models.Model):
    """One case (办件) under one version of one procedure of the packs.

    `moves` grows by one with every step: whoever acts on an older number is told the new state. `marked` says that the
    record carries the mark of dispute because of this case; `entered` is the record that the case itself wrote.
    """

    number = models.CharField(max_length=40, unique=True)
    procedure = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    state = models.CharField(max_length=60)
    outcome = models.CharField(max_length=12, blank=True, default="")
    moves = models.IntegerField(default=0)
    record = models.ForeignKey("registry.Record", null=True, blank=True, on_delete=models.PROTECT, related_name="cases")
    entered = models.ForeignKey(
        "registry.Record", null=True, blank=True, on_delete=models.PROTECT, related_name="entered_by"
    )
    marked = models.BooleanField(default=False)
    subject_code = models.CharField(max_length=64, blank=True, default="")
    subject_name = models.CharField(max_length=300, blank=True, default="")
    applicant = models.CharField(max_length=UNITS, blank=True, default="")
    opened_by = models.CharField(max_length=150)
    source = models.CharField(max_length=UNITS, blank=True, default="")
    handler = models.CharField(max_length=UNITS)
    assigned = models.CharField(max_length=UNITS, blank=True, default="")
    form = models.JSONField(default=dict)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="followed_by")
    key = models.CharField(max_length=100, blank=True, default="")
    packs = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "record"],
                condition=Q(closed_on__isnull=True, record__isnull=False),
                name="one_open_case_per_record",
            ),
            models.UniqueConstraint(fields=["opened_by", "key"], condition=~Q(key=""), name="one_case_per_key"),
        ]
        indexes = [models.Index(fields=["procedure", "state"]), models.Index(fields=["subject_code"])]

    def __str__(self) -> str:
        return f"{self.number} {self.procedure} {self.state}"


class CaseEvent(models.Model):
    """One line of a case's timeline. Rows are only ever added; the database refuses to change them (first migration).

    `kind`: step, attachment, letter, term (a clock started, stood still, went on or stopped), calendar (a term moved because
    the calendar changed), reminder, escalation, delivery, note.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    number = models.IntegerField()
    at = models.DateTimeField(auto_now_add=True)
    day = models.DateField()
    kind = models.CharField(max_length=12)
    step = models.CharField(max_length=60, blank=True, default="")
    before = models.CharField(max_length=60, blank=True, default="")
    after = models.CharField(max_length=60, blank=True, default="")
    actor = models.CharField(max_length=150)
    party = models.BooleanField(default=False)
    reason = models.TextField(blank=True, default="")
    key = models.CharField(max_length=100, blank=True, default="")
    detail = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="one_event_per_number"),
            models.UniqueConstraint(fields=["case", "key"], condition=~Q(key=""), name="one_event_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}.{self.number} {self.kind} {self.step}"


class Term(models.Model):
    """One run of a clock (期限): from when, to which day by which calendar, when it stood still.

    `due_on` is empty where the calendar ends before the term does; `next_on` is the next day on which time alone changes
    something, empty when nothing is left to do.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="terms")
    clock = models.CharField(max_length=60)
    run = models.IntegerField(default=1)
    started_on = models.DateField()
    working_days = models.IntegerField(null=True, blank=True)
    extended = models.IntegerField(default=0)
    due_on = models.DateField(null=True, blank=True)
    calendar = models.CharField(max_length=40, blank=True, default="")
    stood_still = models.JSONField(default=list)
    """Spans [first day, last day] of suspension; the last day of the one that lasts is null."""
    stopped_on = models.DateField(null=True, blank=True)
    next_on = models.DateField(null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True)
    escalated_on = models.DateField(null=True, blank=True)
    dunned = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "clock", "run"], name="one_term_per_run")]
        indexes = [models.Index(fields=["next_on"], name="term_next", condition=Q(next_on__isnull=False))]

    def __str__(self) -> str:
        return f"{self.case_id} {self.clock} → {self.due_on}"

    @property
    def suspended(self) -> bool:
        return bool(self.stood_still) and self.stood_still[-1][1] is None


class Attachment(models.Model):
    """A piece of evidence (材料): kept by its hash, its type found by content, scanned before it is taken."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="attachments")
    material = models.CharField(max_length=60)
    file_name = models.CharField(max_length=255)
    media = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    added_by = models.CharField(max_length=150)
    added_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.file_name} ({self.sha256[:8]})"


class Series(models.Model):
    """The last number given out in a series, such as a procedure's letters of a year; numbers have no gaps."""

    name = models.CharField(max_length=100, primary_key=True)
    last = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.name} {self.last}"


class Letter(models.Model):
    """A letter (文书) as it was made out; its text stays, the PDF is set from it (letters.pdf)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="letters")
    letter = models.CharField(max_length=60)
    number = models.CharField(max_length=40, unique=True)
    day = models.DateField()
    to_name = models.CharField(max_length=300)
    from_name = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    text = models.TextField()
    text_en = models.TextField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Notice(models.Model):
    """A reminder, dunning or supervision (提醒、催办、督办) that people of an organisation in a role have to see."""

    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="notices")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=12)
    count = models.IntegerField(default=1)
    role = models.CharField(max_length=20)
    organisation = models.CharField(max_length=UNITS)
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["term", "kind", "count"], name="one_notice_each")]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id} {self.day}"


class Receiver(models.Model):
    """Where a receiver of the packs can be reached here: a folder, or an address that takes JSON by POST."""

    id = models.SlugField(primary_key=True, max_length=60)
    channel = models.CharField(max_length=8, default="folder")
    address = models.CharField(max_length=500, blank=True, default="")
    paused = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.id


class Delivery(models.Model):
    """One change of a record on its way to one receiver, until it is acknowledged (R-237)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待送达")
        SENT = "sent", _("已送达，等待回执")
        ACKNOWLEDGED = "acknowledged", _("已回执")
        REFUSED = "refused", _("对方拒收")

    receiver = models.CharField(max_length=60)
    change = models.BigIntegerField()
    record_id = models.BigIntegerField()
    case_number = models.CharField(max_length=40, blank=True, default="")
    message = models.JSONField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    made_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    attempts = models.IntegerField(default=0)
    next_try = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True, default="")
    acknowledged_on = models.DateField(null=True, blank=True)
    receipt = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["receiver", "change"], name="one_delivery_per_change")]
        indexes = [models.Index(fields=["state", "next_try"]), models.Index(fields=["case_number"])]

    def __str__(self) -> str:
        return f"#{self.change} → {self.receiver} {self.state}"

    @property
    def late(self) -> bool:
        return bool(self.due_on and self.acknowledged_on and self.acknowledged_on > self.due_on)


class Sample(models.Model):
    """A closed case drawn for checking whether its reviews were right (初审复审核查, R-228)."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="sample")
    drawn_on = models.DateField()
    drawn_by = models.CharField(max_length=150)
    wrong_step = models.CharField(max_length=60, blank=True, default="")
    judged_by = models.CharField(max_length=150, blank=True, default="")
    judged_on = models.DateField(null=True, blank=True)
    finding = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"{self.case_id} {'✗' if self.wrong_step else '✓'}"


class Publication(models.Model):
    """A piece of content that a second person has let through (R-340, G-16); shown from and until a day."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="publication")
    column = models.CharField(max_length=100)
    title = models.CharField(max_length=300)
    body = models.TextField()
    published_on = models.DateField()
    until = models.DateField(null=True, blank=True)
    retracted_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.title
