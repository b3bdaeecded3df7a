"""Every operation, everybody, allowed and denied; who is denied learns nothing and changes nothing (R-024, G-10)."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from chengxin.accounts.actions import Limits, make_api_key
from chengxin.collection.models import Batch

from .client import Api, document
from .world import EMERGENCY, World, batch

pytestmark = pytest.mark.once

UNAUTHENTICATED = ("nobody", "unknown", "suspended", "expired", "revoked")
# fmt: off
RIGHTS: dict[str, dict[str, int]] = {
    "submit_batch": {"submitter": 422, "reporter": 422, "auditor": 403, "stranger": 403, "steward": 403, "visitor": 403},
    "list_batches": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 200, "steward": 200, "visitor": 200},
    "get_batch": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 404, "steward": 200, "visitor": 404},
    "get_receipt": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 404, "steward": 200, "visitor": 404},
    "get_receipt_workbook":
        {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 404, "steward": 200, "visitor": 404},
    "list_findings": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 404, "steward": 200, "visitor": 404},
    "list_doubts": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 200, "steward": 200, "visitor": 200},
    "get_doubt": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "decide_doubts": {"submitter": 200, "reporter": 403, "auditor": 200, "stranger": 200, "steward": 403, "visitor": 403},
    "release_batch": {"submitter": 403, "reporter": 403, "auditor": 200, "stranger": 404, "steward": 403, "visitor": 404},
    "return_batch": {"submitter": 403, "reporter": 403, "auditor": 200, "stranger": 404, "steward": 403, "visitor": 404},
    "withdraw_batch": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 404, "steward": 403, "visitor": 404},
    "get_grade": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 403},
    "list_waiting": {"submitter": 200, "reporter": 403, "auditor": 200, "stranger": 403, "steward": 403, "visitor": 403},
    "verify_grades": {"submitter": 404, "reporter": 403, "auditor": 404, "stranger": 403, "steward": 403, "visitor": 403},
    "check_subject": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 200, "steward": 200, "visitor": 403},
    "check_subjects": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 200, "steward": 200, "visitor": 403},
    "issue_report": {"submitter": 422, "reporter": 422, "auditor": 422, "stranger": 422, "steward": 422, "visitor": 422},
    "order_reports": {"submitter": 403, "reporter": 403, "auditor": 403, "stranger": 403, "steward": 422, "visitor": 403},
    "list_report_orders": {"submitter": 403, "reporter": 403, "auditor": 403, "stranger": 403, "steward": 200, "visitor": 403},
    "get_report_order": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "list_ordered_reports": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "list_reports": {"submitter": 403, "reporter": 403, "auditor": 403, "stranger": 403, "steward": 200, "visitor": 403},
    "get_report_pdf": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "get_report_json": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "get_quality": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 200, "steward": 200, "visitor": 403},
    "list_suspects": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 200, "steward": 200, "visitor": 403},
    "list_reminders": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 200, "steward": 200, "visitor": 200},
    "ask_reminders": {"submitter": 403, "reporter": 403, "auditor": 403, "stranger": 403, "steward": 422, "visitor": 403},
    "get_reminder": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "answer_reminder": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "close_reminder": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "reopen_reminder": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "list_bulletins": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 200, "steward": 200, "visitor": 403},
    "prepare_bulletin": {"submitter": 403, "reporter": 403, "auditor": 403, "stranger": 403, "steward": 201, "visitor": 403},
    "get_bulletin": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "get_bulletin_file": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "publish_bulletin": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "list_cases": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 200, "steward": 200, "visitor": 200},
    "open_case": {"submitter": 422, "reporter": 422, "auditor": 422, "stranger": 422, "steward": 422, "visitor": 422},
    "get_case": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "take_step": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "attach_material": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "get_material": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "get_result_table":
        {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "get_letter": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "get_repair_eligibility":
        {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "look_at": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "list_looks": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "grant_authorisation": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "list_authorisations": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "revoke_authorisation": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "list_own_entries": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "answer_entry": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "list_mandates": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 200, "steward": 200, "visitor": 200},
    "give_mandate": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "recall_mandate": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "list_entries": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 200, "steward": 200, "visitor": 200},
    "propose_entry": {"submitter": 422, "reporter": 422, "auditor": 422, "stranger": 422, "steward": 422, "visitor": 422},
    "get_entry": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "get_entry_letter": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "get_own_entry_letter": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "take_entry_step": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "leave_list": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "list_measures": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 200, "steward": 200, "visitor": 200},
    "respond_to_measure": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "lift_measure": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "list_effects": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 200, "steward": 200, "visitor": 200},
    "list_alerts": {"submitter": 200, "reporter": 200, "auditor": 200, "stranger": 200, "steward": 200, "visitor": 200},
    "acknowledge_alert": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "plan_inspection": {"submitter": 422, "reporter": 422, "auditor": 422, "stranger": 422, "steward": 422, "visitor": 422},
    "get_plan": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "draw_inspection": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "enter_inspection_results":
        {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "list_inspection_photos":
        {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "add_inspection_photo":
        {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "get_inspection_photo":
        {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "remove_inspection_photo":
        {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "publish_inspection": {"submitter": 404, "reporter": 404, "auditor": 404, "stranger": 404, "steward": 404, "visitor": 404},
    "list_people": {"system": 200, "security": 200, "audit": 403, "steward": 403, "auditor": 403, "visitor": 403},
    "add_person": {"system": 201, "security": 403, "audit": 403, "steward": 403, "auditor": 403, "visitor": 403},
    "suspend_person": {"system": 200, "security": 403, "audit": 403, "steward": 403, "auditor": 403, "visitor": 403},
    "resume_person": {"system": 200, "security": 403, "audit": 403, "steward": 403, "auditor": 403, "visitor": 403},
    "grant_role": {"system": 403, "security": 200, "audit": 403, "steward": 403, "auditor": 403, "visitor": 403},
    "revoke_role": {"system": 403, "security": 200, "audit": 403, "steward": 403, "auditor": 403, "visitor": 403},
    "list_units": {"system": 200, "security": 200, "audit": 403, "steward": 403, "auditor": 403, "visitor": 403},
    "set_unit": {"system": 200, "security": 403, "audit": 403, "steward": 403, "auditor": 403, "visitor": 403},
    "list_keys": {"system": 403, "security": 200, "audit": 403, "steward": 403, "auditor": 403, "visitor": 403},
    "make_key": {"system": 403, "security": 201, "audit": 403, "steward": 403, "auditor": 403, "visitor": 403},
    "revoke_key": {"system": 403, "security": 404, "audit": 403, "steward": 403, "auditor": 403, "visitor": 403},
    "list_events": {"system": 403, "security": 403, "audit": 200, "steward": 403, "auditor": 403, "visitor": 403},
}
# fmt: on
"""What each person gets for a well-formed request about a checked batch of the ecology bureau. `submit_batch` asks for an
item that is not in the catalogue: whoever may submit at all is told so."""
PUBLIC = {
    "index", "get_document", "search_subjects", "get_subject", "get_catalogue", "get_item", "get_codes", "list_changes",
    "get_checkpoint", "get_inclusion", "get_consistency", "get_record_proof",
    "list_report_templates", "verify_report", "verify_report_file",
    "get_standing", "list_lists", "get_list", "list_inspections", "get_inspection", "list_procedures",
}  # fmt: skip


ABOUT_NOTHING = {
    "get_record_proof", "get_inclusion", "get_inspection", "get_checkpoint", "get_standing", "get_list", "get_subject",
    "get_consistency",
}  # fmt: skip
"""Public operations that are asked here about what there is not."""

SENT: dict[str, tuple[str, dict[str, Any]]] = {
    "open_case": ("/cases", {"procedure": "no-such-procedure"}),
    "take_step": ("/cases/X/steps/accept", {}),
    "attach_material": ("/cases/X/materials/proof?name=a.pdf", {}),
    "look_at": ("/looks", {"code": "X1", "audience": "duty", "purpose": "日常监管"}),
    "grant_authorisation": ("/authorisations", {
        "subject": "X1", "grantee": "bank", "purpose": "贷款审查", "since": "2026-11-01", "until": "2027-11-01",
        "proof": "c2lnbmVk",
    }),
    "revoke_authorisation": ("/authorisations/SQ1/revoke", {}),
    "answer_entry": ("/own/entries/L000001/answer", {"outcome": "statement", "text": "已经改正"}),
    "give_mandate": ("/own/mandates", {
        "subject": "X1", "username": "visitor", "name": "visitor", "matters": ["report"], "until": "2999-01-01",
    }),
    "recall_mandate": ("/own/mandates/1/recall", {}),
    "propose_entry": ("/entries", {"list": "no-such-list", "code": "X1", "criterion": "none", "text": "理由"}),
    "take_entry_step": ("/entries/L000001/steps/notice", {}),
    "leave_list": ("/entries/L000001/exit", {"act": "ask"}),
    "verify_grades": ("/models/ecology-environment/verifications", {
        "codes": ["91320000MA00000001"], "step": "review", "outcome": "confirm",
    }),
    "respond_to_measure": ("/measures/1/response", {"response": "accepted", "note": "已执行"}),
    "lift_measure": ("/measures/1/lift", {}),
    "acknowledge_alert": ("/alerts/1/seen", {}),
    "plan_inspection": ("/plans", {
        "policy": "no-such-policy", "title": "抽查", "starts_on": "2026-11-01", "ends_on": "2026-12-01",
    }),
    "draw_inspection": ("/plans/P000001/draw", {}),
    "enter_inspection_results": ("/plans/P000001/results", {
        "results": [{"code": "X1", "result": "未发现问题", "inspected_on": "2026-11-20"}],
    }),
    "publish_inspection": ("/plans/P000001/publish", {}),
    "add_inspection_photo": ("/plans/P000001/tasks/X1/photos", {}),
    "remove_inspection_photo": ("/plans/P000001/tasks/X1/photos/1/remove", {}),
    "ask_reminders": ("/reminders", {
        "month": "2026-11", "about": [{"source": "no-such-unit", "item": "penalty", "defect": "silent"}],
        "answer_by": "2999-01-01",
    }),
    "answer_reminder": ("/reminders/1/answer", {"outcome": "sent", "words": "已补报"}),
    "close_reminder": ("/reminders/1/close", {}),
    "reopen_reminder": ("/reminders/1/reopen", {"remark": "还缺一份", "answer_by": "2999-01-01"}),
    "order_reports": ("/report-orders", {"template": "no-such-template", "codes": ["91320000MA00000001"]}),
    "decide_doubts": ("/doubts/decisions", {
        "decisions": [{"doubt": "D1-1", "verdict": "confirm", "reason": "已核对原件"}],
    }),
    "prepare_bulletin": ("/bulletins", {"month": "2026-11"}),
    "publish_bulletin": ("/bulletins/2025-11/publish", {"sha256": "0" * 64}),
    "add_person": ("/people", {"username": "new", "name": "新人"}),
    "suspend_person": ("/people/auditor/suspend", {}),
    "resume_person": ("/people/auditor/resume", {}),
    "grant_role": ("/people/auditor/roles", {"unit": "centre", "role": "steward"}),
    "revoke_role": ("/people/auditor/roles/revoke", {"unit": "ecology-environment", "role": "auditor"}),
    "make_key": ("/keys", {"username": "auditor", "label": "取走"}),
    "revoke_key": ("/keys/abc/revoke", {}),
}  # fmt: skip
"""Well-formed requests about what does not exist, or what nobody of these may do."""


def test_every_operation_is_in_the_table() -> None:
    operations = {o["operationId"]: o for p in document()["paths"].values() for o in p.values()}
    assert set(operations) == set(RIGHTS) | PUBLIC
    for name, told in operations.items():
        assert ({} in told["security"]) == (name in PUBLIC), name


@pytest.mark.parametrize("operation", RIGHTS)
def test_rights(operation: str, world: World) -> None:
    target = batch()
    for name in UNAUTHENTICATED:
        _denied(world, operation, name, 401, target)
    for name, status in RIGHTS[operation].items():
        if status >= 400:
            _denied(world, operation, name, status, target)
    for name, status in RIGHTS[operation].items():
        if status < 400:
            assert ask(world, operation, name, batch()).status_code == status, name


def test_public_operations_need_no_key_but_take_no_bad_one(world: World) -> None:
    for operation in PUBLIC:
        there = 404 if operation in ABOUT_NOTHING else 200
        assert ask(world, operation, "nobody").status_code == there, operation
        assert ask(world, operation, "visitor").status_code == there, operation
        for name in UNAUTHENTICATED[1:]:
            assert ask(world, operation, name).status_code == 401, (operation, name)


def test_what_a_stranger_may_not_see_looks_like_what_does_not_exist(world: World) -> None:
    theirs = world["stranger"].get(f"/batches/{batch().number}")
    nothing = world["stranger"].get("/batches/202611-999999")
    assert theirs.status_code == nothing.status_code == 404
    assert theirs.json() == nothing.json()


def test_a_key_limited_to_items_serves_for_no_other(world: World) -> None:
    """R-077: what a person may do, their program may only for the items of its key."""
    limited = Api(make_api_key(world.users["submitter"], "licences", limits=Limits(items=("licence",))))
    headers = {"Idempotency-Key": "k", "Chengxin-Item": "penalty", "Chengxin-Source": "ecology-environment"}
    answer = limited.send(b"a,b\n1,2\n", headers)
    assert answer.status_code == 403 and "licence" in answer.json()["error"]["message"]
    waiting = batch(by="somebody-else")
    assert limited.post(f"/batches/{waiting.number}/release").status_code in (403, 404)
    waiting.refresh_from_db()
    assert waiting.state == "checked" and Batch.objects.count() == 1


def test_whoever_submitted_learns_why_they_cannot_release(world: World) -> None:
    error = world["submitter"].post(f"/batches/{batch().number}/release").json()["error"]
    assert error["code"] == "forbidden"
    assert "另一位审核员" in error["message"]
    assert error["message_en"].isascii()


def test_a_list_holds_only_what_one_may_see(world: World) -> None:
    mine, theirs = batch(), batch(source=EMERGENCY)
    numbers = {n: {b["batch"] for b in world[n].get("/batches").json()["batches"]} for n in world.names[2:7]}
    assert numbers["auditor"] == {mine.number}
    assert numbers["stranger"] == {theirs.number}
    assert numbers["steward"] == {mine.number, theirs.number}


def ask(world: World, operation: str, name: str, target: Batch | None = None) -> Any:
    """A well-formed request."""
    api, number = world[name], target.number if target else ""
    match operation:
        case "list_waiting":
            return api.get("/models/ecology-environment/waiting")
        case "submit_batch":
            headers = {
                "Idempotency-Key": "k",
                "Chengxin-Item": "no-such-item",
                "Chengxin-Source": "ecology-environment",
            }
            return api.send(b"a,b\n1,2\n", headers)
        case "list_batches":
            return api.get("/batches")
        case "get_batch":
            return api.get(f"/batches/{number}")
        case "get_receipt":
            return api.get(f"/batches/{number}/receipt")
        case "get_receipt_workbook":
            return api.get(f"/batches/{number}/receipt.xlsx")
        case "list_findings":
            return api.get(f"/batches/{number}/findings")
        case "return_batch":
            return api.post(f"/batches/{number}/return", {"reason": "文号不全"})
        case "release_batch" | "withdraw_batch":
            return api.post(f"/batches/{number}/{operation.removesuffix('_batch')}")
        case "get_quality":
            return api.get("/quality")
        case "issue_report":
            return api.post("/reports", {"template": "no-such-template", "codes": ["X"]})
        case "list_reports":
            return api.get("/reports?subject=91320500QX26A0013M")
        case "get_report_pdf" | "get_report_json":
            return api.get(f"/reports/R2026-000001/{operation[-4:].strip('_')}")
        case "verify_report_file":
            return api.post("/verify", {})
        case "get_grade":
            return api.get("/subjects/X/grades/ecology-environment")
        case "check_subject":
            return api.post("/checks", {"code": "X", "matter": "gossip"})
        case "check_subjects":
            return api.post("/checks/batch", {"codes": ["X"], "matter": "gossip"})
        case "set_unit":
            return api.put("/units/new-bank", {"name": "新银行", "kind": "bank"})
        case _ if operation in SENT:
            path, body = SENT[operation]
            return api.post(path, body)
    fixed = {
        "index": "/", "get_document": "/openapi.json", "search_subjects": "/subjects?q=云岭", "get_subject": "/subjects/X",
        "get_catalogue": "/catalogue", "get_item": "/catalogue/penalty", "get_codes": "/codes/regions",
        "list_changes": "/changes", "get_checkpoint": "/log/checkpoint", "get_inclusion": "/log/inclusion?index=0",
        "get_consistency": "/log/consistency?first=1", "get_record_proof": "/log/records/1",
        "get_standing": "/subjects/X/standing", "list_lists": "/lists", "get_list": "/lists/no-such-list",
        "list_report_templates": "/report-templates", "verify_report": "/verify?number=1&code=1",
        "list_procedures": "/procedures", "list_cases": "/cases", "get_case": "/cases/X", "list_looks": "/looks?subject=X1",
        "get_material": "/cases/X/materials/1/file", "get_result_table": "/cases/X/materials/1/table.csv",
        "get_letter": "/cases/X/letters/X/pdf",
        "get_repair_eligibility": "/records/1/repair", "list_authorisations": "/authorisations?subject=X1",
        "list_own_entries": "/own/entries?subject=X1", "list_mandates": "/own/mandates",
        "get_entry_letter": "/entries/L000001/letters/1/pdf", "get_own_entry_letter": "/own/entries/L000001/letters/1/pdf",
        "list_entries": "/entries", "get_entry": "/entries/L000001", "list_measures": "/measures",
        "list_effects": "/measures/effects?month=2026-11", "list_alerts": "/alerts", "get_plan": "/plans/P000001",
        "list_inspection_photos": "/plans/P000001/tasks/X1/photos",
        "get_inspection_photo": "/plans/P000001/tasks/X1/photos/1",
        "list_report_orders": "/report-orders", "get_report_order": "/report-orders/1",
        "list_ordered_reports": "/report-orders/1/reports", "list_doubts": "/doubts", "get_doubt": "/doubts/1",
        "list_suspects": "/suspects", "list_reminders": "/reminders", "get_reminder": "/reminders/1",
        "list_bulletins": "/bulletins", "get_bulletin": "/bulletins/2025-11",
        "get_bulletin_file": "/bulletins/2025-11/file.xlsx",
        "list_people": "/people", "list_units": "/units", "list_keys": "/keys", "list_events": "/events",
        "list_inspections": "/inspections", "get_inspection": "/inspections/P000001",
    }  # fmt: skip
    return api.get(fixed[operation])


def _denied(world: World, operation: str, name: str, status: int, target: Batch) -> None:
    before = _everything()
    answer = ask(world, operation, name, target)
    assert answer.status_code == status, (name, answer.content)
    assert answer.json()["error"]["message"]
    assert target.number not in answer.content.decode()
    after = _everything()
    fresh = after.pop("Event")[len(before.pop("Event")) :]
    assert after == before, f"{name} was denied {operation}, and yet something changed"
    # Who presents nothing is asked who they are; every other denial is one event of the trail (G-10).
    assert [row[3] for row in fresh] == ([] if name == "nobody" or status == 422 else ["access.denied"])


def _everything() -> dict[str, list[Any]]:
    """Every row of every table of ours."""
    rows = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model.__module__.startswith("chengxin."):
                cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY 1")
                rows[model.__name__] = cursor.fetchall()
    return rows
