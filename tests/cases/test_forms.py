"""A step as a form: the procedure says what is asked, the engine says what is taken (R-212, R-239)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from chengxin.cases.forms import Entry, StepForm
from chengxin.cases.packs import in_force, templates
from chengxin.policy.procedures import Procedure

from . import world as w

pytestmark = pytest.mark.once


def sheet(id: str, data: dict[str, str] | None = None, step: str = "", **more: Any) -> StepForm:
    procedure: Procedure = in_force(id, w.FILED)
    files = more.pop("files", None)
    return StepForm(
        data, files, procedure=procedure, step=procedure.step(step) if step else procedure.opening, **more
    )  # fmt: skip


def pdf(name: str = "证明.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, w.PDF)


def test_the_applicant_is_asked_what_the_opening_asks_and_nothing_a_decider_states() -> None:
    form = sheet("objection")
    assert [f.name for f in form.shown()] == ["ask_claim", "ask_statement", "file_proof"]
    assert [f.name for f in form.shown() if f.field.required] == ["ask_claim", "ask_statement"]


def test_a_correction_names_fields_of_the_record_and_what_they_say_now() -> None:
    entries = [Entry("violation", "违法行为类型", "超标排放"), Entry("fine_amount", "罚款金额", "")]
    form = sheet(
        "objection", {"change_changes_violation": " 超量排放 ", "change_changes_fine_amount": ""},
        entries=entries, parts=("changes",),
    )  # fmt: skip
    assert "超标排放" in form["change_changes_violation"].help_text
    assert form.is_valid()
    assert form.answers() == {"changes": {"violation": "超量排放"}}


def test_answers_come_in_the_words_the_verbs_take() -> None:
    given = {"ask_corrected": "是", "ask_duties_done": "否", "ask_truth": "on"}
    form = sheet("repair", given, files={"file_commitment": pdf()})
    assert form.is_valid(), form.errors
    assert form.answers() == {"corrected": "是", "duties_done": "否", "truth": "是"}
    assert [(u.material, u.file_name) for u in form.uploads()] == [("commitment", "证明.pdf")]


def test_what_is_missing_is_named_beside_its_question() -> None:
    form = sheet("repair", {})
    assert not form.is_valid()
    assert set(form.errors) == {"ask_corrected", "ask_duties_done", "ask_truth", "file_commitment"}
    assert form.errors["file_commitment"] == ["请附上「信用修复承诺书」。"]


def test_an_answer_the_engine_refuses_is_refused_in_its_words() -> None:
    form = sheet("objection", {"ask_claim": "不喜欢", "ask_statement": "x"})
    assert not form.is_valid()
    assert "ask_claim" in form.errors


def test_an_agent_is_asked_for_the_mandate_and_a_representative_is_not() -> None:
    opening = in_force("declaration", w.FILED).opening
    of = {who.role: who for who in opening.who}
    assert "file_mandate" in sheet("declaration", who=of["agent"]).fields
    assert "file_mandate" not in sheet("declaration", who=of["representative"]).fields


def test_what_lies_with_the_case_already_need_not_be_handed_in_again(store: object) -> None:
    record = w.settle()
    case = w.opened("objection", w.BOSS, record=record.pk, form={"claim": "事实有误", "statement": "不实"})
    form = sheet("objection", step="supplement", case=case)
    assert form["ask_statement"].value() == "不实"
    assert form.fields["expect_field"].initial == case.moves


def test_a_day_that_the_template_sets_need_not_be_named() -> None:
    """R-123: a template with a term fills in the day and takes none later; one without asks for it."""
    today = timezone.localdate()
    with_term = next(t for t in templates(today).values() if t.term_days)
    given = {"ask_template": with_term.id, "ask_authority": "water", "ask_truth": "on"}
    assert sheet("commitment", given, parts=("questions",)).is_valid()
    late = today + timedelta(days=(with_term.term_days or 0) + 1)
    for template, day in ((with_term.id, late.isoformat()), ("tolerance", "")):
        form = sheet("commitment", {**given, "ask_template": template, "ask_due_on": day}, parts=("questions",))
        assert not form.is_valid() and set(form.errors) == {"ask_due_on"}, template
