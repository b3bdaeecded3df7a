"""Reports by API: the same permissions, one shape of error, the file as it was issued (F-08, R-345)."""

from __future__ import annotations

import json

import pytest

from chengxin.accounts.actions import make_api_key, make_user
from chengxin.accounts.models import Organisation, Role
from chengxin.audit.models import Event
from chengxin.reports import queries
from chengxin.reports.models import Report

from ..reports import world as w
from .client import Api

PEOPLE = (
    ("boss", "yunling", Role.REPRESENTATIVE),
    ("rival", "bohe", Role.REPRESENTATIVE),
    ("steward", "centre", Role.STEWARD),
)
ASK = {"template": "full", "codes": [w.YUNLING], "purpose": "投标"}


@pytest.fixture
def people(store: object, settings: object) -> dict[str, Api]:
    settings.API_RATES = {"key": "0/60", "address": "0/60"}  # type: ignore[attr-defined]
    w.settle()
    Organisation.objects.update_or_create(id="bohe", defaults={"name": w.OTHER, "code": w.BOHE})
    keys = {name: make_api_key(make_user(name, name, None, [(unit, role)]), "test") for name, unit, role in PEOPLE}
    return {**{name: Api(key) for name, key in keys.items()}, "nobody": Api()}


def test_issue_download_and_history(people: dict[str, Api]) -> None:
    made = people["boss"].post("/reports", ASK)
    assert made.status_code == 201
    line = made.json()
    report = Report.objects.get(number=line["number"])
    assert (line["asked_as"], line["issued_by"], line["subject"]) == ("subject", "boss", w.YUNLING)

    pdf = people["boss"].get(f"/reports/{report.number}/pdf")
    assert pdf.content == queries.pdf_of(report) and report.number in pdf.headers["Content-Disposition"]
    data = people["boss"].get(f"/reports/{report.number}/json")
    assert json.loads(data.content)["report"] == json.loads(report.snapshot)
    assert [e.detail["file"] for e in Event.objects.filter(action="report.download").order_by("pk")] == ["pdf", "json"]
    for who in ("boss", "steward"):
        assert [r["number"] for r in people[who].get("/reports", subject=w.YUNLING).json()["reports"]] == [
            report.number
        ]

    verdict = people["nobody"].get("/verify", number=report.number, code=report.code).json()
    assert (verdict["state"], verdict["name"]) == ("genuine", w.NAME)
    sent = people["nobody"].call("POST", "/verify", data=pdf.content, content_type="application/pdf")
    assert sent.json()["state"] == "genuine"


def test_what_is_not_allowed_has_its_status_and_sentence(people: dict[str, Api]) -> None:
    number = people["boss"].post("/reports", ASK).json()["number"]
    rival = people["rival"]
    assert rival.post("/reports", ASK).status_code == 403
    assert rival.get("/reports", subject=w.YUNLING).status_code == 403
    assert rival.get(f"/reports/{number}/pdf").status_code == 403
    assert rival.get("/reports/QB20269999999/json").status_code == 404
    assert people["nobody"].post("/reports", ASK).status_code == 401
    refused = people["steward"].post("/reports", ASK)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "report-refused")
    assert "授权书" in refused.json()["error"]["message"] and "authoris" in refused.json()["error"]["message_en"]
    assert people["boss"].post("/reports", ASK | {"language": "fr"}).json()["error"]["code"] == "invalid"
    assert people["nobody"].get("/verify", number=number, code="AAAAAAAA").json()["state"] == "unknown"


def test_templates_are_public(people: dict[str, Api]) -> None:
    told = {t["id"]: t for t in people["nobody"].get("/report-templates").json()["templates"]}
    assert told["certificate"]["askers"] == ["subject", "counter"] and "environment" in told["certificate"]["fields"]
