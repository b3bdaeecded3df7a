"""Verbs of collection: submit, release, return, withdraw. Whoever submits cannot release (R-024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Organisation
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import Denied, require
from chengxin.audit.actions import record as trace
from chengxin.collection import evidence
from chengxin.collection.models import Batch, State
from chengxin.registry.actions import Because, NotPossible, settle_doubt
from chengxin.registry.models import Record
from chengxin.registry.packs import policies


class NotAccepted(Refusal):
    """The submission cannot even become a batch; the text says why and what to do."""


class KeyReused(NotAccepted):
    """The idempotency key already stands for a batch with another file or item."""


class WrongState(Refusal):
    """The batch does not stand where this verb can take it; the text says where it stands."""


@dataclass(frozen=True)
class Submission:
    """A file on its way in: for which item and source unit, by which channel (`cli`, `page`, `api`)."""

    item: str
    source: str
    file_name: str
    channel: str
    idempotency_key: str = ""


def submit(actor: Actor, submission: Submission, file: BinaryIO) -> Batch:
    """Keep the file as evidence and open a batch for it; the check runs afterwards (`jobs.run`).

    The same idempotency key of the same source unit gives the same batch again; with another file it is refused.
    Raises `Denied`, `NotAccepted` and its kind `KeyReused`.
    """
    return submit_once(actor, submission, file)[0]


def submit_once(actor: Actor, submission: Submission, file: BinaryIO) -> tuple[Batch, bool]:
    """`submit`, and whether a batch was opened; False when the idempotency key had opened it before."""
    require(actor, "batch.submit", submission.source)
    within(actor, submission.item)
    _entitled(submission)
    day = timezone.localdate()
    kept = evidence.keep(file, term=evidence.term_of(policies().item(submission.item, day), day))
    if submission.idempotency_key:
        earlier = Batch.objects.filter(source_id=submission.source, idempotency_key=submission.idempotency_key).first()
        if earlier is not None:
            return _same(earlier, submission, kept), False
    try:
        with transaction.atomic():
            return _open(actor, submission, kept), True
    except IntegrityError:
        if not submission.idempotency_key:
            raise
        earlier = Batch.objects.get(source_id=submission.source, idempotency_key=submission.idempotency_key)
        return _same(earlier, submission, kept), False


def release(actor: Actor, batch: Batch) -> Batch:
    """Let a checked batch into the register; the merge runs afterwards. Raises `Denied` and `WrongState`."""
    require(actor, "batch.release", batch)
    return _move(batch, actor, State.CHECKED, State.RELEASED, released_by=actor.name, released_at=timezone.now())


def give_back(actor: Actor, batch: Batch, reason: str) -> Batch:
    """The auditor does not let the batch in and says why."""
    require(actor, "batch.return", batch)
    if not reason.strip():
        raise NotAccepted(_("请写明退回的原因，报送人要据此修改。"))
    return _move(batch, actor, State.CHECKED, State.RETURNED, reason=reason.strip(), released_by=actor.name)


def withdraw(actor: Actor, batch: Batch) -> Batch:
    """The source unit takes a batch back before it is released."""
    require(actor, "batch.withdraw", batch)
    return _move(batch, actor, State.CHECKED, State.WITHDRAWN)


def settle(actor: Actor, record: Record, reason: str, *, stands: bool = True) -> int:
    """The source unit confirms a doubtful record, or withdraws it as wrong (R-051): an auditor does, never whoever
    submitted it (R-024). `settling` does so with many at once.

    Gives the number in the change feed. Raises `Denied`, `NotAccepted` without a reason, `NotPossible` when it is not in
    doubt, and `Batch.DoesNotExist` for a record that no batch brought.
    """
    require(actor, "doubt.settle", batch_that_brought(record))
    within(actor, record.item)
    if not reason.strip():
        raise NotAccepted(_("请写明凭什么这样处理，例如核对了哪一份原件。"))
    return settle_doubt(record.pk, Because(actor.name, reason.strip()), stands=stands)


def batch_that_brought(record: Record) -> Batch:
    """The batch that stated the record as it now stands. Raises `Batch.DoesNotExist`."""
    brought = record.versions.filter(batch__isnull=False).order_by("-number").values_list("batch", flat=True).first()
    return Batch.objects.select_related("source").get(pk=brought or 0)


def _entitled(submission: Submission) -> None:
    """Only an existing item, and only from a source unit that the packs name for it (R-001, R-007)."""
    packs = policies()
    known = {i.id: i for i in packs.items(timezone.localdate())}
    if submission.item not in known:
        raise NotAccepted(
            _("目录里没有「%(item)s」这一项；现有：%(known)s。"), item=submission.item, known="、".join(sorted(known))
        )
    agencies = {a.id: a for a in packs.agencies}
    agency = agencies.get(submission.source)
    if agency is None:
        raise NotAccepted(
            _("没有登记「%(source)s」这个信源单位；现有：%(known)s。"),
            source=submission.source,
            known="、".join(sorted(agencies)),
        )
    if not agency.may_submit(submission.item):
        allowed = "、".join(known[d.id].label for d in agency.items if d.id in known) or "（无）"
        raise NotAccepted(
            _("%(agency)s不报送「%(item)s」；它可以报送：%(allowed)s。"),
            agency=agency.name,
            item=known[submission.item].label,
            allowed=allowed,
        )


def within(actor: Actor, item: str) -> None:
    """A program's key that is limited to some items serves for no other, whatever its person may do."""
    if actor.items is not None and item not in actor.items:
        raise Denied(_("这把密钥只能用于这些目录项：%(items)s。"), items="、".join(sorted(actor.items)))


def _open(actor: Actor, submission: Submission, kept: evidence.Evidence) -> Batch:
    batch = Batch.objects.create(
        item=submission.item,
        source=Organisation.objects.get(pk=submission.source),
        channel=submission.channel,
        idempotency_key=submission.idempotency_key,
        submitted_by=actor.name,
        month=f"{timezone.localdate():%Y-%m}",
        file_name=submission.file_name[-255:],
        file_sha256=kept.sha256,
        file_size=kept.size,
    )
    trace(actor.name, "batch.submit", "batch", batch.pk, item=batch.item, source=batch.source_id, sha256=kept.sha256)
    return batch


def _same(earlier: Batch, submission: Submission, kept: evidence.Evidence) -> Batch:
    if earlier.file_sha256 != kept.sha256 or earlier.item != submission.item:
        raise KeyReused(
            _("幂等键「%(key)s」已用于批次 %(batch)s，但那一次的文件或目录项不同；请换一个键。"),
            key=submission.idempotency_key,
            batch=earlier.number,
        )
    return earlier


def _move(batch: Batch, actor: Actor, before: State, after: State, **changes: object) -> Batch:
    """Compare and set, so that of two people who decide at once one wins and the other learns the new state."""
    within(actor, batch.item)
    with transaction.atomic():
        moved = Batch.objects.filter(pk=batch.pk, state=before).update(state=after, **changes)
        batch.refresh_from_db()
        if not moved:
            raise WrongState(
                _("批次 %(batch)s 现在是「%(state)s」，不能这样处理。"),
                batch=batch.number,
                state=State(batch.state).label,
            )
        trace(actor.name, f"batch.{after}", "batch", batch.pk, reason=str(changes.get("reason", "")))
    return batch


__all__ = [
    "Denied", "KeyReused", "NotAccepted", "NotPossible", "Submission", "WrongState", "batch_that_brought", "give_back",
    "release", "settle", "submit", "submit_once", "withdraw", "within",
]  # fmt: skip
