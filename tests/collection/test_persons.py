"""From a file about practitioners to the register: nobody is in it in the open (S-17, R-256, R-257, R-262, R-264, G-13)."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from chengxin.accounts.persons import person_code
from chengxin.accounts.store_key import TermKeys
from chengxin.audit.models import Event
from chengxin.collection import actions, evidence, jobs, mending, persons, receipts
from chengxin.collection.models import Batch, State
from chengxin.engine.readers import FileRefused
from chengxin.registry import due
from chengxin.registry import evidence as kept
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.disclosure import Audience
from chengxin.registry.entering import cells_of, correct, stage_one
from chengxin.registry.models import Record, RecordVersion, Standing, Subject, SubjectName
from chengxin.registry.packs import policies
from chengxin.registry.queries import disclosed, records_of

from .people import HE, HEALTH, ban, conduct, name_of, number_of, phone_of, store, submit, text

pytestmark = pytest.mark.usefixtures("store")
TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def _private(settings: object, tmp_path: Path) -> None:
    settings.PRIVATE = tmp_path / "home" / "private"  # type: ignore[attr-defined]


def seen(number: int, audience: Audience, day: date = TODAY) -> list[dict[str, object]]:
    """What this audience sees of the records of the n-th person."""
    subject = Subject.objects.get(code=person_code(name_of(number), number_of(number)))
    told = (disclosed(v, subject, policies(), audience=audience, purpose="x", day=day)[1] for v in records_of(subject))
    return [dict(shown.fields) for shown in told if shown.visible]


def everything(home: Path) -> bytes:
    """Every byte of the store: its files, and on PostgreSQL every row of every table."""
    found = [p.read_bytes() for p in home.rglob("*") if p.is_file()]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT relname FROM pg_stat_user_tables")
            for (table,) in cursor.fetchall():
                cursor.execute(f'SELECT t::text FROM "{table}" t')
                found += [str(row[0]).encode() for row in cursor.fetchall()]
    return b"\n".join(found)


def test_of_a_thousand_people_no_name_number_or_telephone_is_anywhere(tmp_path, caplog) -> None:
    """S-17, G-13: the whole way of a file, good rows and bad ones, and then every byte that is left behind."""
    caplog.set_level(logging.DEBUG)
    good = [conduct(n) for n in range(1000)]
    bad = [conduct(n, 公民身份号码=number_of(n)[:-1] + "?", 处理日期="昨天") for n in range(1000, 1020)]
    twice = [conduct(7), conduct(8, 处理="罚款或者没收违法所得")]
    batch = store(*good, *bad, *twice)
    batch.refresh_from_db()
    assert (batch.state, batch.created, batch.rejected, batch.repeated) == (State.STORED, 1001, 20, 1)
    assert Subject.objects.filter(kind="natural_person").count() == 1000
    left = everything(tmp_path / "home") + caplog.text.encode()
    assert "苏卫医罚〔2026〕7号".encode() in left, "what is open can be found, so the search is one"
    for n in range(1020):
        for datum in (name_of(n), number_of(n), number_of(n)[:-1], phone_of(n), f"1103200000{n:05}"):
            assert datum.encode() not in left, (n, datum)
    assert not list((tmp_path / "home" / "private").iterdir())


def test_the_same_file_twice_changes_nothing() -> None:
    """Sealed twice, the same value is the same bytes: nothing is stored anew (R-082)."""
    rows = [conduct(n) for n in range(5)]
    store(*rows)
    again = store(*rows)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 5)
    changed = store(conduct(1, 处理="罚款或者没收违法所得"))
    assert (changed.created, changed.updated) == (0, 1)
    assert RecordVersion.objects.count() == 6


def test_keys_and_hashes_are_no_oracle_for_numbers() -> None:
    """Whoever has the database and knows everything but the number cannot try numbers: key, hashes and code are keyed."""
    from hashlib import md5

    batch = store(conduct(3))
    head = Record.objects.get()
    key = f"苏卫医罚〔2026〕3号|江苏省卫生健康委员会|{number_of(3)}"
    assert head.key not in (key, "") and head.key_hash != md5(f"practitioner\x1f{key}".encode()).hexdigest()
    assert number_of(3) not in json.dumps([head.key, head.subject.code, head.subject.name_key])
    from hashlib import sha256

    assert batch.file_sha256 != sha256(text([conduct(3)])).hexdigest()


def test_the_same_person_under_two_items_is_one_and_never_joined_by_name() -> None:
    """R-069: name and number together; a namesake is somebody else, and so is another name with the same number."""
    store(conduct(1))
    store(ban(1), ban(2, 姓名=name_of(1)), item="practice-ban", source="agriculture")
    assert Subject.objects.filter(kind="natural_person").count() == 2
    assert Subject.objects.get(code=person_code(name_of(1), number_of(1))).records.count() == 2
    assert not Subject.objects.filter(name__contains=name_of(1)).exists()
    assert not SubjectName.objects.filter(name_key__contains="云").exists()


def test_who_sees_what() -> None:
    """G-13: the person everything, a duty the name masked and no number, the public and a sharing agreement nothing."""
    store(conduct(4))
    [own] = seen(4, Audience.SELF)
    assert own["person_name"] == name_of(4) and own["id_number"] == number_of(4)
    [duty] = seen(4, Audience.DUTY)
    assert duty["person_name"] == name_of(4)[0] + "***" and "id_number" not in duty and "certificate_number" not in duty
    assert seen(4, Audience.AUTHORISED) == [duty]
    assert seen(4, Audience.PUBLIC) == [] and seen(4, Audience.SHARING) == []


def test_minors_are_refused_with_a_sentence_and_leave_nothing(tmp_path) -> None:
    """R-264: the age is the pack's; the day before the birthday refuses, the birthday takes."""
    item = policies().item("practitioner", TODAY)
    assert item.occupation is not None
    grown = TODAY.replace(year=TODAY.year - item.occupation.minimum_age)
    young = number_of(1, grown + timedelta(days=1))
    batch = store(conduct(1, 公民身份号码=young), conduct(2, 公民身份号码=number_of(2, grown)))
    assert (batch.created, batch.rejected) == (1, 1)
    found = receipts.read(evidence.folder_of(batch.pk))
    [message] = found.filter(found["rule"] == "practitioner.subject.minor")["message"].to_list()
    assert f"未满 {item.occupation.minimum_age} 周岁" in message
    assert young not in found.write_csv() and young.encode() not in everything(tmp_path / "home")


def test_a_receipt_tells_row_field_and_rule_but_no_cell_of_a_person() -> None:
    """R-049 without leaking: what is open is quoted, what is sealed is not, in no column of the receipt."""
    wrong = number_of(5)[:-1] + "?"
    batch = submit(text([conduct(5, 公民身份号码=wrong, 处理日期="昨天", 姓名="")]))
    found = receipts.read(evidence.folder_of(batch.pk))
    assert found["rule"][0] == "practitioner.column.dropped" and set(found["row"][1:]) == {1}
    told = found.write_csv()
    assert wrong not in told and wrong[:3] + "****" not in told and receipts.HIDDEN in told
    assert "昨天" in found.filter(found["rule"] == "practitioner.decided_on.date")["message"][0]
    assert {"公民身份号码", "处理日期", "姓名"} <= set(found["field"].to_list())


def test_a_file_without_headings_does_not_tell_its_first_person() -> None:
    """The first line is taken for headings; the refusal quotes none of it."""
    content = text([conduct(6), conduct(7)]).split(b"\r\n", 1)[1]
    batch = submit(content)
    assert batch.state == State.REFUSED and "表头缺少必填栏目" in batch.reason
    told = batch.reason + batch.reason_en + json.dumps(batch.headings, ensure_ascii=False)
    assert name_of(6) not in told and number_of(6) not in told and phone_of(6) not in told


def test_a_fault_of_ours_names_no_value(monkeypatch, caplog) -> None:
    """What fails over such a file is told by its kind alone, in the batch and in the log."""

    def fails(*_: object, **__: object) -> None:
        raise ValueError(f"could not convert {number_of(8)}")

    monkeypatch.setattr(persons, "check_file", fails)
    batch = submit(text([conduct(8)]))
    assert batch.state == State.WAITING and "ValueError" in batch.reason
    assert number_of(8) not in batch.reason + caplog.text


def test_no_page_repeats_the_file() -> None:
    """The source corrects its own file: no annotated copy, no rows on a page."""
    batch = submit(text([conduct(1, 处理日期="昨天")]))
    with pytest.raises(FileRefused, match="个人信息"):
        receipts.workbook_of(batch)
    assert mending.to_mend(batch).total == 0


def test_the_submitted_file_is_sealed_and_read_as_a_private_copy(tmp_path) -> None:
    """G-20: the source's own bytes can be read back as long as their term lasts, and lie nowhere in the open."""
    content = text([conduct(n) for n in range(3)])
    batch = submit(content)
    lies = evidence.place(batch.file_sha256)
    assert number_of(1).encode() not in lies.read_bytes() and batch.file_size == len(content)
    with evidence.opened(batch) as path:
        assert path.read_bytes() == content and path != lies
    assert not path.exists()
    damaged = lies.read_bytes()
    for wrong in (damaged[:-1] + b"\x00", damaged[:-40]):
        lies.write_bytes(wrong)
        with pytest.raises(Exception, match=r"altered|cut off|not a sealed value"), evidence.opened(batch):
            pass


def test_what_a_killed_process_left_in_the_open_is_swept_away(tmp_path) -> None:
    """A process killed while it reads leaves its private copy; the next one that reads removes it."""
    batch = submit(text([conduct(1)]))
    code = (
        "import os, signal, django; django.setup()\n"
        "from chengxin.registry.evidence import opened\n"
        f"with opened('{batch.file_sha256}', sealed=True) as path:\n"
        "    assert path.stat().st_size; os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    home = tmp_path / "home"
    env = {**os.environ, "CHENGXIN_HOME": str(home), "CHENGXIN_PRIVATE": str(home / "private")}
    killed = subprocess.run([sys.executable, "-c", code], env=env, check=False, capture_output=True)
    assert killed.returncode == -9, killed.stderr
    assert any((home / "private").rglob("file"))
    with kept.private():
        assert not any((home / "private").rglob("file"))


def test_a_ban_needs_basis_beginning_and_end_and_ends_by_itself() -> None:
    """R-262: no ban without them; the day after its end nobody but the person is told of it, and `due` archives it."""
    agriculture = {"item": "practice-ban", "source": "agriculture"}
    needed = ("禁入的法律依据", "禁入起始日期", "禁入截止日期", "决定机关")
    for lacking in (*({name: ""} for name in needed), {"禁入截止日期": "9999-12-31"}):
        assert submit(text([ban(1, **lacking)]), **agriculture).rejected == 1, lacking
    store(ban(1), **agriculture)
    last = date(2029, 3, 17)
    assert len(seen(1, Audience.DUTY, last)) == 1
    assert seen(1, Audience.DUTY, last + timedelta(days=1)) == []
    due.run(last + timedelta(days=1), "system")
    assert Record.objects.get().standing == Standing.ARCHIVED
    assert seen(1, Audience.SELF, last + timedelta(days=1))[0]["person_name"] == name_of(1)


def test_what_is_kept_of_a_person_ends_and_the_log_still_verifies() -> None:
    """PIPL 47, R-373: when the month of the term is over its key is gone, and with it every value that it sealed."""
    from chengxin.audit import keys, sealing, verifying

    keys.open_log("operator")
    store(ban(1), ban(2, 禁入截止日期="2031-03-17"), item="practice-ban", source="agriculture")
    sealing.seal()
    payload = RecordVersion.objects.earliest("pk").payload
    due.run(date(2029, 3, 31), "system")  # the key of the submitted file goes before those of the records
    assert due.run(date(2029, 4, 1), "system").erased == ["2029-03"]
    assert due.run(date(2029, 4, 1), "system").erased == [], "safe to run again"
    [gone] = seen(1, Audience.SELF)
    assert "删除" in str(gone["person_name"]) and "删除" in str(gone["id_number"])
    assert seen(2, Audience.SELF)[0]["person_name"] == name_of(2)
    assert RecordVersion.objects.earliest("pk").payload == payload, "the sealed bytes stay, so the log can be proved"
    assert next(iter(TermKeys().terms())) > "2029-03"
    assert Subject.objects.get(code=person_code(name_of(1), number_of(1))).name == "*"
    assert Event.objects.filter(action="person.erase", object="2029-03").count() == 1
    sealing.seal()
    told = verifying.verify()
    assert told.sound and told.rows["record"] == 3, told.first


def test_an_objection_under_way_keeps_what_it_is_about() -> None:
    """The term ends for nobody while their objection is handled (R-250)."""
    store(ban(1), item="practice-ban", source="agriculture")
    change_standing(Record.objects.get().pk, "dispute", Because("x", "异议"))
    due.run(date(2029, 3, 17), "system")
    waiting = due.run(date(2029, 5, 1), "system")
    assert (waiting.archived, waiting.erased) == (0, [])
    assert seen(1, Audience.DUTY, date(2029, 5, 1)) == [], "nobody else is told of it meanwhile"
    change_standing(Record.objects.get().pk, "uphold", Because("x", "异议不成立"))
    over = due.run(date(2029, 5, 2), "system")
    assert (over.archived, over.erased) == (1, ["2029-03"])


def test_a_correction_by_a_case_seals_again() -> None:
    """R-249: what a case corrects goes the way of a file; the person stays the same, nothing gets into the open."""
    store(conduct(9))
    head = Record.objects.get()
    [view] = records_of(head.subject)
    item = policies().item("practitioner", TODAY)
    cells = cells_of(view, item) | {"conduct": "通报批评或者警告"}
    correct(head.pk, stage_one("practitioner", cells, HEALTH, TODAY), Because("x", "更正"))
    assert seen(9, Audience.SELF)[0]["conduct"] == "通报批评或者警告"
    assert seen(9, Audience.SELF)[0]["id_number"] == number_of(9)
    assert not any(number_of(9) in v.payload for v in RecordVersion.objects.all())


def test_other_files_are_kept_as_they_came(tmp_path) -> None:
    """What is not about persons costs nothing: the evidence is the file itself, under its SHA-256."""
    from hashlib import sha256

    from .files import penalty
    from .files import text as of_penalties

    content = of_penalties([penalty(1)]).encode()
    import io

    batch = jobs.see_through(
        actions.submit(HE, actions.Submission("penalty", "ecology-environment", "p.csv", "api"), io.BytesIO(content))
    )
    assert batch.file_sha256 == sha256(content).hexdigest()
    with evidence.opened(batch) as path:
        assert path == evidence.place(batch.file_sha256) and path.read_bytes() == content
    assert isinstance(batch, Batch)
