"""Looking somebody up needs a basis, shows what the basis allows, and is seen by the subject (R-092 to R-094, R-187, G-09)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from typer.testing import CliRunner

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Authorisation, Membership, Role
from chengxin.audit.models import Event, Look
from chengxin.cli.app import app
from chengxin.cli.common import system_user
from chengxin.design.templatetags.chengxin import prose_date
from chengxin.registry.authorising import Grant, grant
from chengxin.registry.models import Record, Subject
from chengxin.supervision.models import Listing, ListingState
from chengxin.supervision.packs import lists_on, measures_on

from ..cases import world as w
from . import case_desk as cd
from .test_cases import text

pytestmark = pytest.mark.once
PURPOSE = "贷款审查"
GRADED = "ecology-environment"
"""A model of the department that punished."""


@pytest.fixture
def desk(scene: Any) -> tuple[dict[str, Client], Record]:
    return scene(cd.settle)  # type: ignore[no-any-return]


def authorised(**more: Any) -> Authorisation:
    """Yunling allows the bank to see what its penalties say of documents and kinds, for a loan."""
    said = Grant(
        "bank", PURPOSE, cd.TODAY, cd.TODAY + timedelta(days=30), items=["penalty"],
        fields=["document_number", "penalty_kinds"], proof=b"signed", **more,
    )  # fmt: skip
    return grant(cd.actor("boss"), Subject.objects.get(code=w.YUNLING), said)


def ask(client: Client, mode: str = "authorised", status: int = 200, **given: str) -> str:
    form = {"code": w.YUNLING, "purpose": PURPOSE, "unit": "bank", **given}
    return text(client.post(f"/workbench/query?mode={mode}", form), status)


def test_a_bank_sees_the_authorised_fields_once(desk) -> None:
    """R-094: only what the subject allowed; a single authorisation is used up; both queries are on record."""
    people, _record = desk
    given = authorised(single=True)
    offered = text(people["officer"].get("/workbench/query"))
    assert given.number in offered and "只能用一次" in offered and w.NAME in offered
    assert "依职权查询" not in offered
    html = ask(people["officer"], basis=given.number)
    assert "苏环罚〔2026〕1号" in html and "罚款" in html
    assert "超标排放水污染物" not in html and "《水污染防治法》" not in html
    again = ask(people["officer"], status=422, basis=given.number)
    assert "已用完" in again and "苏环罚〔2026〕1号" not in again
    looks = Look.objects.filter(subject=w.YUNLING, actor="officer").order_by("pk")
    assert [(look.for_whom, bool(look.refused), look.records) for look in looks] == [
        ("bank", False, 1),
        ("bank", True, 0),
    ]
    assert sorted(looks[0].fields) == ["document_number", "penalty_kinds"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"basis": ""}, "没有信用主体的授权不能查询"),
        ({"basis": "SQ20260101deadbeef"}, "没有信用主体给本单位、为这个目的的授权"),
        ({"basis": "own", "purpose": "别的目的"}, "没有信用主体给本单位、为这个目的的授权"),
        ({"basis": "own", "code": "没有"}, "登记库里没有「没有」"),
        ({"basis": "own", "purpose": ""}, "请写明查询的目的"),
        ({"basis": "own", "unit": "centre"}, "选择"),
    ],
)
def test_without_a_basis_nothing_is_shown(desk, given: dict[str, str], told: str) -> None:
    people, _record = desk
    number = authorised().number
    given = {k: number if v == "own" else v for k, v in given.items()}
    html = ask(people["officer"], status=422, **given)
    assert told in html and "苏环罚" not in html


def test_by_duty_for_a_matter_of_the_packs(desk) -> None:
    """R-092, R-093: a department names the matter; it sees what by duty may be seen, and the subject sees the look."""
    people, _record = desk
    given = {"unit": w.SOURCE, "purpose": "核对申报材料"}
    assert "超标排放水污染物" in ask(people["auditor"], "duty", basis="fiscal-funds", **given)
    assert "要有法定的事项" in ask(people["auditor"], "duty", 422, basis="", **given)
    assert ask(people["officer"], "duty", 422, basis="fiscal-funds", unit="bank"), "a bank has no such way"
    text(people["boss"].get("/workbench/query"), 403)


@pytest.mark.parametrize(
    ("unit", "role"),
    [("bank", Role.BANK_OFFICER), ("bank", Role.REPORTER), ("centre", Role.OPERATOR), ("centre", Role.SECURITY),
     ("centre", Role.AUDIT), (w.SOURCE, Role.PUBLISHER)],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["duty", "sharing"])
def test_neither_page_nor_api_lets_a_bank_or_an_administrator_look_by_duty(
    desk, unit: str, role: Role, mode: str
) -> None:
    """R-092, R-094: one rule for every face, also for a role that an older store gave where it does not fit; what was
    tried by API is the subject's to see."""
    client = Client()
    user = make_user("x", "某人", None, [])
    Membership.objects.create(user=user, organisation_id=unit, role=role)
    client.force_login(user)
    given = {"code": w.YUNLING, "purpose": "核对", "basis": "fiscal-funds", "unit": unit}
    page = client.post(f"/workbench/query?mode={mode}", given)
    assert page.status_code in (403, 422) and "苏环罚" not in page.content.decode()
    answer = client.post("/api/v1/looks", {**given, "audience": mode}, content_type="application/json")
    assert answer.status_code in (403, 422) and "苏环罚" not in answer.content.decode(), answer.content.decode()
    looks = Look.objects.filter(subject=w.YUNLING, actor="x")
    assert looks and not looks.filter(refused="").exists() and not looks.exclude(records=0).exists()


def test_the_check_at_a_counter_answers_in_words_and_is_seen(desk) -> None:
    """R-187: for a subject without any measure the matter is handled as always; the look is the subject's to see."""
    people, _record = desk
    page = text(people["reporter"].get("/workbench/check"))
    assert "办事核查" in page
    html = text(people["reporter"].post("/workbench/check", {"code": w.YUNLING, "matter": "environment-funds"}))
    assert "照常办理" in html and w.NAME in html
    assert "无法核查" in text(people["reporter"].post("/workbench/check", {"code": "x", "matter": "environment-funds"}))
    assert "请选择要办的事项" in text(people["reporter"].post("/workbench/check", {"code": w.YUNLING}), 422)
    look = Look.objects.get(subject=w.YUNLING)
    assert (look.actor, look.for_whom, look.basis) == ("reporter", w.SOURCE, "check environment-funds")
    assert Event.objects.filter(action="measure.check", object=w.YUNLING).count() == 1
    text(people["boss"].get("/workbench/check"), 403)


def test_the_check_says_until_when_and_the_way_out(desk) -> None:
    """R-170, G-05: whoever is held back learns until when, how to get out, and what can be done against it."""
    people, record = desk
    today = timezone.localdate()
    index = measures_on(today)
    name, rule = next((n, r) for n, rules in index.by_list.items() for r in rules if n in index.ways)
    until = today + timedelta(days=200)
    found = lists_on(today)[name]
    Listing.objects.create(
        list=name, list_version=found.version, effect=found.list.effect, department=found.list.department,
        subject=record.subject, reason="屡次违法", proposed_on=today, listed_on=today, expires_on=until,
        state=ListingState.LISTED,
    )  # fmt: skip
    html = text(people["reporter"].post("/workbench/check", {"code": w.YUNLING, "matter": rule.measure.matters[0]}))
    assert prose_date(until) in html
    assert escape(found.list.exit.text) in html and escape(found.list.remedy) in html
    assert f'href="{reverse("guide")}"' in html
    asked = {"code": w.YUNLING, "matter": rule.measure.matters[0]}
    english = text(people["reporter"].post("/workbench/check", asked, headers={"Accept-Language": "en"}))
    for word in ("association", "proportionality"):
        assert escape(getattr(rule.measure, f"{word}_en")) in english
        assert escape(getattr(rule.measure, word)) in html and escape(getattr(rule.measure, word)) not in english


def test_what_programs_and_operators_see_of_a_subject_is_seen_by_it(desk) -> None:
    """G-10: a profile, a grade explained and a case opened by API or command line leave a look; the subject's own and
    the applicant's do not."""
    people, record = desk
    case = cd.objection(record)

    def machine(*words: str) -> None:
        done = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
        assert done.exit_code == 0, done.output

    machine("evaluate", GRADED)
    Look.objects.all().delete()
    for client, path in (
        ("auditor", f"/api/v1/subjects/{w.YUNLING}/grades/{GRADED}"), ("steward", f"/api/v1/cases/{case.number}"),
        ("boss", f"/api/v1/cases/{case.number}"),
    ):  # fmt: skip
        text(people[client].get(path))
    machine("why", w.YUNLING, "--model", GRADED)
    machine("case", "show", case.number)
    machine("subject", w.YUNLING)
    machine("subject", w.YUNLING, "--purpose", "核对更名")
    looks = Look.objects.filter(subject=w.YUNLING).order_by("pk").values_list("actor", "basis", "purpose", "records")
    me = system_user()
    assert list(looks) == [
        ("auditor", f"evaluation {GRADED}", "查看评价说明", 1), ("steward", case.number, "异议处理", 1),
        (me, f"evaluation {GRADED}", "查看评价说明", 1), (me, case.number, "异议处理", 1),
        (me, "machine", "运行维护", 1), (me, "machine", "核对更名", 1),
    ]  # fmt: skip
    told = text(people["boss"].get(f"/my/{w.YUNLING}/looks"))
    assert "平台的运行维护" in told and "核对更名" in told and me in told
