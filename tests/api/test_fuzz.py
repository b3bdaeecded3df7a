"""Whatever a client sends, the API answers as documented and never fails (anchors.md 4.4).

CHENGXIN_FUZZ says how many examples an operation gets (default 8; the nightly run takes 1000).
"""

from __future__ import annotations

import itertools
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chengxin.wsgi import application

from ..conftest import needed
from ..registry.staged import YUNLING, row, send
from .client import document
from .world import World, batch

schemathesis = needed("schemathesis")
from schemathesis import GenerationMode  # noqa: E402
from schemathesis.checks import CHECKS, load_all_checks  # noqa: E402

EXAMPLES = int(os.environ.get("CHENGXIN_FUZZ", "8"))

load_all_checks()
KEPT = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "missing_required_header", "unsupported_method", "ignored_auth",
)  # fmt: skip
"""Not kept: that all valid data is accepted (a valid name of an item need not be an item's) and its opposite, which takes
a text for no number although a query knows only texts."""
OPERATIONS = (
    "submit_batch", "list_batches", "get_batch", "get_receipt", "get_receipt_workbook", "list_findings", "release_batch",
    "return_batch", "withdraw_batch", "list_doubts", "get_doubt", "decide_doubts",
    "get_quality", "index", "search_subjects", "get_subject", "get_catalogue",
    "get_item", "get_codes", "list_changes", "get_checkpoint", "get_inclusion", "get_consistency", "get_record_proof",
    "get_standing", "get_grade", "list_waiting", "verify_grades", "list_lists", "get_list", "check_subject",
    "check_subjects", "list_inspections",
    "get_inspection", "list_report_templates", "issue_report", "order_reports",
    "list_report_orders", "get_report_order", "list_ordered_reports", "list_reports", "get_report_pdf", "get_report_json",
    "verify_report", "verify_report_file", "list_procedures", "list_cases", "open_case", "get_case", "take_step",
    "attach_material", "get_material", "get_result_table", "get_letter", "get_repair_eligibility", "look_at", "list_looks",
    "grant_authorisation", "list_authorisations", "revoke_authorisation", "list_own_entries", "answer_entry",
    "list_mandates", "give_mandate", "recall_mandate", "list_entries", "propose_entry", "get_entry",
    "take_entry_step", "leave_list", "list_measures", "respond_to_measure", "lift_measure", "list_effects",
    "list_alerts", "acknowledge_alert", "plan_inspection", "get_plan", "draw_inspection", "enter_inspection_results",
    "get_entry_letter", "get_own_entry_letter",
    "list_suspects", "list_reminders", "ask_reminders", "get_reminder", "answer_reminder", "close_reminder",
    "reopen_reminder", "list_bulletins", "prepare_bulletin", "get_bulletin", "get_bulletin_file", "publish_bulletin",
    "publish_inspection", "list_inspection_photos", "add_inspection_photo", "get_inspection_photo",
    "remove_inspection_photo", "list_people", "add_person", "suspend_person", "resume_person", "grant_role", "revoke_role",
    "list_units", "set_unit", "list_keys", "make_key", "revoke_key", "list_events",
)  # fmt: skip

ASKED_BY = {
    **dict.fromkeys(("release_batch", "return_batch", "list_waiting", "verify_grades"), "auditor"),
    **dict.fromkeys(
        ("list_people", "add_person", "suspend_person", "resume_person", "list_units", "set_unit"), "system"
    ),
    **dict.fromkeys(("grant_role", "revoke_role", "list_keys", "make_key", "revoke_key"), "security"),
    "list_events": "audit",
    **dict.fromkeys(
        (
            "ask_reminders",
            "close_reminder",
            "reopen_reminder",
            "prepare_bulletin",
            "publish_bulletin",
            "order_reports",
            "list_report_orders",
            "get_report_order",
            "list_ordered_reports",
        ),
        "steward",
    ),
}
"""Who may; everything else a reporter asks."""


@pytest.fixture
def schema(world: World) -> Any:
    send(row(1, YUNLING, "苏州云岭精密机械有限公司", "苏环罚〔2026〕1号"))
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.mark.parametrize("name", OPERATIONS)
def test_whatever_comes(name: str, schema: Any, world: World) -> None:
    numbers = itertools.cycle([batch().number, None])
    who = ASKED_BY.get(name, "reporter")
    headers = {"Authorization": f"Bearer {world.keys[who]}"}
    checks = [CHECKS.get_one(check) for check in KEPT]
    [operation] = [found.ok() for found in schema.include(operation_id=name).get_all_operations()]
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])

    @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=HealthCheck)
    @given(cases)
    def holds(case: Any) -> None:
        if (number := next(numbers)) and "number" in (case.path_parameters or {}):
            case.path_parameters["number"] = number  # every other time a batch that there is
        case.call_and_validate(headers=headers, checks=checks)

    holds()


def test_the_fuzz_leaves_no_operation_out() -> None:
    assert {o["operationId"] for p in document()["paths"].values() for o in p.values()} == {*OPERATIONS, "get_document"}
