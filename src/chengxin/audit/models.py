"""The trail and the log that proves it. Rows are only ever added; the database itself refuses to change or delete them,
but for the erasure of what an event said (migrations 0002 and 0004)."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """One act: who, what, to which thing, with what result (G-10, R-082)."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    object = models.CharField(max_length=120)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "object"]),
            models.Index(fields=["actor", "-id"], name="events_of_actor"),
            models.Index(fields=["action", "-id"], name="events_of_action"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.kind} {self.object}"


class Log(models.Model):
    """The one log of an installation: its name, and the hash its tree is made of (a key of `merkle.SUITES`)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    origin = models.CharField(max_length=100)
    suite = models.CharField(max_length=10)

    def __str__(self) -> str:
        return self.origin


class LogKey(models.Model):
    """A key that signs checkpoints of trees larger than `since`, and no larger than `until` once it is retired."""

    number = models.IntegerField(primary_key=True)
    algorithm = models.CharField(max_length=20)
    public = models.BinaryField()
    since = models.BigIntegerField()
    until = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.algorithm} #{self.number}"


class Leaf(models.Model):
    """One leaf of the tree: a salted commitment to one row of a source (`audit.sources`).

    `salt` is 16 bytes for what may be opened and 16 for the rest; without it the commitment says nothing about the row,
    and it is all that is left after an erasure. `note` is what was true when it was sealed and the row does not say.
    """

    index = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=8)
    ref = models.BigIntegerField()
    salt = models.BinaryField(null=True)
    note = models.CharField(max_length=60, blank=True, default="")
    commitment = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "ref"], name="sealed_once")]

    def __str__(self) -> str:
        return f"#{self.index} {self.kind} {self.ref}"


class Tile(models.Model):
    """256 neighbouring hashes of one level of the tree, and the hash over them; level 0 holds leaf hashes, level 1 the
    `root`s of tiles of level 0, and so on. Only full tiles are kept: the rest is worked out from the leaves."""

    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()
    root = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="one_tile")]

    def __str__(self) -> str:
        return f"tile {self.level}/{self.index}"


class Checkpoint(models.Model):
    """A signed statement that the tree of `size` leaves has this root; `note` is the whole text with its signatures."""

    id = models.BigIntegerField(primary_key=True)
    size = models.BigIntegerField(unique=True)
    root = models.BinaryField()
    at = models.DateTimeField()
    note = models.TextField()

    def __str__(self) -> str:
        return f"checkpoint {self.size}"


class Erasure(models.Model):
    """That the salt of a leaf was destroyed, and what an event said with it; the event `log.erase` says why and by whom."""

    leaf = models.OneToOneField(Leaf, on_delete=models.PROTECT, primary_key=True, db_constraint=False)
    event = models.BigIntegerField()

    def __str__(self) -> str:
        return f"leaf {self.leaf_id} erased"


class Shape(models.Model):
    """Which fields of an item the public saw without mask when its records were sealed."""

    item = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    fields = models.JSONField()
    digest = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"{self.item} {self.version}"


class Witness(models.Model):
    """How far a witness has been told: the size of the newest checkpoint it has taken, and the last trouble with it."""

    address = models.CharField(primary_key=True, max_length=300)
    size = models.BigIntegerField(default=0)
    told_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.address} @ {self.size}"


class Look(models.Model):
    """One look at what is not public: who, for whom, on which basis, why, what of it, with what result (R-093, G-10).

    The subject sees these rows in its own space. They are kept for the time that policy sets, then deleted; the event
    `look` in the trail holds the number of the row and nothing that names the subject.
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.CharField(max_length=150)
    for_whom = models.CharField(max_length=64, blank=True, default="")
    subject = models.CharField(max_length=64)
    audience = models.CharField(max_length=12)
    basis = models.CharField(max_length=100)
    purpose = models.CharField(max_length=200)
    items = models.JSONField(default=list)
    fields = models.JSONField(default=list)
    records = models.IntegerField(default=0)
    refused = models.CharField(max_length=200, blank=True, default="")
    case = models.CharField(max_length=40, blank=True, default="", db_default="")
    """The number of the matter that the look belongs to: while its subject is not told of the matter, neither is it of this."""

    class Meta:
        indexes = [models.Index(fields=["subject", "-at"], name="looks_at_subject")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.subject}"
