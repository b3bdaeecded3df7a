"""What editors publish, the service guide and messages to the platform (R-340, R-346, G-16; issue 5 section 2)."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.cases import actions, content
from chengxin.cases.actions import Opening
from chengxin.cases.errors import NotMet
from chengxin.cases.feedback import VISITOR
from chengxin.cases.models import Case
from chengxin.cases.packs import in_force
from chengxin.policy.procedures import Procedure
from chengxin.portal import feedback
from chengxin.registry.packs import policies

from ..cases import world as w

pytestmark = pytest.mark.once
SECOND = w.person("发布员乙", ("centre", "publisher"))
TODAY = timezone.localdate()


def published(title: str = "修复办法施行", body: str = "自今日起施行。", **form: str) -> Case:
    case = drafted(title, body, **form)
    actions.act(SECOND, case.number, "publish")
    return case


def drafted(title: str, body: str, **form: str) -> Case:
    told = {"column": "政策动态", "title": title, "body": body, **form}
    return actions.open_case(w.EDITOR, Opening("publication", form=told))


def page(address: str, **query: str) -> str:
    response = Client().get(address, query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_what_a_second_person_let_through_is_in_its_column_and_in_the_feeds(store: object) -> None:
    case = published()
    drafted("还没审核的", "草稿")
    assert "修复办法施行" in page("/news") and "还没审核的" not in page("/news")
    assert "修复办法施行" not in page("/news", column="典型案例")
    address = f"/news/{case.publication.pk}"
    assert "自今日起施行。" in page(address)
    assert address in page("/news/feed.xml")
    told = json.loads(page("/news/feed.json"))["items"]
    assert [(i["title"], i["tags"]) for i in told] == [("修复办法施行", ["政策动态"])]
    assert json.loads(page(f"{address}.json"))["_chengxin"]["markdown"] == "自今日起施行。"


def test_a_feed_that_has_not_changed_is_not_sent_again(store: object) -> None:
    published()
    first = Client().get("/news/feed.xml")
    again = Client().get("/news/feed.xml", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_what_was_taken_down_or_has_run_out_is_gone(store: object) -> None:
    case, over = published(), published("昨天为止", until=(TODAY - timedelta(days=1)).isoformat())
    actions.act(w.PUBLISHER, case.number, "retract", reason="已被新规定代替")
    for gone in (case, over):
        assert Client().get(f"/news/{gone.publication.pk}").status_code == 404
    assert "这个栏目还没有内容" in page("/news")


def test_the_number_of_questions_does_not_grow_with_the_texts(
    store: object, django_assert_max_num_queries: Any
) -> None:
    for n in range(6):
        published(f"第 {n} 篇")
    with django_assert_max_num_queries(3):
        page("/news")


@pytest.mark.parametrize(
    ("text", "shown", "hidden"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;", "<script>"),
        ("[点我](javascript:alert(1))", "[点我]", "href"),
        ("[点我](//evil.example/x)", "[点我]", "href"),
        ("![图](https://elsewhere.example/a.png)", "https://elsewhere.example/a.png", "<img"),
        ("```html\n<b>\n```", '<pre tabindex="0"', "<b>"),
        ("# 一级", "<h2>一级</h2>", "<h1>"),
        ("[国家](https://www.creditchina.gov.cn/)", 'rel="noopener noreferrer"', "target"),
        ("| 甲 | 乙 |\n|---|---|\n| 1 | 2 |", 'role="region" tabindex="0" aria-label="甲"', "style"),
    ],
)
def test_a_text_cannot_bring_scripts_images_or_a_second_heading(text: str, shown: str, hidden: str) -> None:
    html = content.html_of(text)
    assert shown in html and hidden not in html


def test_identity_numbers_and_dead_links_are_found_and_stop_the_publication(store: object) -> None:
    """R-340: automatic checks find leaked personal data, broken links, wrong names and codes."""
    wrong = "身份证号 11010519491231002X，见 [这里](/no/such/page)，代码 91320500MA10000200。电话 13800000000。"
    found = content.remarks("标题", wrong)
    assert [r.stops for r in found] == [True, True, False, False]
    assert "11010519491231002X" not in "".join(r.sentence for r in found)
    case = drafted("带个人信息的", wrong)
    with pytest.raises(NotMet, match="公民身份号码"):
        actions.act(SECOND, case.number, "publish")
    assert not content.remarks("标题", "见[服务指南](/guide)和[国家网站](https://www.gov.cn/)。")


def test_a_code_beside_the_wrong_name_is_remarked(store: object) -> None:
    w.settle()
    assert "苏州云岭精密机械有限公司" in content.remarks("", f"苏州云领公司（{w.YUNLING}）")[0].sentence
    assert not content.remarks("", f"{w.NAME}（{w.YUNLING}）")


def test_every_procedure_in_force_is_in_the_guide_with_its_clocks_materials_and_basis(store: object) -> None:
    index = page("/guide")
    for procedure in policies().of(Procedure):
        if not procedure.effective.holds(TODAY):
            continue
        assert f"/guide/{procedure.id}" in index
        told = page(f"/guide/{procedure.id}")
        for part in (*procedure.clocks, *procedure.materials, *procedure.states):
            assert part.label in told, (procedure.id, part.label)
        assert all(basis.text in told for basis in procedure.basis)


def test_the_guide_says_what_repair_asks_for_and_how_many_days_it_takes(store: object) -> None:
    told = page("/guide/repair")
    days = {c.working_days for c in in_force("repair", TODAY).clocks if c.working_days}
    assert all(f"{n} 个工作日" in told for n in days)
    assert "要满足的条件" in told
    assert Client().get("/guide/nothing").status_code == 404


def test_the_portal_leads_by_what_a_procedure_serves_not_by_its_name(
    store: object, tmp_path: Path, settings: Any
) -> None:
    """A province that names its procedures otherwise changes no code (design.md, idea 1)."""
    folder = shutil.copytree(Path(__file__).resolve().parents[2] / "policies", tmp_path / "policies")
    for name, old, new in (
        ("national/procedures/objection.toml", 'id = "objection"', 'id = "challenge"'),
        ("jiangsu/procedures/feedback.toml", 'id = "feedback"', 'id = "letterbox"'),
    ):
        text = (folder / name).read_text("utf-8")
        assert f"\n{old}\n" in text
        (folder / name).write_text(text.replace(f"\n{old}\n", f"\n{new}\n"), "utf-8")
    settings.POLICIES = folder
    home = page("/")
    assert "/guide/challenge" in home and "/guide/objection" not in home and "/guide/repair" in home
    assert 'href="/feedback"' in page("/guide/letterbox")
    response = Client().post("/feedback", {"kind": "建议", "text": "请多列信源。", "code": "0123456789abcdef"})
    assert response.status_code == 302 and Case.objects.get().procedure == "letterbox"


def test_anybody_can_write_without_a_name_and_finds_the_answer_by_the_code(store: object) -> None:
    browser = Client()
    told = browser.get("/feedback").content.decode()
    assert 'name="text"' in told and 'type="email"' not in told and 'name="name"' not in told
    form = {"kind": "咨询", "text": "信用报告在哪里下载？", "code": _code(told)}
    answer = browser.post("/feedback", form)
    assert answer.status_code == 302
    assert browser.post("/feedback", form)["Location"] == answer["Location"], "a second click is the same message"
    case = Case.objects.get(procedure="feedback")
    assert case.opened_by == VISITOR.name and form["code"] not in json.dumps([case.form, case.key])
    waiting = page(answer["Location"])
    assert case.number in waiting and form["code"] in waiting and "答复不晚于" in waiting
    actions.act(w.STEWARD, case.number, "answer", form={"answer": "在主体页下方下载。"})
    assert "在主体页下方下载。" in page(answer["Location"])
    assert Client().get("/feedback/find", {"code": form["code"]})["Location"] == answer["Location"]


def test_a_changed_message_with_an_old_form_is_a_message_of_its_own(store: object) -> None:
    form = {"kind": "建议", "text": "字再大些", "code": "0123456789abcdef"}
    first = Client().post("/feedback", form)["Location"]
    second = Client().post("/feedback", {**form, "text": "字再小些"})["Location"]
    assert first != second and Case.objects.filter(procedure="feedback").count() == 2


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"kind": "咨询", "text": ""}, "请写下您要说的。"),
        ({"text": "您好"}, "请选择类别。"),
        ({"kind": "咨询", "text": "我的号码是 11010519491231002X"}, "公民身份号码"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_kept(store: object, form: dict[str, str], sentence: str) -> None:
    response = Client().post("/feedback", {**form, "code": "0123456789abcdef"})
    assert response.status_code == 422 and sentence in response.content.decode()
    assert not Case.objects.filter(procedure="feedback").exists()


def test_a_machine_that_writes_without_end_is_asked_to_wait(store: object, monkeypatch: Any) -> None:
    monkeypatch.setattr(feedback, "RATE", feedback.Rate(1, 3600))
    form = {"kind": "其他", "text": "好", "code": "0123456789abcdef"}
    assert Client().post("/feedback", form).status_code == 302
    refused = Client().post("/feedback", {**form, "code": "f123456789abcdef"})
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0


def test_nobody_finds_a_message_by_guessing(store: object) -> None:
    assert Client().get("/feedback/find", {"code": "0123456789abcdef"}).status_code == 404
    assert Client().get("/feedback/x").status_code == 404


def _code(html: str) -> str:
    found = re.search(r'name="code" value="([0-9a-f]{16})"', html)
    assert found
    return found[1]


def test_columns_stand_in_the_pack() -> None:
    assert [name for name, _english in content.columns(date(2026, 6, 1))] == [
        "政策动态",
        "典型案例",
        "试点县区",
        "通知公告",
    ]
