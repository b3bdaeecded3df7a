"""Submitted files have a term: then they are deleted, and what proves them stays (R-035, R-091)."""

from __future__ import annotations

import os
from datetime import date, timedelta

import pytest
from django.utils import timezone

from chengxin.audit.models import Event
from chengxin.cases.models import Attachment, Case
from chengxin.cli.following import retire_files
from chengxin.collection import evidence, mending, receipts
from chengxin.collection.models import Batch
from chengxin.collection.retiring import retire
from chengxin.engine.readers import FileRefused
from chengxin.policy.packs import RetentionDefaults
from chengxin.registry.models import Record
from chengxin.registry.packs import policies
from chengxin.standards.months import add_months

from .files import penalty
from .test_batches import EMERGENCY, store

pytestmark = pytest.mark.usefixtures("store")
TODAY = timezone.localdate()
BAD = penalty(2, CF_WSH="")


def later() -> date:
    """The first day on which a file of today is too old, by the packs."""
    years = next(p.evidence.years for p in policies().of(RetentionDefaults) if p.evidence)
    return add_months(TODAY, 12 * years) + timedelta(days=1)


def aged(batch: Batch) -> Batch:
    os.utime(evidence.place(batch.file_sha256), (0, 0))
    return batch


def gone(batch: Batch) -> bool:
    batch.refresh_from_db()
    there = evidence.place(batch.file_sha256).exists()
    assert there == (batch.file_gone_on is None)
    return not there


def test_a_file_is_deleted_after_its_term_and_its_proof_stays() -> None:
    batch = aged(store(penalty(1), BAD))
    workbook = receipts.workbook_of(batch)
    assert retire(later() - timedelta(days=1), "worker") == 0 and not gone(batch)
    size, digest = batch.file_size, batch.file_sha256
    assert len(mending.to_mend(batch).rows) == 1
    assert (retire(later(), "worker"), retire(later(), "worker")) == (1, 0), "running again is safe"
    assert gone(batch) and batch.file_gone_on == later() and not workbook.exists()
    assert (batch.file_size, batch.file_sha256) == (size, digest) and receipts.table_of(batch).exists()
    event = Event.objects.get(action="evidence.delete")
    assert (event.object, event.detail) == (str(batch.pk), {"sha256": digest, "size": size})
    assert Record.objects.count() == 1 and mending.to_mend(batch).total == 0
    for refused in (lambda: receipts.workbook_of(batch), lambda: mending.read_rows(batch, [2])):
        with pytest.raises(FileRefused, match="保存期满"):
            refused()


def test_a_file_stays_while_a_record_of_it_is_in_doubt() -> None:
    store(penalty(1))
    rival = aged(store(penalty(1, CF_NR_FK="9"), source=EMERGENCY))
    assert Record.objects.filter(held=True).count() == 1
    retire(later(), "worker")
    assert not gone(rival)
    Record.objects.update(held=False)
    assert retire(later(), "worker") == 1 and gone(rival)


def test_a_file_stays_while_a_case_about_a_record_of_it_is_open() -> None:
    batch = aged(store(penalty(1)))
    record = Record.objects.get()
    case = Case.objects.create(number="YY1", procedure="objection", record=record, opened_on=TODAY)
    assert retire_files(later(), "worker") == 0 and not gone(batch)
    Case.objects.filter(pk=case.pk).update(closed_on=TODAY)
    assert retire_files(later(), "worker") == 1 and gone(batch)


def test_a_content_that_somebody_else_needs_stays() -> None:
    """The same bytes in a case, in a younger batch, or handed in again just now."""
    batch = aged(store(penalty(1)))
    case = Case.objects.create(number="YY1", procedure="objection", opened_on=TODAY, closed_on=TODAY)
    same = {"material": "proof", "file_name": "a.csv", "media": "text/csv", "size": 1, "added_by": "x"}
    paper = Attachment.objects.create(case=case, sha256=batch.file_sha256, **same)
    assert retire_files(later(), "worker") == 0
    paper.delete()
    os.utime(evidence.place(batch.file_sha256))
    assert retire_files(later(), "worker") == 0, "written a moment ago"
    aged(batch)
    again = store(penalty(1))
    assert again.file_sha256 == batch.file_sha256
    Batch.objects.filter(pk=again.pk).update(submitted_at=timezone.now() + timedelta(days=30))
    aged(batch)
    assert retire_files(later(), "worker") == 0 and not gone(batch)
    aged(batch)
    assert retire_files(later() + timedelta(days=40), "worker") == 2 and gone(batch) and gone(again)


def test_old_batches_of_one_content_do_not_keep_it_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """However far apart they were handed in: contents are gone through, not batches."""
    monkeypatch.setattr("chengxin.collection.retiring._STEP", 1)
    one, other, again = store(penalty(1)), store(penalty(2)), store(penalty(1))
    assert one.file_sha256 == again.file_sha256
    for batch in (one, other):
        aged(batch)
    assert retire(later(), "worker") == 3
    assert gone(one) and gone(other) and gone(again)
