"""Many reports are ordered by a list, issued by the worker, and taken one by one or together (R-121, R-112)."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.test import Client

from chengxin.accounts.actions import make_api_key
from chengxin.accounts.models import User
from chengxin.audit.models import Event, Look
from chengxin.cli.following import Follower
from chengxin.registry.models import Record
from chengxin.reports import jobs
from chengxin.reports.models import Order, Report

from ..api.client import Api
from ..cases import world as w
from . import case_desk as cd
from .test_cases import text

pytestmark = pytest.mark.once
NEW = "/workbench/report-orders/new"
FORM = {"template": "concise", "purpose": "信用示范街区建设", "language": "zh"}


@pytest.fixture
def people(store: object) -> dict[str, Client]:
    return cd.settle()[0]


def ordered(client: Client, pasted: str = f"{w.YUNLING}\n", **more: Any) -> str:
    answer = client.post(NEW, {**FORM, "pasted": pasted, **more})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return str(answer["Location"])


def test_an_order_is_issued_by_the_worker_and_the_page_says_how_far_it_is(people: dict[str, Client]) -> None:
    where = ordered(people["steward"], f"{w.YUNLING}\n{w.NAME}\n")
    assert not Report.objects.exists(), "whoever orders does not wait"
    waiting = people["steward"].get(where)
    assert "正在出具" in text(waiting) and waiting["Refresh"] and "本页每 4 秒自动更新" in text(waiting)
    assert "Refresh" not in people["steward"].get(f"{where}?watch=0").headers
    Follower("worker").changes()
    made = Report.objects.get()
    assert (made.issued_by, made.purpose, made.asked_as) == ("steward", FORM["purpose"], "duty")
    done = people["steward"].get(where)
    assert "Refresh" not in done.headers and made.number in text(done) and "下载全部" in text(done)
    pdf = people["steward"].get(f"{where}/1.pdf")
    assert pdf.content.startswith(b"%PDF") and pdf["Content-Type"] == "application/pdf"
    with zipfile.ZipFile(
        io.BytesIO(b"".join(people["steward"].get(f"{where}/reports.zip").streaming_content))
    ) as archive:
        assert archive.namelist() == [f"{made.number}-{w.YUNLING}.pdf"]
        assert archive.read(archive.namelist()[0]) == pdf.content
    taken = Event.objects.filter(action="report.download").order_by("pk")
    assert [(e.object, e.detail["file"]) for e in taken] == [
        (made.number, "pdf"), (str(Order.objects.get().pk), "zip"),
    ]  # fmt: skip
    assert not Look.objects.filter(subject=w.YUNLING, purpose="下载信用报告").exists(), "this one says what is public"
    assert Look.objects.filter(subject=w.YUNLING, purpose="查看批量出具的进展", actor="steward").count() == 1
    assert "办完" in text(people["steward"].get("/workbench/report-orders"))
    assert jobs.work() == 0, "nothing is issued twice"


def test_a_list_with_unknown_names_is_sent_back_before_anything_is_ordered(people: dict[str, Client]) -> None:
    for form, words in (
        ({"pasted": f"{w.YUNLING}\n没有这家公司\n"}, "登记库不认得其中 1 个：没有这家公司"),
        ({"pasted": " "}, "请粘贴名单"),
        ({"pasted": w.YUNLING, "purpose": ""}, "请写明用途"),
        ({"pasted": w.YUNLING, "template": "credit-review"}, "credit-review"),
    ):
        assert words in text(people["steward"].post(NEW, {**FORM, **form}), 422)
    assert not Order.objects.exists()


def test_who_gets_none_is_told_with_the_reason(people: dict[str, Client]) -> None:
    where = ordered(people["steward"])
    Record.objects.all().update(standing="archived")
    Order.objects.get().lines.update(subject_code="91320500QX26A0013M")
    jobs.work()
    told = text(people["steward"].get(f"{where}?refused=1"))
    assert "没有出具" in told and "登记库里没有代码为" in told and not Report.objects.exists()


def test_only_the_centre_orders_many(people: dict[str, Client]) -> None:
    where = ordered(people["steward"])
    for who in ("reporter", "auditor", "boss"):
        for path in ("/workbench/report-orders", NEW, where, f"{where}/reports.zip"):
            assert people[who].get(path).status_code == 403, (who, path)
    assert people["steward"].get(f"{where}/1.pdf").status_code == 404, "there is none yet"


def test_programs_order_and_follow_too(people: dict[str, Client]) -> None:
    api = Api(make_api_key(User.objects.get(username="steward"), "批量"))
    made = api.post("/report-orders", {"template": "concise", "codes": [w.YUNLING, "nobody"], "purpose": "示范"})
    assert made.status_code == 202 and (made.json()["total"], made.json()["done"]) == (2, 0)
    jobs.work()
    where = f"/report-orders/{made.json()['order']}"
    told = api.get(where).json()
    assert (told["done"], told["failed"], told["refused"][0]["subject_code"]) == (1, 1, "nobody")
    last, first = api.get(f"{where}/reports").json()["reports"]
    assert first["report"] == Report.objects.get().number and last["problem"]
    assert api.get("/report-orders").json()["orders"][0]["order"] == told["order"]
    wrong = api.post("/report-orders", {"template": "credit-review", "codes": [w.YUNLING]})
    assert wrong.status_code == 422 and wrong.json()["error"]["code"] == "report-refused"
