"""Results wait on a page of the model until an auditor who had no hand in them has verified them (R-144, R-024)."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from chengxin.accounts.actors import operator
from chengxin.evaluation.jobs import follow_model
from chengxin.evaluation.models import CurrentGrade, Verification, Waiting
from chengxin.evaluation.waiting import waits
from chengxin.policy.evaluation import Evaluation, model_of
from chengxin.registry.packs import policies
from chengxin.supervision.alerts.finding import find
from chengxin.workbench.todo import waiting_for

from ..conftest import REPO
from ..registry.staged import row, send
from . import bureau as b
from .case_desk import actor
from .desk import seen
from .test_step_up import asked, stale

pytestmark = pytest.mark.once
PATH = f"{b.PLACE}/models/{b.MODEL}/verification"


@pytest.fixture
def people(scene: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Client]:
    """The department; then its model is verified first, and two polluters are fined again."""
    found: dict[str, Client] = scene(b.settle)
    steps = property(lambda model: tuple(s for s in model.verification if s.by == "people"))
    monkeypatch.setattr(Evaluation, "holding", steps)
    for n in (1, 2):
        fined_again(n)
    b.grade()
    return found


def fined_again(number: int) -> None:
    day, key = b.TODAY - timedelta(days=5), f"宁环罚〔2026〕{number}号之二"
    content = {"decided_on": day.isoformat(), "authority_name": "南京市生态环境局", "document_number": key}
    send(row(1, b.code(number), b.name(number), key, severity="serious", decided_on=day, content=content))


def grade_of(number: int) -> str:
    return CurrentGrade.objects.get(subject__code=b.code(number), model=b.MODEL).grade


def test_an_auditor_decides_and_whoever_only_reports_reads(people: dict[str, Client]) -> None:
    assert "2 个结果还没有生效" in seen(people["auditor"], f"{b.PLACE}/models/{b.MODEL}")
    assert "等核实的评价结果" in seen(people["auditor"], b.PLACE)
    told = seen(people["reporter"], PATH)
    assert b.name(1) in told and b.name(3) not in told and "记下结论" not in told
    assert people["stranger"].get(PATH).status_code == 404
    before = grade_of(1)
    first = CurrentGrade.objects.get(subject__code=b.code(1), model=b.MODEL).subject_id
    refused = people["auditor"].post(PATH, {"whom": "ticked", "outcome": "confirm"})
    assert refused.status_code == 422 and "请先选出" in refused.content.decode()
    refused = people["auditor"].post(PATH, {"whom": "ticked", "outcome": "return", "subject": first})
    told = refused.content.decode()
    assert refused.status_code == 422 and "写明理由" in told and " checked>" in told and grade_of(1) == before
    assert people["reporter"].post(PATH, {"whom": "all", "outcome": "confirm"}).status_code == 200
    assert not Verification.objects.exists(), "a reporter's form is nobody's decision"
    done = people["auditor"].post(PATH, {"whom": "ticked", "outcome": "confirm", "subject": first}, follow=True)
    assert "1 个等级生效" in done.content.decode() and grade_of(1) != before
    assert people["auditor"].post(PATH, {"whom": "all", "outcome": "confirm"}).status_code == 302
    assert "没有在等核实的结果" in seen(people["auditor"], PATH)


def test_an_auditor_does_not_verify_what_they_ran(people: dict[str, Client]) -> None:
    model = model_of(policies(), b.MODEL, b.TODAY)
    fined_again(3)
    follow_model(model, policies(), operator("auditor"), b.TODAY)
    before, waiting = grade_of(3), sum(waits(model).values())
    done = people["auditor"].post(PATH, {"whom": "all", "outcome": "confirm"}, follow=True).content.decode()
    assert "留给另一位审核员" in done and sum(waits(model).values()) == 1 < waiting and grade_of(3) == before
    assert people["second"].post(PATH, {"whom": "all", "outcome": "confirm"}).status_code == 302
    assert grade_of(3) != before


def test_a_late_verification_is_told_and_stands_first(people: dict[str, Client], settings: Any, tmp_path: Path) -> None:
    """R-144, F-15: the department is told by its pack's rule, with the way to where it is done; the first page of whoever
    must verify, the page of models and the API say that it is late."""
    settings.POLICIES = ruled(tmp_path)
    late = b.TODAY - timedelta(days=2)
    Waiting.objects.filter(subject__code=b.code(1)).update(due=late)
    Waiting.objects.filter(subject__code=b.code(2)).update(due=b.TODAY)
    assert find(b.TODAY, "due").by_rule["test-late"] == 1
    told = seen(people["auditor"], f"{b.PLACE}/alerts")
    assert f"1 个结果等到 {late}" in told and f'href="{PATH}"' in told
    found = next(w for w in waiting_for(actor("auditor"), b.TODAY) if w.route == "models")
    assert (found.count, found.today, found.late) == (2, 1, 1)
    assert next(iter(waiting_for(actor("auditor"), b.TODAY))).late, "what is late stands first"
    assert "1 个已逾期" in seen(people["auditor"], f"{b.PLACE}/models")
    assert not [w for w in waiting_for(actor("reporter"), b.TODAY) if w.route == "models"]
    answer = people["auditor"].get("/api/v1/alerts").json()["alerts"]
    assert [(a["about"], a["code"]) for a in answer if a["rule"] == "test-late"] == [(b.MODEL, None)]
    results = people["auditor"].get(f"/api/v1/models/{b.MODEL}/waiting").json()["results"]
    assert {r["code"]: r["late"] for r in results} == {b.code(1): True, b.code(2): False}


def test_a_program_leafs_through_what_waits_as_the_page_does(people: dict[str, Client]) -> None:
    """R-144: by step, page by page in the order of the terms, none twice, also when one is decided meanwhile."""
    fined_again(3)
    b.grade()
    for number, due in ((1, None), (2, b.TODAY + timedelta(days=9)), (3, b.TODAY + timedelta(days=2))):
        Waiting.objects.filter(subject__code=b.code(number)).update(due=due)
    path, auditor = f"/api/v1/models/{b.MODEL}/waiting", people["auditor"]
    step = next(iter(auditor.get(path).json()["steps"]))
    first = auditor.get(path, {"limit": 1, "step": step}).json()
    assert [r["code"] for r in first["results"]] == [b.code(3)] and first["steps"] == {step: 3}
    Waiting.objects.filter(subject__code=b.code(3)).delete()
    second = auditor.get(path, {"limit": 1, "step": step, "cursor": first["next"]}).json()
    third = auditor.get(path, {"limit": 1, "cursor": second["next"]}).json()
    assert [r["code"] for r in (*second["results"], *third["results"])] == [b.code(2), b.code(1)]
    assert third["next"] is None, "what has no term comes last"
    assert auditor.get(path, {"step": "no-such-step"}).json()["results"] == []
    for wrong in ("x", "AAAAAAAAAAE", "f_________8"):  # no cursor, a day before all days, one after them
        assert auditor.get(path, {"cursor": wrong}).status_code == 400


def test_the_password_is_asked_for_before_a_reason_is_typed(people: dict[str, Client]) -> None:
    stale(people["auditor"])
    assert asked(people["auditor"].get(PATH)) == PATH
    stale(people["reporter"])
    assert people["reporter"].get(PATH).status_code == 200, "who only reads is asked for nothing"


def ruled(folder: Path) -> Path:
    """The shipped packs with a rule about the terms of the environment's model."""
    shutil.copytree(REPO / "policies", folder / "policies")
    file = folder / "policies" / "departments" / b.MODEL / "alerts.toml"
    file.write_text(file.read_text("utf-8") + LATE, "utf-8")
    return folder / "policies"


LATE = f"""
[[alert]]
id = "test-late"
label = "核实逾期"
label_en = "Late"
weight = "warning"
verification = {{ models = ["{b.MODEL}"], late_days = 1 }}
tell = ["department"]
department = "{b.MODEL}"
text = "{{count}} 个结果等到 {{date}}"
text_en = "{{count}} results until {{date}}"
basis = "试验"
"""
