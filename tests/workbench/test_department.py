"""A department's day: its subjects and why, a draft tried, a draw by two, a list by three, measures and alerts (issue 5, 4)."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chengxin.audit.models import Event, Look
from chengxin.collection.models import Batch, State
from chengxin.evaluation import simulating
from chengxin.evaluation.models import Grade, Simulation
from chengxin.registry.models import Record, SubjectKind
from chengxin.registry.queries import find_subject
from chengxin.supervision.models import Alert, AlertCopy, Enforcement, Listing, Plan, Task
from chengxin.supervision.packs import lists_on, measures_on

from . import bureau as b
from .desk import ECOLOGY, EMERGENCY, seen

pytestmark = pytest.mark.once
DAY = b.TODAY.isoformat()


@pytest.fixture
def people(scene: Any) -> dict[str, Client]:
    return scene(b.settle)  # type: ignore[no-any-return]


def posted(client: Client, path: str, status: int = 302, **form: Any) -> str:
    """Where a form leads, or the page that says what is wrong with it."""
    response = client.post(f"{b.PLACE}{path}", form)
    assert response.status_code == status, (path, response.status_code, response.content.decode()[-1500:])
    return str(response["Location"]) if status == 302 else response.content.decode()


def page(client: Client, path: str, status: int = 200) -> str:
    return seen(client, f"{b.PLACE}{path}", status)


# -- subjects ---------------------------------------------------------------------------------------------------------


def test_the_roster_is_the_departments_own_and_narrows_counts_and_leaves_as_a_file(people: dict[str, Client]) -> None:
    """R-023, R-154: the worst first, counts with their table, filters; the export is the same rows and is kept."""
    told = page(people["reporter"], "/subjects")
    assert told.index(b.name(10)) < told.index(b.name(1)) and "12 个主体" in told and "各等级的主体数" in told
    assert b.name(10) not in page(people["reporter"], f"/subjects?q={b.name(1)}")
    assert "1 个主体" in page(people["reporter"], f"/subjects?q={b.code(3)}&industry=C")
    assert "没有符合条件的主体" in page(people["reporter"], "/subjects?region=3205")
    assert "请写成 2026-11-21" in page(people["reporter"], "/subjects?since=nope", 422)
    file = page(people["inspector"], f"/subjects.csv?grade=yellow&q={b.name(1)}")
    assert b.code(1) in file and b.code(10) not in file
    assert Event.objects.get(action="evaluation.export").detail == {"grade": "yellow", "count": 1}
    assert b.name(1) not in page(people["stranger"], "/subjects?model=ecology-environment", 422)
    assert "还没有在哪个部门任职" in page(people["visitor"], "/subjects", 403)


def test_pages_ask_the_database_as_often_for_many_rows_as_for_few(people: dict[str, Client]) -> None:
    def asked(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            page(people["reporter"], path)
        return len(found)

    proposed(people, 1)
    before = asked("/subjects"), asked("/listings")
    for n in (2, 3):
        proposed(people, n)
    b.polluters(*range(13, 20))
    b.grade()
    assert (asked("/subjects"), asked("/listings")) == before


def test_records_are_seen_for_a_matter_and_a_purpose_only_and_the_subject_sees_the_look(
    people: dict[str, Client],
) -> None:
    """R-092, G-10: without a reason the page has no records; with one, each opening is one more look."""
    reporter = people["reporter"]
    assert "宁环罚" not in page(reporter, f"/subjects/{b.code(1)}")
    assert "请选择办理什么事项" in posted(reporter, f"/subjects/{b.code(1)}", 422, unit=ECOLOGY, purpose="看看")
    posted(reporter, f"/subjects/{b.code(1)}", 422, unit=EMERGENCY, matter="inspection", purpose="看看")
    own = Look.objects.get()
    assert (own.basis, own.records, own.fields) == ("affairs", 0, ["grade"]), "the department's own affairs, no record"
    b.give_reason(reporter)
    assert "宁环罚〔2026〕1号" in page(reporter, f"/subjects/{b.code(1)}")
    look = Look.objects.get(basis="inspection")
    assert (look.actor, look.subject, look.basis, look.purpose) == (
        "reporter",
        b.code(1),
        "inspection",
        "核对处罚是否整改",
    )
    subject = find_subject(b.code(2))
    assert subject is not None
    subject.kind = SubjectKind.NATURAL_PERSON
    subject.save()
    page(reporter, f"/subjects/{b.code(2)}", 404)


def test_why_tells_contributions_records_and_what_would_change_it(people: dict[str, Client]) -> None:
    """R-154: the reason is asked for first; then points, the record behind them, and the grade if it were repaired."""
    path = f"/subjects/{b.code(1)}/why/{b.MODEL}"
    response = people["reporter"].get(b.PLACE + path)
    assert response.status_code == 302 and response["Location"].endswith("#reason")
    where = people["reporter"].post(
        response["Location"].split("#")[0], {"unit": ECOLOGY, "matter": "case", "purpose": "答复"}
    )
    assert where["Location"] == b.PLACE + path
    told = page(people["reporter"], path)
    assert "黄色" in told and "-4" in told and "宁环罚〔2026〕1号" in told and "如经修复" in told and "蓝色" in told
    assert Event.objects.filter(action="evaluation.look", actor="reporter").exists()
    page(people["stranger"], path, 404)


# -- models and simulation --------------------------------------------------------------------------------------------


def test_a_model_is_readable_and_tried_with_other_numbers_before_anybody_enacts_it(people: dict[str, Client]) -> None:
    """R-144, R-145: points, thresholds, bases in words; a changed number moves whom it should, and stores no grade."""
    told = page(people["reporter"], f"/models/{b.MODEL}")
    assert "一般处罚" in told and "每项 -4 分" in told and "得分不低于" in told and "计分标准" in told
    page(people["stranger"], f"/models/{b.MODEL}", 404)
    form = page(people["reporter"], f"/models/{b.MODEL}/simulate")
    numbers = dict(re.findall(r'name="([\w.]+)" value="(-?[\d.]+)"', form))
    assert "还没有改任何一个数" in posted(people["reporter"], f"/models/{b.MODEL}/simulate", 422, **numbers)
    posted(people["reporter"], f"/models/{b.MODEL}/simulate", 422, **{**numbers, "grade.0.at_least": "-99"})
    key = next(k for k, v in numbers.items() if k.endswith(".points") and v == "-4")
    grades = Grade.objects.count()
    where = posted(people["reporter"], f"/models/{b.MODEL}/simulate", **{**numbers, key: "-2"})
    told = seen(people["auditor"], where)
    assert (
        "等级变动 9 个：上升 9 个" in told
        and "一般处罚：每项分值：-4 → -2" in told
        and "-4 → -2" in told
        and b.name(1) in told
    )
    assert b.code(1) in b"".join(people["auditor"].get(where + "/moves.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert Grade.objects.count() == grades and Event.objects.filter(action="evaluation.simulate").count() == 1
    assert people["stranger"].get(where).status_code == people["auditor"].get(where + "/secret.csv").status_code == 404


def test_a_large_simulation_waits_for_the_worker_and_a_wrong_draft_is_named_by_its_line(
    people: dict[str, Client], settings: Any
) -> None:
    from chengxin.registry.packs import policies

    text = next(policies().folder.glob(f"departments/{b.MODEL}/evaluation.toml")).read_text("utf-8")
    where = f"/models/{b.MODEL}/simulate?how=file"
    wrong = SimpleUploadedFile("d.toml", text.replace("severity = 'general'", "severity = 'middling'").encode())
    assert "draft.toml:" in posted(people["reporter"], where, 422, file=wrong, against="")
    other = SimpleUploadedFile("d.toml", text.replace("江苏省生态环境厅", "江苏省应急管理厅").encode())
    assert "制定它的部门" in posted(people["reporter"], where, 403, file=other, against="")
    settings.EVALUATION_SLICE = 5
    found = re.search(r'value="(ecology-environment [^"]+)" selected', page(people["reporter"], where))
    assert found
    file = SimpleUploadedFile("d.toml", text.replace("points = -4\n", "points = -1\n", 1).encode())
    report = posted(people["reporter"], where, file=file, against=found[1])
    response = people["reporter"].get(report)
    assert response["Refresh"] and "正在用今天的登记库计算" in response.content.decode()
    assert simulating.work() == 1
    assert "等级变动 9 个" in seen(people["reporter"], report)
    assert Simulation.objects.get().done == 12


# -- inspection -------------------------------------------------------------------------------------------------------


def planned(people: dict[str, Client], inspectors: int = 3) -> str:
    for n in range(inspectors):
        person = "inspector" if n == 0 else ""
        posted(
            people["reporter"],
            "/inspections/inspectors",
            unit=ECOLOGY,
            number=f"E0{n}",
            name=f"检查员{n}",
            person=person,
        )
    starts = max(b.TODAY - timedelta(days=5), b.TODAY.replace(month=1, day=1))
    form = {
        "policy": b.POLICY,
        "title": "四季度双随机抽查",
        "starts": starts,
        "ends": b.TODAY.replace(month=12, day=31),
    }
    return posted(people["reporter"], "/inspections/new", **form).removeprefix(b.PLACE)


def test_two_people_draw_and_publish_and_an_inspector_enters_what_they_found(people: dict[str, Client]) -> None:
    """R-157, R-158, R-166: hashes first, the draw once, publication by another, results, and they become records."""
    assert "请选择按哪一个抽查办法" in posted(people["reporter"], "/inspections/new", 422)
    plan = planned(people)
    assert Plan.objects.get().seed_sha256 in page(people["auditor"], plan)
    assert Plan.objects.get().seed not in page(people["auditor"], plan)
    posted(people["auditor"], f"{plan}/draw", 403, beacon="1")
    posted(people["reporter"], f"{plan}/draw", beacon="3D: 4 7 1")
    assert "不能再抽" in posted(people["reporter"], f"{plan}/draw", 422, beacon="again")
    posted(people["reporter"], f"{plan}/publish", 403)
    posted(people["auditor"], f"{plan}/publish")
    assert "核对一致" in page(people["reporter"], f"{plan}/verify")
    mine = re.findall(r"/inspections/tasks/(\d+)", page(people["inspector"], "/inspections/tasks"))
    assert mine and all("E00" in Task.objects.get(pk=pk).inspectors for pk in mine)
    for shut in ("/inspections/tasks", plan):
        assert "/inspections/tasks/" not in page(people["auditor"], shut), "a link that ends at a refusal is none"
    task = f"/inspections/tasks/{mine[0]}"
    assert "请选择一个检查结果" in posted(people["inspector"], task, 422, inspected_on=DAY)
    assert "计划开始之后" in posted(people["inspector"], task, 422, result="未发现问题", inspected_on="2020-01-01")
    posted(people["inspector"], task, result="发现问题已责令改正", inspected_on=DAY, findings="台账缺页")
    posted(people["inspector"], f"{plan}/send", 403)
    posted(people["reporter"], f"{plan}/send")
    batch = Batch.objects.get()
    assert (batch.state, batch.rejected, Task.objects.exclude(batch="").count()) == (State.CHECKED, 0, 1)
    assert "结果已经送交入库" in page(people["inspector"], task)
    posted(people["auditor"], f"/batches/{batch.pk}/release")
    code = Task.objects.get(pk=mine[0]).code
    assert Record.objects.filter(item="inspection", subject__code=code).count() == 1
    page(people["stranger"], plan, 404)


def test_too_few_inspectors_and_results_that_came_back(people: dict[str, Client]) -> None:
    """G-16: nobody is sent alone; results of a returned batch can be corrected and sent again."""
    plan = planned(people, inspectors=1)
    assert "检查人员不足" in posted(people["reporter"], f"{plan}/draw", 422, beacon="")
    posted(people["reporter"], "/inspections/inspectors", unit=ECOLOGY, number="E09", name="沈见山")
    posted(people["reporter"], f"{plan}/draw", beacon="")
    posted(people["auditor"], f"{plan}/publish")
    task = f"/inspections/tasks/{Task.objects.order_by('pk')[0].pk}"
    posted(people["reporter"], task, result="未发现问题", inspected_on=DAY)
    posted(people["reporter"], f"{plan}/send")
    posted(people["auditor"], f"/batches/{Batch.objects.get().pk}/return", reason="日期不对")
    assert "1 户的检查结果还没有送交" in page(people["reporter"], plan)
    posted(people["reporter"], f"{plan}/send")
    assert Task.objects.exclude(batch="").get().batch == Batch.objects.latest("pk").number


def test_the_roll_of_inspectors_knows_whom_they_must_not_inspect(people: dict[str, Client]) -> None:
    posted(
        people["reporter"], "/inspections/inspectors", unit=ECOLOGY, number="E01", name="何其远", employers=b.code(1)
    )
    one = re.search(r"/inspections/inspectors/\d+", page(people["auditor"], "/inspections/inspectors"))
    assert one and b.code(1) in page(people["reporter"], one[0])
    posted(people["reporter"], one[0], 422, code=b.code(2))
    posted(people["reporter"], one[0], code=b.code(2), reason="亲属任职")
    assert "亲属任职" in page(people["reporter"], one[0])
    posted(people["auditor"], f"{one[0]}/dismiss", 403)
    posted(people["reporter"], f"{one[0]}/dismiss")
    assert "已退出" in page(people["reporter"], "/inspections/inspectors")


# -- lists and measures -----------------------------------------------------------------------------------------------


def proposed(people: dict[str, Client], number: int = 10) -> str:
    b.give_reason(people["reporter"], number)
    where = f"/lists/{b.LIST}/propose?code={b.code(number)}"
    form = {"criterion": "serious-penalty", "text": "超标排放，拒不改正", "records": b.records(number)}
    return posted(people["reporter"], where, **form).removeprefix(b.PLACE)


def test_whoever_may_not_propose_is_led_to_the_subject_and_not_to_a_refusal(people: dict[str, Client]) -> None:
    where = f"/lists/{b.LIST}?criterion=serious-penalty"
    assert f"/lists/{b.LIST}/propose?code={b.code(10)}" in page(people["reporter"], where)
    told = page(people["auditor"], where)
    assert "/propose?code=" not in told and f"/workbench/subjects/{b.code(10)}" in told


def step(people: dict[str, Client], who: str, entry: str, key: str = "next", status: int = 302, **form: Any) -> str:
    return posted(people[who], f"{entry}/act/{key}", status, **{"on": DAY, "text": "事实清楚", **form})


def listed(people: dict[str, Client]) -> str:
    """On the list by every step, three people."""
    entry = proposed(people)
    step(people, "reporter", entry, document="苏环告〔2026〕1号")
    step(people, "reporter", entry, "answer", outcome="waiver")
    step(people, "auditor", entry, outcome="agree")
    step(people, "second", entry, outcome="list", document="苏环决〔2026〕1号")
    step(people, "reporter", entry, document="送达回证1号")
    step(people, "second", entry)
    return entry


def test_nobody_is_listed_without_notice_answer_and_decision_by_other_people(people: dict[str, Client]) -> None:
    """R-170, R-171, G-03, G-05: each page says what must be at hand, and why this person may not."""
    told = page(people["reporter"], f"/lists/{b.LIST}?criterion=serious-penalty")
    assert b.name(10) in told and b.name(1) not in told
    response = people["reporter"].get(f"{b.PLACE}/lists/{b.LIST}/propose?code={b.code(10)}")
    assert response.status_code == 302 and "#reason" in response["Location"]
    assert "登记库里没有这个代码" in page(people["reporter"], f"/lists/{b.LIST}/propose?code=91", 422)
    page(people["auditor"], f"/lists/{b.LIST}/propose", 403)
    entry = proposed(people)
    assert "文书要写明的权利和救济" in page(people["reporter"], f"{entry}/act/next")
    assert "请写明文书的文号" in step(people, "reporter", entry, status=422)
    step(people, "auditor", entry, status=403, document="1号")
    step(people, "reporter", entry, document="苏环告〔2026〕1号")
    assert "才届满" in page(people["auditor"], entry)
    assert "才届满" in step(people, "auditor", entry, status=422, outcome="agree")
    step(people, "reporter", entry, "answer", outcome="statement")
    step(people, "auditor", entry, outcome="agree")
    assert "您做过“审核”，这一步要由另一位办理" in page(people["auditor"], entry)
    assert "请由另一位办理" in step(people, "auditor", entry, status=422, outcome="list", document="1号")
    step(people, "second", entry, outcome="refuse", document="苏环决〔2026〕1号")
    assert "决定不列入" in page(people["reporter"], entry) and not Enforcement.objects.exists()
    page(people["stranger"], entry, 404)


ENGLISH = {"Accept-Language": "en"}


def _in_english(client: Client, path: str) -> str:
    return unescape(client.get(f"{b.PLACE}{path}", headers=ENGLISH).content.decode())


def test_the_packs_english_is_read_by_who_reads_english(people: dict[str, Client]) -> None:
    """R-333: competence, exit, remedy and criterion of a list, relation and proportion of a measure, conditions to leave."""
    rules = lists_on(b.TODAY)[b.LIST].list
    told = _in_english(people["reporter"], f"/lists/{b.LIST}")
    for english, chinese in (
        (rules.competence_en, rules.competence), (rules.exit.text_en, rules.exit.text), (rules.remedy_en, rules.remedy)
    ):  # fmt: skip
        assert english in told and chinese not in told
    assert rules.competence in unescape(page(people["reporter"], f"/lists/{b.LIST}"))
    entry = listed(people)
    told = _in_english(people["reporter"], entry)
    assert rules.exit.text_en in told and rules.remedy_en in told and rules.remedy not in told
    measure = Enforcement.objects.order_by("pk").first()
    assert measure
    rule = measures_on(b.TODAY).rules[measure.measure].measure
    told = _in_english(people["auditor"], f"/measures/{measure.pk}")
    assert rule.association_en in told and rule.proportionality_en in told and rule.association not in told


def test_what_a_model_says_of_telling_is_what_this_platform_does(people: dict[str, Client]) -> None:
    """R-149: the plan's own channels are named as not ours; the subject's page is."""
    told = unescape(page(people["reporter"], f"/models/{b.MODEL}"))
    assert (
        "告知主体：主体登录后在“信用等级”页面看到。方案写明的渠道：企业环保脸谱、短信，1 个工作日内（不由本平台发送）"
        in told
    )
    assert "告知省平台：结果就在本平台" in told and "本平台不送达" not in told


def test_a_wrong_listing_is_undone_and_every_body_confirms_that_it_lifted(people: dict[str, Client]) -> None:
    """R-187 to R-191, R-201, G-08: three judgements, the effect list, then the undoing reaches the measures."""
    entry = listed(people)
    assert Listing.objects.get().state == "listed" and "正在认定 0" in page(people["auditor"], "/listings")
    assert "最早自" in page(people["reporter"], entry)
    measure = re.search(r"/measures/\d+", page(people["auditor"], "/measures"))
    assert measure
    where = measure[0]
    assert "逐项确认" in posted(people["auditor"], f"{where}/respond", 422, response="accepted", note="已拦截")
    checks = ["legal", "associated", "proportionate"]
    posted(people["auditor"], f"{where}/respond", response="accepted", note="已拦截", checks=checks)
    posted(people["stranger"], f"{where}/lift", 404)
    assert "已拦截" in page(people["reporter"], "/effects") and b.code(10) in page(people["reporter"], "/effects.csv")
    assert "已拦截" not in page(people["stranger"], "/effects")
    page(people["reporter"], "/effects?month=2026-13", 422)
    use = {
        "agency": ECOLOGY,
        "measure": "environment-funds-bar",
        "matter": "environment-funds",
        "detail": "不予受理申报",
    }
    assert "没有这项措施的依据" in posted(people["reporter"], "/effects/new", 422, code=b.code(1), **use)
    posted(people["reporter"], "/effects/new", code=b.code(10), **use)
    step(people, "auditor", entry, "revoke", document="苏环撤〔2026〕1号")
    assert "列入有误，已撤销" in page(people["reporter"], entry)
    assert not Enforcement.objects.filter(ended_on=None).exists()
    posted(people["auditor"], f"{where}/lift")
    assert "已解除" in page(people["auditor"], "/measures?show=answered")


def test_an_alert_to_my_unit_is_acknowledged_by_my_unit(people: dict[str, Client]) -> None:
    """R-209 to R-219: others' alerts are neither shown nor acknowledged."""
    from chengxin.supervision.alerts.finding import find
    from chengxin.supervision.alerts.grounds import bases_of

    for n in range(1, 4):  # three penalties within a year warn the department
        b.polluters(20 + n)
    Record.objects.filter(item="penalty", subject__code__in=[b.code(21), b.code(22), b.code(23)]).update(
        subject=find_subject(b.code(1))
    )
    find(b.TODAY, "tester")
    copies = AlertCopy.objects.filter(receiver="department", to=ECOLOGY)
    assert copies.exists()
    wanted = str(copies[0].pk)
    told = people["auditor"].get("/api/v1/alerts").json()["alerts"]
    basis = next(a["basis"] for a in told if str(a["id"]) == wanted)
    assert basis == bases_of([copies[0].alert])[copies[0].alert.rule, copies[0].alert.version] and "《" in basis, "G-05"
    assert f'value="{wanted}"' in page(people["auditor"], "/alerts")
    assert f'value="{wanted}"' not in page(people["stranger"], "/alerts")
    posted(people["stranger"], "/alerts/seen", copy=wanted)
    posted(people["auditor"], "/alerts/seen")
    assert AlertCopy.objects.get(pk=wanted).seen_on is None
    posted(people["auditor"], "/alerts/seen", copy=wanted)
    assert AlertCopy.objects.get(pk=wanted).seen_by == "auditor"
    assert "周一鸣" in page(people["reporter"], "/alerts?seen=all")


def test_work_waits_only_for_whom_can_do_it(people: dict[str, Client]) -> None:
    """An inspector is told of alerts and cannot acknowledge them: no card asks for it, no box offers it (R-210)."""
    alert = Alert.objects.create(
        rule="three-penalties", version="1", subject=find_subject(b.code(1)), whom=b.code(1), cause="test", text="三次处罚",
        text_en="Three penalties", found_on=b.TODAY,
    )  # fmt: skip
    copy = AlertCopy.objects.create(alert=alert, receiver="department", to=ECOLOGY)
    assert "没有签收的预警" in page(people["auditor"], "")
    assert "没有签收的预警" not in page(people["inspector"], "")
    told = page(people["inspector"], "/alerts")
    assert "三次处罚" in told and f'value="{copy.pk}"' not in told and "签收勾选的" not in told
    posted(people["inspector"], "/alerts/seen", copy=str(copy.pk))
    copy.refresh_from_db()
    assert copy.seen_on is None
    assert "没有签收的预警" not in page(people["stranger"], "")


def test_whom_a_model_names_is_told_when_a_grade_moves_once_and_not_of_the_first_grade(
    people: dict[str, Client],
) -> None:
    """R-149, R-155: the subject and those the pack names; a first grade is no move, and nothing is told twice."""
    from chengxin.registry.actions import Because, change_standing
    from chengxin.supervision import jobs

    jobs.follow(b.TODAY)
    assert not AlertCopy.objects.filter(alert__rule__startswith="told-").exists()
    change_standing(b.records(1)[0], "repair", Because("reviewer", "已整改"))
    b.grade()
    jobs.follow(b.TODAY)
    jobs.follow(b.TODAY)
    told = AlertCopy.objects.filter(alert__rule=f"told-{b.MODEL}")
    assert [c.to for c in told.filter(receiver="subject")] == [b.code(1)]
    assert "由黄色变为蓝色" in told[0].alert.text
