"""Only one's own subjects exist here; an agent enters for what the mandate covers and while it runs (R-094, R-105)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts.models import Role
from chengxin.registry.models import Record

from . import house as h

pytestmark = pytest.mark.once


def test_who_speaks_for_nobody_is_told_how_to_begin(store: object) -> None:
    page = h.client("新人").get("/my")
    assert page.status_code == 200
    assert "开始实名核验" in page.text
    assert 'href="/account/claim"' in page.text


def test_signing_in_leads_whoever_speaks_for_a_subject_here(record: Record) -> None:
    from chengxin.accounts.actions import make_user

    make_user("老板", "老板", "a-long-pass-phrase", [(h.UNIT, Role.REPRESENTATIVE)])
    answer = Client().post("/sign-in", {"username": "老板", "password": "a-long-pass-phrase"})
    assert answer["Location"] == "/my"


@pytest.mark.parametrize(
    "part", ["", "/grades", "/cases", "/authorisations", "/looks", "/reports", "/export", "/apply"]
)
def test_a_subject_one_does_not_speak_for_does_not_exist(record: Record, part: str) -> None:
    stranger = h.client("泊禾代表", ("bohe", Role.REPRESENTATIVE))
    assert stranger.get(f"/my/{h.CODE}{part}").status_code == 404
    assert h.client("干部", ("centre", Role.STEWARD)).get(f"/my/{h.CODE}{part}").status_code == 404


def test_who_speaks_for_several_chooses_and_is_remembered(record: Record) -> None:
    both = h.client("两家的代表", (h.UNIT, Role.REPRESENTATIVE), ("bohe", Role.REPRESENTATIVE))
    assert "南京泊禾农业科技有限公司" in both.get("/my").text
    both.get(f"/my/{h.OTHER}")
    assert both.get("/my").context["place"].code == h.OTHER
    assert both.get(f"/my?of={h.CODE}").context["place"].code == h.CODE
    assert both.get("/my?of=91320000000000000X").status_code == 200


def test_an_agent_sees_and_does_what_the_mandate_covers(record: Record) -> None:
    agent = h.agent("objection")
    home = agent.get("/my")
    assert home.status_code == 200
    assert "下载数据" not in home.text
    assert agent.get(h.my()).status_code == 403
    assert agent.get(h.my("authorisations")).status_code == 403
    assert agent.get(h.my("reports")).status_code == 403
    assert agent.get(f"{h.my('apply', 'objection')}?record={record.pk}").status_code == 200
    assert agent.get(f"{h.my('apply', 'repair')}?record={record.pk}").status_code == 404


def test_an_agent_sees_the_cases_the_mandate_covers_and_no_others(record: Record) -> None:
    case = h.objected(h.boss(), record)
    assert h.agent("objection").get(h.my("cases", case.number)).status_code == 200
    assert h.agent("report").get(h.my("cases", case.number)).status_code == 404


def test_a_mandate_that_is_over_opens_nothing(record: Record) -> None:
    late = h.agent("look", until=timezone.localdate() - timedelta(days=1))
    assert late.get(h.my()).status_code == 404
    assert "开始实名核验" in late.get("/my").text
