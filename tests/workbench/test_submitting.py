"""A file goes in by the page and every row is answered (F-02, R-022, R-031, R-049)."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import openpyxl
import pytest
from django.test import Client
from django.utils import translation

from chengxin.audit.models import Event
from chengxin.collection import jobs
from chengxin.collection.models import Batch, State
from chengxin.registry.models import Record
from chengxin.workbench.batch_findings import sentence, summary

from ..collection.files import HEADINGS
from . import desk

pytestmark = pytest.mark.once


def test_only_what_my_unit_may_submit_is_offered(people: dict[str, Client]) -> None:
    html = desk.seen(people["reporter"], "/workbench/submit")
    assert 'value="ecology-environment:penalty"' in html
    assert "tax-grade" not in html
    assert "emergency:" not in html
    for name in ("auditor", "steward", "visitor"):
        assert "担任信息管理员（报送）" in desk.seen(people[name], "/workbench/submit", 403)


def test_a_faulty_file_is_answered_row_by_row_at_once(people: dict[str, Client]) -> None:
    batch = desk.submitted(people["reporter"], desk.faulty())
    assert (batch.state, batch.channel, batch.received, batch.rejected, batch.doubtful) == ("checked", "page", 7, 2, 2)
    html = desk.seen(people["reporter"], f"/workbench/batches/{batch.pk}")
    for told in (
        batch.number, "收到 7 行，可入库 5 行，不予入库 2 行，存疑 2 行", "不是正确的统一社会信用代码", "2026-13-45",
        "penalty.key.duplicate", "处罚.csv", batch.file_sha256,
        '报送文件 <span class="soft">林知夏', '校验完成 <span class="soft">系统',
    ):  # fmt: skip
        assert told in html, told
    assert not Record.objects.exists()


def test_both_receipts_can_be_taken_away_and_that_is_kept(people: dict[str, Client]) -> None:
    batch = desk.submitted(people["reporter"], desk.faulty())
    table = b"".join(people["reporter"].get(f"/workbench/batches/{batch.pk}/receipt.csv").streaming_content)  # type: ignore[attr-defined]
    assert table.decode("utf-8-sig").splitlines()[0] == "row,rule,level,field,found,expected,message"
    book = people["auditor"].get(f"/workbench/batches/{batch.pk}/receipt.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(book.streaming_content))).worksheets[0]  # type: ignore[attr-defined]
    assert sheet.max_row == 8
    taken = (
        Event.objects.filter(action="batch.download", object=str(batch.pk))
        .order_by("pk")
        .values_list("actor", flat=True)
    )
    assert list(taken) == ["reporter", "auditor"]


def test_findings_can_be_read_rule_by_rule(people: dict[str, Client]) -> None:
    batch = desk.submitted(people["reporter"], desk.faulty())
    html = desk.seen(people["reporter"], f"/workbench/batches/{batch.pk}?rule=penalty.decided_on.date")
    below = html[html.index('id="findings"') :]
    assert "2026-13-45" in below
    assert "91320500MA10000200" not in below
    desk.seen(people["reporter"], f"/workbench/batches/{batch.pk}?rule=nothing&page=7")


def test_many_findings_come_page_by_page(people: dict[str, Client]) -> None:
    batch = desk.submitted(people["reporter"], [desk.good(n, CF_SY="") for n in range(1, 121)])
    html = desk.seen(people["reporter"], f"/workbench/batches/{batch.pk}?page=3")
    assert "第 3 页，共 3 页" in html
    assert html[html.index('id="findings"') :].count('role="rowheader"') == 20


def test_a_file_refused_whole_shows_its_sentence(people: dict[str, Client]) -> None:
    batch = desk.submitted(people["reporter"], "名字,代码\n甲,乙\n丙,丁\n".encode())
    assert batch.state == State.REFUSED
    html = desk.seen(people["reporter"], f"/workbench/batches/{batch.pk}")
    for told in ("整批退回", "整个文件没有收下", "表头缺少必填栏目", "行政处罚决定书文号"):
        assert told in html
    english = people["reporter"].get(f"/workbench/batches/{batch.pk}", headers={"Accept-Language": "en"})
    assert "The header lacks required columns" in english.content.decode()
    assert batch.number in desk.seen(people["reporter"], "/workbench")
    again = "/workbench/submit?what=ecology-environment%3Apenalty"
    assert f'href="{again}"' in html and 'href="/catalogue/penalty/template.xlsx"' in html, (
        "and where it goes on from here"
    )
    assert 'value="ecology-environment:penalty" selected' in desk.seen(people["reporter"], again)
    assert again not in desk.seen(people["auditor"], f"/workbench/batches/{batch.pk}"), (
        "who may not send in is not asked to"
    )


@pytest.mark.parametrize("what", ["", "ecology-environment:tax-grade", "emergency:penalty", "nonsense"])
def test_what_is_not_offered_is_not_taken(people: dict[str, Client], what: str) -> None:
    response = desk.upload(people["reporter"], [desk.good(1)], what=what)
    html = response.content.decode()
    assert response.status_code == 422
    assert 'class="errors" tabindex="-1" autofocus' in html
    assert 'href="#id_what"' in html
    assert 'aria-invalid="true"' in html
    assert not Batch.objects.exists()


def test_no_file_and_an_empty_file_are_told_apart(people: dict[str, Client], store: object) -> None:
    missing = people["reporter"].post("/workbench/submit", {"what": "ecology-environment:penalty", "token": "t"})
    assert "请选择要报送的文件" in missing.content.decode()
    assert "这个文件是空的" in desk.upload(people["reporter"], b"").content.decode()
    assert not Batch.objects.exists()


def test_too_large_a_file_is_refused_with_the_limit_and_leaves_nothing(
    people: dict[str, Client], monkeypatch: pytest.MonkeyPatch, store: object
) -> None:
    monkeypatch.setattr("chengxin.collection.uploads.MAX_BYTES", 100_000)
    monkeypatch.setattr("chengxin.workbench.forms.MAX_BYTES", 100_000)
    response = desk.upload(people["reporter"], b"x" * 200_001)
    assert response.status_code == 422
    assert "文件超过 97.7\xa0KB，没有收下" in response.content.decode()
    assert not Batch.objects.exists()
    assert not list(Path(store.home).glob("evidence/**/*"))  # type: ignore[attr-defined]


def test_a_second_click_finds_the_first_ones_batch(people: dict[str, Client]) -> None:
    first = desk.submitted(people["reporter"], [desk.good(1)], token="t" * 32)
    second = desk.submitted(people["reporter"], [desk.good(1)], token="t" * 32)
    other = desk.submitted(people["reporter"], [desk.good(2)], token="t" * 32)
    assert first.pk == second.pk != other.pk


def test_a_large_file_waits_for_the_worker_and_the_page_for_the_answer(
    people: dict[str, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "INLINE_BYTES", 0)
    batch = desk.submitted(people["reporter"], [desk.good(1)])
    page = f"/workbench/batches/{batch.pk}"
    waiting = desk.seen(people["reporter"], page)
    assert batch.state == State.RECEIVED
    assert '<noscript><meta http-equiv="refresh"' in waiting, "it works without JavaScript too"
    assert f'hx-get="{page}/progress" hx-trigger="every' in waiting
    assert "停止自动更新" in waiting
    assert "refresh" not in desk.seen(people["reporter"], f"{page}?watch=0")
    part = people["reporter"].get(f"{page}/progress")
    assert "正在排队等待校验" in part.content.decode() and "<html" not in part.content.decode()
    assert "HX-Refresh" not in part
    jobs.work(once=True)
    assert people["reporter"].get(f"{page}/progress")["HX-Refresh"] == "true"
    done = desk.seen(people["reporter"], page)
    assert "hx-get" not in done
    assert "校验完成，等待审核放行" in done


def test_the_steps_of_a_batch_say_where_it_is(people: dict[str, Client], batch: Batch) -> None:
    def now(state: str, **more: object) -> str:
        Batch.objects.filter(pk=batch.pk).update(state=state, **more)
        html = desk.seen(people["reporter"], f"/workbench/batches/{batch.pk}?watch=0")
        found = re.search(r'aria-current="step"><p class="what">(\S+)', html)
        return found[1] if found else ""

    assert [now("received"), now("checking"), now("checking", rows_done=3)] == ["读取", "读取", "检查"]
    assert [now("checked"), now("merging"), now("stored"), now("returned")] == ["等待放行", "入库", "", ""]
    now("merging", rows_done=4)
    assert "4 / 7，57%" in desk.seen(people["reporter"], f"/workbench/batches/{batch.pk}/progress")


def test_a_missing_column_is_told_without_puzzles(people: dict[str, Client]) -> None:
    headings = ",".join(h for h in HEADINGS if h != "CF_WSH")
    batch = desk.submitted(people["reporter"], f"{headings}\n".encode() + b"x," * 14 + b"x\n")
    assert batch.state == State.REFUSED
    html = desk.seen(people["reporter"], f"/workbench/batches/{batch.pk}")
    assert "表头缺少必填栏目：行政处罚决定书文号。文件里的其他表头都认得出。" in html
    assert "（无）" not in html


def test_an_english_reader_gets_english_receipts(people: dict[str, Client]) -> None:
    batch = desk.submitted(people["reporter"], desk.faulty())
    people["reporter"].cookies["django_language"] = "en"
    page = f"/workbench/batches/{batch.pk}"
    table = b"".join(people["reporter"].get(f"{page}/receipt.csv").streaming_content)  # type: ignore[attr-defined]
    heads, *rows = csv.reader(io.StringIO(table.decode("utf-8-sig")))
    assert heads == ["row", "rule", "level", "field", "found", "expected", "message"]
    assert not [r[6] for r in rows if "请" in r[6]]
    assert [r[0] for r in rows] == sorted((r[0] for r in rows), key=int), "in the order of the file"
    code = next(r[6] for r in rows if r[1] == "penalty.subject_code.subject_code")
    assert "91320500MA10000200" in code
    book = people["reporter"].get(f"{page}/receipt.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(book.streaming_content))).worksheets[0]  # type: ignore[attr-defined]
    assert code in str(sheet["B3"].value)


def test_a_forged_form_changes_nothing(people: dict[str, Client]) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = people["reporter"].cookies
    response = desk.upload(strict, [desk.good(1)])
    assert (response.status_code, "表单已失效" in response.content.decode()) == (403, True)
    assert not Batch.objects.exists()


@pytest.mark.parametrize("state", list(State))
def test_every_state_says_what_happened_and_what_to_do(people: dict[str, Client], batch: Batch, state: State) -> None:
    Batch.objects.filter(pk=batch.pk).update(state=state, released_by="auditor")
    html = desk.seen(people["both"], f"/workbench/batches/{batch.pk}")
    note = html[html.index('role="status"') :].split("</div>")[0]
    assert str(state.label) in note
    assert note.count("<p>") >= 2
    assert "%(" not in note
    assert "/release" not in html


def test_a_line_that_is_no_row_is_summed_up_in_words() -> None:
    """F-02, R-049: what the readers find has no rule of the packs, and is told all the same, in both languages."""
    assert "引号不成对" in summary({}, "penalty.line.open-quote")
    with translation.override("en"):
        assert "quotes" in summary({}, "penalty.line.open-quote")
        finding = {"rule": "penalty.line.open-quote", "message": "这一行读不成一条记录。", "found": "", "expected": ""}
        assert "quotes" in sentence(None, finding)
    assert summary({}, "penalty.gone") == "penalty.gone", "a rule that the packs have no longer"
