"""Whom a subject has authorised takes the report it covers; the subject sees it; nobody else takes it (R-094, R-105, R-112)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Authorisation, Organisation, Role
from chengxin.audit.models import Event, Look
from chengxin.registry import authorising
from chengxin.registry.authorising import Grant, grant
from chengxin.registry.models import Record, Subject
from chengxin.reports.models import Report

from ..cases import world as w
from . import case_desk as cd
from .test_cases import text

pytestmark = pytest.mark.once
PURPOSE = "贷款审查"


@pytest.fixture
def desk(scene: Any) -> tuple[dict[str, Client], Record]:
    return scene(cd.settle)  # type: ignore[no-any-return]


def leave(**more: Any) -> Authorisation:
    """Yunling lets the bank see everything, for a loan."""
    said = Grant("bank", PURPOSE, cd.TODAY, cd.TODAY + timedelta(days=30), proof=b"signed", **more)
    return grant(cd.actor("boss"), Subject.objects.get(code=w.YUNLING), said)


def take(client: Client, given: Authorisation, status: int = 302, **more: str) -> Any:
    form = {"template": "full", "language": "zh", **more}
    answer = client.post(f"/workbench/reports/new/{given.number}", form)
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return answer


def test_an_authorised_bank_takes_the_report_and_the_subject_sees_it(desk) -> None:
    people, _record = desk
    given = leave()
    assert given.number in text(people["officer"].get("/workbench/reports"))
    asked = text(people["officer"].get(f"/workbench/reports/new/{given.number}"))
    assert PURPOSE in asked and w.NAME in asked
    there = take(people["officer"], given)["Location"]
    made = Report.objects.get()
    assert (made.asked_as, made.authorisation, made.purpose, made.subject_code) == (
        "grantee", given.number, PURPOSE, w.YUNLING,
    )  # fmt: skip
    assert made.code in text(people["officer"].get(there))
    file = people["officer"].get(f"{there}/pdf")
    assert file.content.startswith(b"%PDF") and file["Content-Type"] == "application/pdf"
    look = Look.objects.filter(subject=w.YUNLING, basis=given.number).get()
    assert (look.actor, look.for_whom, look.purpose, look.audience) == ("officer", "bank", PURPOSE, "authorised")
    assert look.records and look.fields
    assert Event.objects.filter(action="report.download", object=made.number).count() == 1
    given.refresh_from_db()
    assert given.used_at is not None
    seen = text(people["boss"].get(f"/my/{w.YUNLING}/looks"))
    assert given.number in seen and "江淮商业银行" in seen


def test_one_query_is_one_report(desk) -> None:
    people, _record = desk
    given = leave(single=True)
    take(people["officer"], given)
    take(people["officer"], given, 404)
    assert Report.objects.count() == 1
    assert given.number not in text(people["officer"].get("/workbench/reports")).split("我取用的报告")[0]


@pytest.mark.parametrize("narrow", [{"items": ["penalty"]}, {"fields": ["document_number"]}])
def test_leave_for_a_part_is_no_leave_for_a_report(desk, narrow: dict[str, list[str]]) -> None:
    people, _record = desk
    given = leave(**narrow)
    take(people["officer"], given, 404)
    assert not Report.objects.exists() and "没有可以取用报告的授权" in text(people["officer"].get("/workbench/reports"))


def test_nobody_takes_a_report_on_anothers_leave_or_after_it_is_taken_back(desk) -> None:
    people, _record = desk
    given = leave()
    Organisation.objects.create(id="other-bank", name="别家银行", kind="bank")
    rival = Client()
    rival.force_login(make_user("rival", "对手", None, [("other-bank", Role.BANK_OFFICER)]))
    take(rival, given, 404)
    take(people["auditor"], given, 404)
    take(people["boss"], given, 404)
    text(people["boss"].get("/workbench/reports"), 403)
    authorising.revoke(cd.actor("boss"), given.number)
    take(people["officer"], given, 404)
    assert not Report.objects.exists()


def test_a_report_that_was_taken_is_its_takers_alone(desk) -> None:
    people, _record = desk
    there = take(people["officer"], leave())["Location"]
    for name in ("auditor", "steward"):
        for part in ("", "/pdf"):
            assert people[name].get(f"{there}{part}").status_code == 404
    assert people["boss"].get(there).status_code in (403, 404)


def test_a_template_that_is_not_for_grantees_is_refused(desk) -> None:
    people, _record = desk
    given = leave()
    take(people["officer"], given, 422, template="certificate")
    assert not Report.objects.exists()
