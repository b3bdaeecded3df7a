"""`chengxin case …` and `chengxin due`: the contract that others script against (issue 4, section 5)."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Role
from chengxin.audit.keys import open_log
from chengxin.audit.models import Look
from chengxin.cases import actions
from chengxin.cli.app import app
from chengxin.cli.common import system_user

from ..cases import world as w


def say(*words: str | Path) -> tuple[int, dict | list]:
    done = CliRunner().invoke(app, ["case", *map(str, words), "--json"], catch_exceptions=False)
    return done.exit_code, json.loads(done.stdout)


@pytest.fixture(autouse=True)
def _log(store) -> None:
    """As `chengxin init` leaves it: what goes out to receivers is signed."""
    open_log("operator")


@pytest.fixture
def files(tmp_path) -> list[str]:
    proof = tmp_path / "材料.pdf"
    proof.write_bytes(w.PDF)
    return ["--attach", f"commitment={proof}", "--attach", f"fulfilment={proof}"]


YES = ["--form", "corrected=是", "--form", "duties_done=是", "--form", "truth=是"]


def test_a_repair_from_the_command_line(store, files, tmp_path) -> None:
    record = w.settle()
    code, case = say(
        "open", "repair", "--record", record.pk, *YES, *files, "--as", "云岭", "--on", "2026-06-01", "--key", "1"
    )
    assert (code, case["state"], case["due_on"]) == (0, "filed", "2026-06-04")
    number = case["number"]
    assert say("open", "repair", "--record", record.pk, *YES, *files, "--as", "云岭", "--on", "2026-06-01", "--key", "1")[1][
        "number"
    ] == number  # fmt: skip
    assert say("act", number, "accept", "--as", "云岭")[1]["kind"] == "denied", "an operator under the applicant's name"
    assert say("act", number, "accept", "--as", "初审", "--on", "2026-06-02")[0] == 0
    code, refused = say("act", number, "approve", "--as", "复审", "--reason", "可")
    assert (code, refused["kind"], refused["now"]) == (2, "moved", "已受理，待初审")
    say("act", number, "first-review", "--as", "初审", "--reason", "齐", "--on", "2026-06-03")
    assert say("act", number, "approve", "--as", "初审", "--reason", "可")[1]["kind"] == "denied", (
        "two reviews, two people"
    )
    code, done = say("act", number, "approve", "--as", "复审", "--reason", "可", "--on", "2026-06-04", "--expect", "3")
    assert (code, done["outcome"], done["moves"]) == (0, "granted", 4)
    assert [x["step"] for x in done["timeline"] if x["kind"] == "step"] == ["open", "accept", "first-review", "approve"]
    assert [c["number"] for c in say("list", "--procedure", "repair", "--all")[1]] == [number] and say("list")[1] == []
    pdf = tmp_path / "决定书.pdf"
    code, _told = say("letter", done["letters"][-1]["number"], "--out", pdf)
    assert code == 0 and pdf.read_bytes().startswith(b"%PDF")
    copy = tmp_path / "材料副本.pdf"
    assert say("evidence", number, done["attachments"][0]["id"], "--out", copy)[0] == 0 and copy.read_bytes() == w.PDF
    assert say("sample", "repair", "--count", 1, "--since", "2026-06-01", "--until", "2026-06-30", "--as", "甲")[1] == [
        number
    ]
    assert say("judge", number, "--as", "复审")[1]["kind"] == "denied", "nobody checks their own case"
    assert (
        say("judge", number, "--wrong", "approve", "--finding", "凭证不符", "--as", "乙")[1]["wrong_step"] == "approve"
    )


def test_the_result_of_a_query_is_written_as_it_is_or_as_a_table(store, tmp_path) -> None:
    """R-113: the same tables as page and API, and the same look of the subject."""
    w.settle()
    form = {"purpose": "专项资金审查", "basis": "管理办法", "subjects": [w.YUNLING]}
    case = w.opened("batch-query", w.REPORTER, source=w.SOURCE, form=form, files=(w.upload("letter"),))
    for who, step in ((w.AUDITOR, "approve"), (w.STEWARD, "release")):
        actions.act(who, case.number, step, reason="同意")
    kept, book = case.attachments.get(material="result"), tmp_path / "r.xlsx"
    assert say("evidence", case.number, kept.pk, "--out", book, "--form", "xlsx")[0] == 0
    assert w.YUNLING in [cell.value for cell in openpyxl.load_workbook(book).worksheets[0][2]]
    assert say("evidence", case.number, kept.pk, "--out", tmp_path / "r.zip")[0] == 0
    assert (tmp_path / "r.zip").read_bytes().startswith(b"PK")
    assert Look.objects.filter(subject=w.YUNLING, basis=case.number).count() == 3, "sealed, and opened twice"
    code, told = say("evidence", case.number, kept.pk, "--out", book, "--form", "doc")
    assert code == 2 and "csv" in told["reason"]


def test_the_list_and_a_letter_are_looks_too(store, tmp_path) -> None:
    """G-10: one a day for each case that is listed; each letter that is written to a file."""
    w.settle()
    form = {"facts": "在线监测设备停运", "demand": "十日内恢复", "term": "2026-06-12"}
    more = {"form": form, "files": (w.upload("order"),)}
    case = w.opened("rectification", w.REPORTER, subject=w.YUNLING, source=w.SOURCE, **more)
    actions.act(w.AUDITOR, case.number, "order", reason="违反第二十三条", on=w.FILED)
    letter = case.letters.get()
    assert [c["number"] for c in say("list")[1]] == [c["number"] for c in say("list")[1]] == [case.number]
    assert say("letter", letter.number, "--out", tmp_path / "x.pdf")[0] == 0
    rows = Look.objects.filter(subject=w.YUNLING, actor=system_user()).order_by("pk").values_list("purpose", "basis")
    assert list(rows) == [("查看办件列表", case.number), (f"责令整改和约谈：{letter.title}", case.number)]


def test_what_does_not_fit_is_refused_with_one_sentence(store, files) -> None:
    record = w.settle()
    for words, expected in [
        (["open", "repare", "--record", record.pk], "repare"),
        (["open", "repair", "--record", "999"], "999"),
        (["open", "repair", "--record", record.pk, "--form", "corrected"], "名字=回答"),
        (["open", "repair", "--record", record.pk, "--form", "mood=好"], "没有「mood」"),
        (["open", "repair", "--record", record.pk, "--attach", "commitment=/nowhere.pdf"], "存在的文件"),
        (["show", "修复〔2026〕9号"], "修复〔2026〕9号"),
        (["list", "--procedure", "repare"], "sector-repair"),
        (["act", "修复〔2026〕9号", "accept"], "修复〔2026〕9号"),
        (["letter", "修复函〔2026〕9号", "--out", "x.pdf"], "修复函〔2026〕9号"),
        (["receiver", "nobody"], "credit-china"),
        (["receiver", "credit-china", "--url", "ftp://x"], "http"),
    ]:
        code, answer = say(*words)
        assert code == 2 and expected in answer["reason"] and "\n" not in answer["reason"], (words, answer)
    code, answer = say("open", "repair", "--record", record.pk, *YES, *files, "--on", "2026-04-20", "--as", "a")
    code, answer = say("act", answer["number"], "accept", "--as", "b", "--on", "2026-04-21")
    assert code == 2 and answer["unmet"][0]["id"] == "minimum" and "2026-05-10" in answer["unmet"][0]["remedy_en"]


def test_a_person_of_the_platform_acts_with_their_own_rights(store, files) -> None:
    """`--as` with the name of a known person is that person, with no operator's powers."""
    record = w.settle()
    make_user("clerk", "经办员", None, [("market-regulation", Role.REPORTER)])
    make_user("first", "初审员", None, [("centre", Role.FIRST_REVIEWER)])
    number = say("open", "repair", "--record", record.pk, *YES, *files, "--as", "云岭", "--on", "2026-06-01")[1][
        "number"
    ]
    assert say("act", number, "accept", "--as", "clerk")[1]["kind"] == "denied"
    assert say("show", number, "--as", "clerk")[0] == 2, "and does not even learn that it exists"
    assert say("act", number, "accept", "--as", "first", "--on", "2026-06-02")[0] == 0
    assert say("show", number, "--as", "first")[1]["steps"] == ["first-review", "extend"]


def test_due_runs_clocks_and_deliveries_and_can_run_twice(store) -> None:
    record = w.settle()
    form = ["--form", "claim=其他", "--form", "statement=x"]
    number = say("open", "objection", "--record", record.pk, *form, "--as", "云岭", "--on", "2026-06-01")[1]["number"]
    say("act", number, "accept", "--as", "甲", "--on", "2026-06-02")
    say("act", number, "verify", "--as", "乙", "--on", "2026-06-02", "--reason", "错", "--form", "finding=应当删除")

    def due(on: str) -> dict:
        return json.loads(CliRunner().invoke(app, ["due", "--on", on, "--json"], catch_exceptions=False).stdout)

    late = due("2026-06-09")
    assert late["cases"] == {"reminders": 1, "escalations": 1, "steps": 0, "moved": 0, "stuck": 0}
    assert [(n["kind"], n["role"]) for n in say("notices")[1]] == [("escalation", "steward"), ("overdue", "auditor")]
    say("act", number, "delete", "--as", "丙", "--on", "2026-06-09", "--reason", "删除")
    assert due("2026-06-09")["deliveries"] == {"made": 3, "sent": 3, "acknowledged": 0, "failed": 0}
    assert not any(due("2026-06-09")["deliveries"].values())
    assert {r["state"] for r in say("show", number)[1]["receivers"]} == {"sent"}
    stats = say("stats", "--since", "2026-06-01", "--until", "2026-06-30")[1]
    assert [(s["procedure"], s["closed"], s["on_time"], s["on_time_goal"]) for s in stats] == [
        ("objection", 1, 0.5, 1.0)
    ]


def test_the_human_reader_is_served_too(store) -> None:
    record = w.settle()
    form = ["--form", "claim=其他", "--form", "statement=x"]
    words = ["case", "open", "objection", "--record", str(record.pk), *form, "--as", "云岭", "--on", "2026-06-01"]
    shown = CliRunner().invoke(app, words, catch_exceptions=False).stdout
    assert (
        "异议〔2026〕1号" in shown
        and "等待受理" in shown
        and "2026-06-08" in shown
        and "现在可以：return、withdraw" in shown
    )
    listed = CliRunner().invoke(app, ["case", "list"], catch_exceptions=False).stdout
    assert w.NAME in listed and "2026-06-02" in listed
    for words in (
        ["laggards"],
        ["procedures"],
        ["receiver", "credit-china"],
        ["stats", "--since", "2026-01-01", "--until", "2026-12-31"],
    ):
        assert CliRunner().invoke(app, ["case", *words], catch_exceptions=False).exit_code == 0
