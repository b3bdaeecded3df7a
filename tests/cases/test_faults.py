"""Faults that must not leave half a case (anchors.md 4.1: F6, F7, F10 to F12, F14, F20)."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings as live
from django.db import connections
from django.utils import timezone

from chengxin.audit.models import Event
from chengxin.cases import actions, channels, clocks, effects, fanout, jobs, letters, queries, taking, timeline
from chengxin.cases.actions import Opening
from chengxin.cases.errors import CaseRefused, Moved, StoreFailed
from chengxin.cases.models import Attachment, Case, CaseEvent, Delivery, Letter, Notice, Series
from chengxin.registry import evidence, packs
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.models import RecordVersion
from chengxin.standards.calendar import WorkCalendar

from . import world as w

FORM = {"corrected": "是", "duties_done": "是", "truth": "是"}
D4 = date(2026, 6, 4)


def reviewed() -> Case:
    record = w.settle()
    files = (w.upload("commitment"), w.upload("fulfilment"))
    case = w.opened("repair", w.BOSS, record=record.pk, form=FORM, files=files)
    actions.act(w.FIRST, case.number, "accept", on=D4)
    return actions.act(w.FIRST, case.number, "first-review", reason="齐", on=D4)


def photograph() -> dict[str, int]:
    tables = (Case, CaseEvent, Letter, Event, RecordVersion, Attachment)
    return {m.__name__: m.objects.count() for m in tables} | {s.name: s.last for s in Series.objects.all()}


def at_once(*works) -> list[object]:
    """Run in threads that start together, each with a connection of its own; returns answers or exceptions in order."""
    gate, answers = threading.Barrier(len(works)), [None] * len(works)

    def run(n: int, work) -> None:
        gate.wait()
        try:
            answers[n] = work()
        except Exception as error:
            answers[n] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, work)) for n, work in enumerate(works)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    return answers


def test_of_two_who_decide_at_once_one_wins_and_the_other_learns_the_new_state(store) -> None:
    """F14: a second reviewer, another one, and the applicant who withdraws."""
    case = reviewed()
    other = w.person("复审乙", ("centre", "second_reviewer"))
    answers = at_once(
        lambda: actions.act(w.SECOND, case.number, "approve", reason="可", expect=3, on=D4),
        lambda: actions.act(other, case.number, "refuse", reason="否", expect=3, on=D4),
        lambda: actions.act(w.BOSS, case.number, "withdraw", expect=3, on=D4),
    )
    won = [a for a in answers if isinstance(a, Case)]
    lost = [a for a in answers if isinstance(a, Moved)]
    assert (len(won), len(lost)) == (1, 2), answers
    case.refresh_from_db()
    assert case.state == won[0].state and all(case.closed_on and m.state for m in lost)
    case.record.refresh_from_db()
    assert (case.record.standing == "repaired") == (case.state == "repaired")
    assert case.events.filter(kind="step").count() == 4


def test_the_same_opening_sent_at_once_is_one_case(store) -> None:
    """F6, concurrent."""
    record = w.settle()

    def send() -> Case:
        form = {"claim": "其他", "statement": "x"}
        return actions.open_case(w.BOSS, Opening("objection", record=record.pk, form=form, key="k"), on=w.FILED)

    answers = at_once(send, send, send)
    assert len({a.number for a in answers}) == 1 and Case.objects.count() == 1, answers


@pytest.mark.parametrize(
    ("module", "name"),
    [(timeline, "add"), (effects, "run"), (clocks, "after_step"), (letters, "write"), (taking, "trace")],
    ids=["timeline", "effects", "clocks", "letter", "trail"],
)
def test_a_step_that_breaks_anywhere_leaves_nothing_behind(store, monkeypatch, module, name) -> None:
    """F10: register, case, letters, numbers and trail agree after a failure at every point; the retry is safe."""
    case = reviewed()
    before = photograph()
    real = getattr(module, name)

    def broken(*args, **kwargs):
        real(*args, **kwargs)
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(module, name, broken)
        with pytest.raises(RuntimeError):
            actions.act(w.SECOND, case.number, "approve", reason="可", on=D4)
    case.refresh_from_db()
    case.record.refresh_from_db()
    assert (case.state, case.record.standing) == ("reviewed", "active") and photograph() == before
    assert actions.act(w.SECOND, case.number, "approve", reason="可", on=D4).outcome == "granted"


def test_a_process_killed_in_the_middle_of_a_decision_has_decided_nothing(store) -> None:
    """F10, with a real kill -9 after the register has been changed and before the commit."""
    case = reviewed()
    before = photograph()
    script = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
import django; django.setup()
from datetime import date
from chengxin.cases import actions, letters
from tests.cases import world as w
letters.write = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
actions.act(w.SECOND, {case.number!r}, "approve", reason="x", on=date(2026, 6, 4))
"""
    connections["default"].close()
    done = subprocess.run([sys.executable, "-c", script], env=store.env, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL
    assert photograph() == before
    assert actions.act(w.SECOND, case.number, "approve", reason="可", on=D4).outcome == "granted"


def test_daily_work_that_is_killed_goes_on_where_it_was(store, monkeypatch) -> None:
    """F11, F7: killed after the first case, run again the same day, run late, run on a day that lies behind."""
    numbers = [w.opened("complaint", w.person("市民"), form=_COMPLAINT).number for _ in range(2)]
    real, calls = jobs._one, []

    def dies(*args):
        real(*args)
        calls.append(1)
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_one", dies)
        with pytest.raises(RuntimeError):
            jobs.run(date(2026, 6, 9), "daily")
    assert not Notice.objects.exists(), "the killed transaction told nobody"
    jobs.run(date(2026, 6, 9), "daily")
    jobs.run(date(2026, 6, 9), "daily")
    jobs.run(date(2026, 6, 2), "daily")
    told = [Notice.objects.filter(case__number=n).values_list("kind", "count") for n in numbers]
    assert [sorted(x) for x in told] == [[("escalation", 1), ("overdue", 1)]] * 2


_COMPLAINT = {"body": "market-regulation", "matter": "x", "field": "其他", "statement": "x"}


def test_a_delivery_whose_sender_dies_is_sent_again_as_the_same_message(store, monkeypatch) -> None:
    """F11: handed over, killed before it was noted; after the claim has run out it goes out again and counts once."""
    record = w.settle()
    change_standing(record.pk, "repair", Because("centre", "x"))
    sent: list[bytes] = []
    real = channels.Folder.send

    def dies(self, receiver, delivery):
        real(self, receiver, delivery)
        sent.append(channels.body_of(delivery))
        if len(sent) == 1:
            raise KeyboardInterrupt
        return f"收到 {delivery.change}"

    monkeypatch.setattr(channels.Folder, "send", dies)
    now = timezone.now()
    with pytest.raises(KeyboardInterrupt):
        fanout.run(now)
    fanout.run(now + timedelta(seconds=30))
    assert Delivery.objects.filter(state="acknowledged").count() == 2, "the claimed one rests, the others go on"
    assert fanout.run(now + fanout.CLAIM + timedelta(seconds=1)).acknowledged == 1
    assert Delivery.objects.count() == 3 and len(sent) == 4 and len(set(sent)) == 1


def test_a_full_disk_is_said_and_stores_nothing(store, monkeypatch) -> None:
    """F12."""
    record = w.settle()
    before = photograph()

    def full(*_args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(evidence.os, "fsync", full)
    with pytest.raises(StoreFailed, match="存储空间已满"):
        w.opened("repair", w.BOSS, record=record.pk, form=FORM, files=(w.upload("commitment"),))
    assert photograph() == before
    assert not list((Path(live.HOME) / "evidence").rglob("incoming-*")), "no rest of the file either"


@pytest.fixture
def own_packs(tmp_path, settings, monkeypatch) -> Path:
    monkeypatch.setattr(packs, "_LOOK_AGAIN", -1)
    folder = tmp_path / "policies"
    shutil.copytree(live.POLICIES, folder)
    settings.POLICIES = folder
    return folder / "national" / "codes" / "holidays.csv"


def test_a_changed_calendar_moves_a_term_and_says_so(store, own_packs) -> None:
    """F20: never recomputed silently; the old and the new day and both calendars are on file."""
    record = w.settle()
    case = w.opened("objection", w.BOSS, record=record.pk, form={"claim": "其他", "statement": "x"})
    old = case.terms.get(clock="handling")
    own_packs.write_text(own_packs.read_text("utf-8") + "2026-06-05,off,临时放假,测试\n", "utf-8")
    assert jobs.run(date(2026, 6, 1), "daily").moved == 1
    new = case.terms.get(clock="handling")
    assert (old.due_on, new.due_on) == (date(2026, 6, 8), date(2026, 6, 9))
    said = case.events.get(kind="calendar").detail
    assert (said["from"], said["to"]) == ("2026-06-08", "2026-06-09")
    assert said["calendar_from"] == old.calendar != said["calendar_to"] == new.calendar
    assert jobs.run(date(2026, 6, 1), "daily").moved == 0


def test_a_term_beyond_the_calendar_stays_open_until_the_notice_is_loaded(store, own_packs) -> None:
    """domain.md 10: refuse to compute beyond the last year, do not guess, and do not refuse the citizen either."""
    record = w.settle()
    day = date(2026, 12, 29)
    case = w.opened("objection", w.BOSS, record=record.pk, form={"claim": "其他", "statement": "x"}, on=day)
    assert case.terms.get(clock="handling").due_on is None
    jobs.run(day + timedelta(days=30), "daily")
    assert not Notice.objects.filter(term__clock="handling").exists()
    own_packs.write_text(own_packs.read_text("utf-8") + "2027-01-01,off,元旦,测试\n", "utf-8")
    jobs.run(day + timedelta(days=1), "daily")
    expected = WorkCalendar.from_csv(own_packs).add_working_days(day, 5)
    assert case.terms.get(clock="handling").due_on == expected == date(2027, 1, 6)


EVIL = {
    "macro.pdf": (b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(x)>>>>endobj", "脚本"),
    "old.doc": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "旧版 Office"),
    "page.pdf": (b"<html><script>1</script></html>", "认不出"),
    "cells.csv": (b"name,amount\n=cmd|'/c calc'!A1,1\n", "公式"),
    "empty.pdf": (b"", "空文件"),
}


@pytest.mark.parametrize("name", EVIL)
def test_evidence_that_could_act_is_refused(store, name) -> None:
    """Type by content, formulas and macros refused; nothing points to what was refused."""
    record = w.settle()
    case = w.opened("objection", w.BOSS, record=record.pk, form={"claim": "其他", "statement": "x"})
    content, why = EVIL[name]
    with pytest.raises(CaseRefused, match=why):
        actions.attach(w.BOSS, case.number, w.upload("proof", content, name))
    assert not Attachment.objects.exists()
    assert not [f for f in Path(live.HOME).rglob("*") if f.is_file() and f.parent.name in ("incoming", "evidence")]


def test_evidence_is_seen_by_those_of_the_case_and_each_look_is_on_record(store) -> None:
    """G-10; what one may not see does not exist (anchors.md 1.4)."""
    record = w.settle()
    files = (w.upload("proof"),)
    case = w.opened("objection", w.BOSS, record=record.pk, form={"claim": "其他", "statement": "x"}, files=files)
    kept = case.attachments.get()
    for who in (w.BOSS, w.STEWARD, w.AUDITOR):
        assert queries.evidence_of(who, case.number, kept.pk)[1].read_bytes() == w.PDF
    administrator = w.person("系统管理员", ("centre", "operator"))
    for who in (w.STRANGER, administrator, w.person("")):
        with pytest.raises(CaseRefused, match="没有编号"):
            queries.evidence_of(who, case.number, kept.pk)
    assert Event.objects.filter(action="case.look", object=case.number).count() == 3


def test_office_files_are_looked_into_and_size_is_capped(store, tmp_path) -> None:
    import openpyxl

    record = w.settle()
    case = w.opened("objection", w.BOSS, record=record.pk, form={"claim": "其他", "statement": "x"})
    plain, formula = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    book = openpyxl.Workbook()
    book.active["A1"] = "金额"
    book.save(plain)
    book.active["A2"] = "=1+1"
    book.save(formula)
    assert "spreadsheet" in actions.attach(w.BOSS, case.number, w.upload("proof", plain.read_bytes())).media
    with pytest.raises(CaseRefused, match="公式"):
        actions.attach(w.BOSS, case.number, w.upload("proof", formula.read_bytes()))
    with pytest.raises(CaseRefused, match="超过 20 MB"):
        actions.attach(w.BOSS, case.number, w.upload("proof", b"%PDF-" + b"x" * (20 << 20)))
    with pytest.raises(CaseRefused, match="没有「selfie」"):
        actions.attach(w.BOSS, case.number, w.upload("selfie"))


def test_pauses_between_attempts_grow_and_end(store) -> None:
    waits = [fanout.pause(n) for n in (1, 2, 5, 40)]
    assert timedelta(seconds=48) <= waits[0] <= timedelta(seconds=72)
    assert waits[0] < waits[2] and waits[3] <= timedelta(hours=7.2)
