"""Many doubts at once: a list is taken, filled in and sent back; every row is answered, and four eyes hold (R-051, R-024)."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chengxin.accounts.actions import make_api_key
from chengxin.accounts.models import User
from chengxin.audit.models import Event, Look
from chengxin.collection.models import Batch
from chengxin.registry.models import Record, RecordVersion, Standing

from ..api.client import Api
from . import desk
from .test_doubts import rival_of

PAGE = "/workbench/doubts/sheet"
DOCUMENT = "苏环罚〔2026〕6号"
Rows = list[dict[str, str]]


@pytest.fixture
def doubt(people: dict[str, Client], stored_batch: Batch) -> Record:
    """The first of the two contradicting rows; the second is in doubt like it."""
    found = Record.objects.filter(held=True).order_by("pk").first()
    assert found is not None
    return found


def taken(client: Client) -> Rows:
    """The list as CSV, row by row."""
    answer = client.get(f"{PAGE}.csv")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def filled(rows: Rows, *verdicts: tuple[str, str]) -> bytes:
    """The rows with these verdicts and grounds, as somebody saves them."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    for row, (verdict, reason) in zip(rows, verdicts, strict=True):
        writer.writerow({**row, "处理": verdict, "凭什么": reason})
    return out.getvalue().encode("gb18030")


def sent(client: Client, content: bytes, name: str = "doubts.csv", status: int = 200) -> str:
    answer = client.post(PAGE, {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer.content.decode()


def told(html: str) -> list[list[str]]:
    """The rows of the answers, cell by cell."""
    table = html[html.index("每一行的结果") :].split("</table>")[0]
    rows = re.split(r"<tr\b[^>]*>", table)[2:]  # the first holds the headings
    return [
        [re.sub(r"<[^>]+>", "", c).strip() for c in re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", r, re.S)] for r in rows
    ]


def test_the_list_tells_what_is_doubtful_and_each_subject_sees_that_it_was_taken(
    people: dict[str, Client], doubt: Record
) -> None:
    rows = taken(people["auditor"])
    assert [r["存疑编号"] for r in rows] == [
        f"D{d.pk}-{d.change}" for d in Record.objects.filter(held=True).order_by("-change")
    ]
    mine = next(r for r in rows if r["存疑编号"] == f"D{doubt.pk}-{doubt.change}")
    assert mine["统一社会信用代码"] == doubt.subject.code and mine["文号或者名称"] == DOCUMENT
    assert "内容却不一样" in mine["哪里说不通"] and "处罚内容：" in mine["报送的内容"]
    look = Look.objects.filter(actor="auditor", subject=doubt.subject.code, basis="doubts").first()
    assert look is not None and "content" in look.fields
    event = Event.objects.get(action="doubt.sheet")
    assert event.actor == "auditor" and event.detail["count"] == 2


def test_no_cell_of_the_list_runs(people: dict[str, Client], doubt: Record) -> None:
    """G-20: what a unit has written is text, in CSV and in XLSX."""
    version = RecordVersion.objects.filter(record=doubt).order_by("-number")[0]
    evil = {**json.loads(version.payload), "document_number": '=HYPERLINK("http://x","y")'}
    with_evil = rival_of(doubt, source=doubt.source)
    newest = with_evil.versions.get()
    batch = version.batch
    RecordVersion.objects.bulk_create([
        RecordVersion(
            record=with_evil, number=2, action="updated", standing="active", held=True, subject_id_then=doubt.subject_id,
            payload=json.dumps(evil, ensure_ascii=False), content_hash="e", item_version=newest.item_version, actor="them",
            batch=batch, row=1, recorded_at=newest.recorded_at,
        )
    ])  # fmt: skip
    rows = taken(people["auditor"])
    assert '\'=HYPERLINK("http://x","y")' in [r["文号或者名称"] for r in rows]
    book = openpyxl.load_workbook(io.BytesIO(people["auditor"].get(f"{PAGE}.xlsx").content))
    sheet = book.worksheets[0]
    assert {c.data_type for line in sheet.iter_rows() for c in line if c.value} == {"s"}
    assert next(v.formula1 for v in sheet.data_validations.dataValidation) == '"确认,撤回"'


def test_every_row_is_answered_and_again_changes_nothing(people: dict[str, Client], doubt: Record) -> None:
    rows = taken(people["auditor"])
    content = filled(rows, ("确认", "已核对决定书原件"), ("撤回", "同一文号误报了两次"))
    html = sent(people["auditor"], content)
    assert [r[2] for r in told(html)] == ["已确认", "已撤回"]
    right, wrong = (Record.objects.get(pk=int(r["存疑编号"][1:].split("-")[0])) for r in rows)
    assert (right.held, right.standing, wrong.held, wrong.standing) == (False, "active", False, "withdrawn")
    newest = right.versions.order_by("-number")[0], wrong.versions.order_by("-number")[0]
    assert [(v.action, v.actor, v.reason) for v in newest] == [
        ("settle", "auditor", "已核对决定书原件"), ("drop", "auditor", "同一文号误报了两次"),
    ]  # fmt: skip
    assert (right.change, wrong.change) == (newest[0].pk, newest[1].pk)
    assert desk.seen(people["nobody"], f"/subjects/{doubt.subject.code}").count("<article") == 1
    before = RecordVersion.objects.count()
    assert [r[2] for r in told(sent(people["auditor"], content))] == ["以前已经这样处理"] * 2
    assert RecordVersion.objects.count() == before
    event = Event.objects.filter(action="doubt.decide").order_by("pk")[0]
    assert (event.detail["confirmed"], event.detail["withdrawn"], event.detail["refused"]) == (1, 1, 0)


def test_what_is_right_takes_the_place_of_what_was_withdrawn(people: dict[str, Client], doubt: Record) -> None:
    """The same wrong rows again change nothing; the right one under the same number takes effect on its own."""
    rows = taken(people["auditor"])
    sent(people["auditor"], filled(rows, ("撤回", "两条都写错了"), ("撤回", "两条都写错了")))
    assert not Record.objects.filter(held=True).exists()
    again = desk.submitted(people["reporter"], [desk.good(6), desk.good(6, CF_NR="另外的处罚内容")])
    people["auditor"].post(f"/workbench/batches/{again.pk}/release")
    again.refresh_from_db()
    assert (again.state, again.unchanged) == ("stored", 2)
    assert not Record.objects.filter(held=True).exists()
    put_right = desk.submitted(people["reporter"], [desk.good(6, CF_NR="更正后的处罚内容")])
    people["auditor"].post(f"/workbench/batches/{put_right.pk}/release")
    standing = Record.objects.filter(key=doubt.key).order_by("pk").values_list("standing", "held")
    assert list(standing) == [("withdrawn", False), ("withdrawn", False), ("active", False)]


def test_a_single_row_that_was_withdrawn_leaves_its_number_to_the_right_one(
    people: dict[str, Client], stored_batch: Batch
) -> None:
    """Not only contradicting rows: a doubt that stands alone under its key makes room, too."""
    alone = Record.objects.get(held=False, variant="", key__startswith=f"{desk.good(1)['CF_WSH']}|")
    Record.objects.filter(pk=alone.pk).update(held=True)
    path = f"/workbench/doubts/{alone.pk}"
    html = people["auditor"].post(path, {"reason": "不该报", "verdict": "withdraw"}, follow=True).content.decode()
    assert "已撤回，这一条留在档案里" in html
    alone.refresh_from_db()
    assert (alone.standing, alone.held) == (Standing.WITHDRAWN, False)
    assert alone.versions.order_by("-number")[0].action == "withdraw", "it had been in effect: receivers are told"
    put_right = desk.submitted(people["reporter"], [desk.good(1, CF_NR="更正后的处罚内容")])
    people["auditor"].post(f"/workbench/batches/{put_right.pk}/release")
    assert Record.objects.filter(key=alone.key, standing="active", held=False).count() == 1


REFUSED = {
    "an unknown verdict": ({"处理": "好的", "凭什么": "x"}, "应为“确认”或“撤回”"),
    "no grounds": ({"处理": "确认"}, "没有写「凭什么」"),
    "grounds that are too long": ({"处理": "确认", "凭什么": "很" * 501}, "最多 500 个"),
    "no number": ({"处理": "确认", "凭什么": "x", "存疑编号": "12"}, "没有“12”这一条存疑信息"),
    "a number of nobody": ({"处理": "确认", "凭什么": "x", "存疑编号": "D99999999-1"}, "没有“D99999999-1”"),
    "another state": ({"处理": "确认", "凭什么": "x", "存疑编号": "D{pk}-1"}, "清单下载以后，这一条已经变了"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_decided_is_refused_and_stops_no_other(
    people: dict[str, Client], doubt: Record, case: str
) -> None:
    cells, words = REFUSED[case]
    good, bad = taken(people["auditor"])
    pk = bad["存疑编号"][1:].split("-")[0]
    bad = {**bad, **{k: v.replace("{pk}", pk) for k, v in cells.items()}}
    content = filled([good, bad], ("确认", "已核对"), (bad["处理"], bad["凭什么"]))
    first, second = told(sent(people["auditor"], content))
    assert (first[0], first[2]) == ("2", "没有处理") and words in first[3]
    assert second[2] == "已确认"
    assert Record.objects.get(pk=int(pk)).held


def test_the_same_doubt_twice_is_decided_once(people: dict[str, Client], doubt: Record) -> None:
    row = taken(people["auditor"])[0]
    refused, done = told(sent(people["auditor"], filled([row, row], ("确认", "已核对"), ("撤回", "误报"))))
    assert "已经写在第 1 行" in refused[3] and done[2] == "已确认"


def test_four_eyes_and_foreign_units(people: dict[str, Client], doubt: Record) -> None:
    """R-024: who submitted is refused row by row; who belongs to another unit learns nothing; others have no list."""
    content = filled(taken(people["auditor"]), ("确认", "已核对"), ("确认", "已核对"))
    Batch.objects.update(submitted_by="both")
    assert {r[3] for r in told(sent(people["both"], content))} == {
        "报送人不能审核自己报送的批次，请由另一位审核员处理。"
    }
    assert all("不是您单位报送的" in r[3] for r in told(sent(people["stranger"], content)))
    assert taken_or_none(people["stranger"]) == []
    for who in ("reporter", "steward", "visitor"):
        assert people[who].get(PAGE).status_code == people[who].get(f"{PAGE}.csv").status_code == 403
    assert Record.objects.filter(held=True).count() == 2
    assert "用清单一起处理" in desk.seen(people["auditor"], "/workbench/doubts")
    assert "用清单一起处理" not in desk.seen(people["reporter"], "/workbench/doubts")


def taken_or_none(client: Client) -> Rows:
    return list(csv.DictReader(io.StringIO(client.get(f"{PAGE}.csv").content.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "这个文件是空的"),
        ("编号,处理\nD1-1,确认\n".encode(), "清单缺少这些列：存疑编号、凭什么"),
        ("存疑编号,处理,凭什么\nD1-1,,x\n".encode(), "没有一行填了「处理」"),
        (b"%PDF-1.7 nothing to read", "读不了这份清单"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused_with_what_would_be_right(
    people: dict[str, Client], doubt: Record, content: bytes, words: str
) -> None:
    assert words in sent(people["auditor"], content, status=422)


def test_the_workbook_comes_back_as_it_was_taken(people: dict[str, Client], doubt: Record) -> None:
    book = openpyxl.load_workbook(io.BytesIO(people["auditor"].get(f"{PAGE}.xlsx").content))
    for line in (2, 3):
        book.worksheets[0].cell(line, 2, "确认")
        book.worksheets[0].cell(line, 3, "已核对原件")
    out = io.BytesIO()
    book.save(out)
    assert [r[2] for r in told(sent(people["auditor"], out.getvalue(), "doubts.xlsx"))] == ["已确认", "已确认"]


def test_programs_decide_the_same_way(people: dict[str, Client], doubt: Record) -> None:
    api = Api(make_api_key(User.objects.get(username="auditor"), "存疑"))
    first, second = api.get("/doubts").json()["doubts"]
    one: Any = api.get(f"/doubts/{first['id']}").json()
    assert one["fields"]["行政处罚决定书文号"] == DOCUMENT and [s["differs"] for s in one["sides"]][:2] == [
        True,
        False,
    ]
    asked = [
        {"doubt": first["doubt"], "verdict": "confirm", "reason": "已核对原件"},
        {"doubt": second["doubt"], "verdict": "withdraw", "reason": ""},
    ]
    answer = api.post("/doubts/decisions", {"decisions": asked}).json()
    assert (answer["confirmed"], answer["refused"]) == (1, 1)
    assert "没有写「凭什么」" in answer["decisions"][1]["message"] and answer["decisions"][1]["message_en"]
    assert [r["outcome"] for r in api.post("/doubts/decisions", {"decisions": asked}).json()["decisions"]] == [
        "same",
        "refused",
    ]
