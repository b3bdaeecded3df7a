"""A draft is tried on today's register before anybody enacts it: who moves, where, why; nothing is stored (issue 3, 1)."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import Denied
from chengxin.evaluation.models import CurrentGrade, Grade, Run
from chengxin.evaluation.report import write_report
from chengxin.evaluation.simulation import simulate
from chengxin.policy.errors import PolicyError
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.evaluation_check import read_model
from chengxin.registry.packs import policies

from ..conftest import REPO
from ..registry.staged import row, send
from .world import ACTOR, ECOLOGY, code, penalty, register

PACK = REPO / "policies" / "departments" / "ecology-environment" / "evaluation.toml"
MILDER = (
    ("points = -4\n", "points = -2\n"),
    ("[competence]", "[third_party]\nagency = '某公司'\ncontract = '合同'\n[unused]"),
    ('version = "2026.1"', 'version = "draft"'),
)


@pytest.fixture
def draft(tmp_path) -> Path:
    text = PACK.read_text("utf-8")
    for old, new in MILDER:
        assert old in text
        text = text.replace(old, new, 1)
    start, end = text.index("[unused]"), text.index("[publication]")
    file = tmp_path / "draft.toml"
    file.write_text(text[:start] + text[end:], "utf-8")
    return file


def both(draft: Path) -> tuple[Evaluation, Evaluation]:
    return read_model(draft, policies()), read_model(PACK, policies())


CAPITAL = {
    "800万元人民币": "small", "500(万元人民币)": "small", "3000（万人民币）": "middle", "2亿元": "large", "60万元": "micro",
    "10000(万美元)": "", "5000": "", "另见章程": "",
}  # fmt: skip


def test_capital_is_read_as_it_is_written_and_what_is_not_plainly_yuan_is_of_no_class(
    province, draft, tmp_path
) -> None:
    """Movers are told by size (issue 3, section 1): real files write unit and currency in many ways, and no rate is guessed."""
    for n, written in enumerate(CAPITAL, 1):
        content = {"registered_on": "2015-06-01", "capital": written}
        send(row(n, code(n), f"云岭化工{n}厂", f"reg-{code(n)}", content=content, severity="", region="320100",
                 industry="C26", registered_on=None), source="market-regulation", item="registration")  # fmt: skip
        penalty(n, f"苏环罚〔2026〕{n}号", "2026-05-20")
    new, old = both(draft)
    done = simulate(new, ACTOR, against=old, out=tmp_path)
    told = Counter(CAPITAL.values())
    assert {r["code"]: r["subjects"] for r in done.by_size} == told


def test_a_milder_draft_moves_whom_it_should_and_says_why(province, draft, tmp_path) -> None:
    register(1, 2, 3)
    content = {"registered_on": "2015-06-01", "capital": "500(万元人民币)"}
    send(row(1, code(4), "=云岭<b>4</b>厂", f"reg-{code(4)}", content=content, severity="", region="320500", industry="G54",
             registered_on=None), source="market-regulation", item="registration")  # fmt: skip
    penalty(1, "苏环罚〔2026〕1号", "2026-05-20")
    penalty(2, "苏环罚〔2026〕2号", "2026-05-20", "minor")
    send(row(1, code(4), "=云岭<b>4</b>厂", "苏环罚〔2026〕4号",
             content={"decided_on": "2026-06-01", "authority_name": ECOLOGY}))  # fmt: skip
    new, old = both(draft)
    assert new.draft and not old.draft
    done = simulate(new, ACTOR, against=old, out=tmp_path)
    assert (done.subjects, done.moved, done.up, done.down) == (3, 2, 2, 0)
    assert {(m["before"], m["after"]): m["subjects"] for m in done.migration} == {
        ("yellow", "blue"): 2,
        ("blue", "blue"): 1,
    }
    assert done.indicators == [{"indicator": "penalties", "subjects": 2, "movers": 2, "difference": 2.0}]
    assert {r["code"]: (r["subjects"], r["up"]) for r in done.by_region} == {"320100": (2, 1), "320500": (1, 1)}
    assert {r["code"] for r in done.by_industry} == {"C", "G"}
    assert {(r["code"], r["label"], r["subjects"]) for r in done.by_size} == {
        ("", "", 2), ("small", "注册资本一百万元至一千万元", 1),
    }  # fmt: skip
    files = write_report(done, tmp_path)
    page = files[0].read_text("utf-8")
    assert "=云岭&lt;b&gt;4&lt;/b&gt;厂" in page and "<b>4</b>" not in page and "草案" in page
    assert "http" not in page.replace("http-equiv", "")  # the page needs nothing from anywhere
    with (tmp_path / "moves.csv").open(encoding="utf-8") as handle:
        moves = {m["code"]: m for m in csv.DictReader(handle)}
    assert moves[code(4)]["name"] == "'=云岭<b>4</b>厂" and moves[code(4)]["why"] == "penalties -4.0 → -2.0"
    assert (Run.objects.count(), Grade.objects.count(), CurrentGrade.objects.count()) == (0, 0, 0)


def test_a_new_model_has_nothing_to_be_held_against(province, draft, tmp_path) -> None:
    done = simulate(both(draft)[0], ACTOR, out=tmp_path)
    assert (done.subjects, done.moved) == (0, 0)
    register(1)
    penalty(1, "苏环罚〔2026〕1号", "2026-05-20")
    done = simulate(both(draft)[0], ACTOR, out=tmp_path)
    assert {g["grade"]: g["after"] for g in done.grades if g["after"]} == {"blue": 1}
    assert "没有对照模型" in write_report(done, tmp_path)[0].read_text("utf-8")


def test_not_everybody_may_simulate_and_a_wrong_draft_is_named_by_its_line(province, draft, tmp_path) -> None:
    with pytest.raises(Denied, match="制定它的部门"):
        simulate(both(draft)[0], Actor("he", {"emergency": frozenset({"reporter"})}))
    draft.write_text(draft.read_text("utf-8").replace("severity = 'general'", "severity = 'middling'"), "utf-8")
    with pytest.raises(PolicyError) as caught:
        read_model(draft, policies())
    assert caught.value.file == "draft.toml" and caught.value.line > 0 and "'middling'" in caught.value.found
