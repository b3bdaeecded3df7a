"""Credit repair (信用修复): two rule versions by date, conditions with remedies, two reviews by two people, and every
receiver follows with a receipt (R-227 to R-243, N-02, W-18, domain.md 4)."""

from __future__ import annotations

import base64
import json
import re
import shutil
import threading
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.utils import timezone

from chengxin.accounts.rules import Denied
from chengxin.audit.keys import Signed, signed_by_us
from chengxin.cases import actions, fanout, jobs, pdf, queries, sampling, settingup
from chengxin.cases.channels import CONTEXT
from chengxin.cases.errors import CaseRefused, NotMet
from chengxin.cases.models import Case, Delivery
from chengxin.cases.packs import in_force, repair_rules
from chengxin.cases.statistics import figures
from chengxin.policy import PolicyError, load
from chengxin.policy.repair import Repair
from chengxin.registry.actions import Because, NotPossible, change_standing
from chengxin.registry.models import Record
from chengxin.registry.packs import policies

from ..conftest import REPO
from . import world as w

FORM = {"corrected": "是", "duties_done": "是", "truth": "是"}
D2, D3, D4 = date(2026, 6, 2), date(2026, 6, 3), date(2026, 6, 4)


def files() -> tuple:
    return (w.upload("commitment"), w.upload("fulfilment"))


def repaired(record: Record, *, on: date = w.FILED) -> Case:
    case = w.opened("repair", w.BOSS, record=record.pk, form=FORM, files=files(), on=on)
    actions.act(w.FIRST, case.number, "accept", on=D2)
    actions.act(w.FIRST, case.number, "first-review", reason="材料齐全", on=D3)
    return actions.act(w.SECOND, case.number, "approve", reason="条件具备", on=D4)


def test_the_rules_of_the_day_of_application_apply(store) -> None:
    """Order 58 until 2026-03-31, Order 36 from 2026-04-01 (domain.md 4.1)."""
    old = w.opened("repair", w.BOSS, record=w.settle().pk, form=FORM, files=files(), on=date(2026, 3, 31))
    other = w.settle(document_number="苏环罚〔2026〕2号", decided_on="2026-04-02")
    new = w.opened("repair", w.BOSS, record=other.pk, form=FORM, files=files(), on=date(2026, 4, 1))
    assert (old.version, new.version) == ("58", "36")
    assert other.repair_from == date(2026, 7, 2) and other.public_until == date(2027, 4, 2), "three months to one year"


def test_a_unit_may_repair_by_rules_of_its_own(store, settings, tmp_path: Path) -> None:
    """domain.md 4.1: market regulators have measures of their own; a record follows the narrowest rules that fit it."""
    shutil.copytree(settings.POLICIES, tmp_path / "policies")
    general = (tmp_path / "policies/national/repair-2026.toml").read_text("utf-8")
    head, *conditions = general.split("[[condition]]")
    own = head.replace('id = "repair"', f'id = "own"\nsources = ["{w.SOURCE}"]') + "[[condition]]" + conditions[0]
    (tmp_path / "policies/national/repair-own.toml").write_text(own, "utf-8")
    settings.POLICIES = tmp_path / "policies"
    theirs = w.settle()
    assert repair_rules(w.FILED, theirs).id == "own" and repair_rules(w.FILED).id == "repair"
    theirs.source = "emergency"
    assert repair_rules(w.FILED, theirs).id == "repair", "another unit's record follows the rules for everybody"


def test_an_application_that_fails_is_told_why_and_what_to_do(store) -> None:
    """R-242: each condition with its remedy; the earliest day is named (domain.md 9: 'unclear severity')."""
    record = w.settle()
    assert [u.id for u in queries.eligibility(record, date(2026, 4, 20))] == ["minimum"]
    assert queries.eligibility(record, w.FILED) == ()
    case = w.opened("repair", w.BOSS, record=record.pk, on=date(2026, 4, 20),
                    form={"corrected": "是", "duties_done": "否", "truth": "是"}, files=(w.upload("commitment"),))  # fmt: skip
    with pytest.raises(NotMet) as refused:
        actions.act(w.FIRST, case.number, "accept", on=date(2026, 4, 21))
    assert {u.id for u in refused.value.unmet} == {"minimum", "duties", "proof"}
    assert "2026-05-10" in str(refused.value) and "缴清罚款" in str(refused.value)
    done = actions.act(w.FIRST, case.number, "not-accept", reason="未到最短公示期", on=date(2026, 4, 21))
    assert "最早可以申请修复的日期：2026-05-10" in done.letters.get().text
    with pytest.raises(CaseRefused, match="应为：是"):
        w.opened("repair", w.BOSS, record=record.pk, form=FORM | {"truth": "否"}, files=files())
    with pytest.raises(NotPossible, match="2026-05-10"):
        change_standing(record.pk, "repair", Because("centre", "x"), on=date(2026, 5, 9))


def test_two_reviews_need_two_people(store) -> None:
    """R-228: the same person in both roles passes the first and is refused the second; the subject decides nothing."""
    record = w.settle()
    case = w.opened("repair", w.AGENT, record=record.pk, form=FORM, files=(*files(), w.upload("mandate")))
    actions.act(w.BOTH, case.number, "accept", on=D2)
    actions.act(w.BOTH, case.number, "first-review", reason="齐", on=D3)
    for who in (w.BOTH, w.FIRST, w.BOSS, w.AGENT):
        with pytest.raises(Denied):
            actions.act(who, case.number, "approve", reason="可", on=D4)
    assert actions.act(w.SECOND, case.number, "approve", reason="可", on=D4).outcome == "granted"


def test_an_agent_needs_a_mandate(store) -> None:
    """R-236: helper windows and agents apply on behalf, with the authorisation on file."""
    record = w.settle()
    with pytest.raises(CaseRefused, match="委托书"):
        w.opened("repair", w.AGENT, record=record.pk, form=FORM, files=files())
    assert not Case.objects.exists(), "and nothing of it was stored"


def test_a_repair_reaches_three_receivers_of_which_one_is_down_for_a_day(store, tmp_path) -> None:
    """Issue 4, section 6: three receipts, one of them late, and the laggard named on the way."""
    for name in ("credit-china", "national-platform", "enterprise-publicity"):
        folder = tmp_path / name
        settingup.set_receiver("operator", name, folder=folder)
        if name != "enterprise-publicity":
            folder.mkdir()
    record = w.settle()
    case = repaired(record)
    record.refresh_from_db()
    assert record.standing == "repaired"

    start = timezone.make_aware(datetime(2026, 6, 4, 9))
    first = fanout.run(start)
    assert (first.made, first.sent, first.failed) == (3, 2, 1)
    for name in ("credit-china", "national-platform"):
        acknowledge(tmp_path / name)
    assert fanout.run(start + timedelta(hours=1)).acknowledged == 2
    late = start + timedelta(days=6)
    assert Delivery.objects.get(receiver="enterprise-publicity").due_on == date(2026, 6, 9)
    assert [(x.receiver, x.overdue) for x in fanout.laggards(date(2026, 6, 10))] == [("enterprise-publicity", 1)]

    (tmp_path / "enterprise-publicity").mkdir()
    assert fanout.run(late).sent == 1
    acknowledge(tmp_path / "enterprise-publicity")
    assert fanout.run(late + timedelta(minutes=1)).acknowledged == 1
    told = queries.deliveries_of(case)
    assert [(r["receiver"], r["state"], r["late"]) for r in told] == [
        ("credit-china", "acknowledged", False),
        ("enterprise-publicity", "acknowledged", True),
        ("national-platform", "acknowledged", False),
    ]
    assert all(r["receipt"].startswith("收到") for r in told)
    assert [(x.label, x.overdue, x.late) for x in fanout.laggards(date(2026, 6, 11))] == [
        ("国家企业信用信息公示系统（江苏）", 0, 1)
    ]
    assert case.events.filter(kind="delivery").count() == 3
    again = fanout.run(late + timedelta(days=1))
    assert (again.made, again.sent, again.acknowledged) == (0, 0, 0), "running again is safe (F11)"


def ours(signature: str, body: bytes) -> bool:
    """Whether a receiver that knows the keys of our log finds the message to be ours."""
    number, algorithm, made = signature.split()
    return signed_by_us(CONTEXT, body, Signed(int(number), algorithm, base64.b64decode(made)))


def acknowledge(folder: Path) -> None:
    """What the receiver does: read each message, act, leave a receipt."""
    (folder / "in").mkdir(exist_ok=True)
    for file in (folder / "out").glob("*.json"):
        signature = file.with_suffix(".sig").read_text("ascii")
        assert ours(signature, file.read_bytes()) and not ours(signature, file.read_bytes() + b" ")
        said = json.loads(file.read_bytes())
        assert said["action"] == "repair" and said["subject"] == w.YUNLING and said["standing"] == "repaired"
        (folder / "in" / file.name).write_text(json.dumps({"receipt": f"收到 {said['change']}"}), "utf-8")


def test_an_http_receiver_that_fails_is_tried_again_and_one_that_refuses_is_not(store, settings) -> None:
    """F1, F15: 5xx and hang-ups are retried with growing pauses, 4xx is final, a redirect is not followed."""
    answers = [503, None, 200]
    heard: list[tuple[str, bytes]] = []

    class Peer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.headers["Idempotency-Key"], body))
            code = answers.pop(0)
            if code is None:
                self.connection.close()
                return
            self.send_response(code)
            self.end_headers()
            if code == 200:
                self.wfile.write(b'{"receipt": "R-1"}')

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Peer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        settingup.set_receiver("operator", "credit-china", url=f"http://127.0.0.1:{server.server_port}/")
        for other in ("national-platform", "enterprise-publicity"):
            settingup.set_receiver("operator", other, paused=True)
        record = w.settle()
        change_standing(record.pk, "repair", Because("centre", "x"))
        now = timezone.now()
        waits = []
        for _ in range(3):
            fanout.run(now)
            mine = Delivery.objects.get(receiver="credit-china")
            if mine.next_try:
                waits.append(mine.next_try - now)
                now = mine.next_try + timedelta(seconds=1)
        assert mine.state == "acknowledged" and mine.receipt == "R-1" and mine.attempts == 3
        assert waits[0] < waits[1], "the pause grows"
        assert len({body for _, body in heard}) == 1 and len({key for key, _ in heard}) == 1
        answers[:] = [302]
        change_standing(record.pk, "reinstate", Because("centre", "x"))
        change_standing(record.pk, "withdraw", Because("centre", "x"))
        fanout.run(now)
        assert Delivery.objects.filter(receiver="credit-china", state="refused").count() == 1
    finally:
        server.shutdown()
        server.server_close()


def test_the_decision_can_be_downloaded_and_is_the_same_file_every_time(store) -> None:
    case = repaired(w.settle())
    letter = case.letters.get(letter="decided")
    assert letter.number == "修复函〔2026〕2号" and "停止公示" in letter.text
    first, again, english = pdf.render(letter), pdf.render(letter), pdf.render(letter, "en")
    assert first.startswith(b"%PDF") and first == again and english != first


def test_letters_are_numbered_without_gaps_even_when_a_step_fails(store) -> None:
    record = w.settle()
    case = w.opened("repair", w.BOSS, record=record.pk, form=FORM, files=files())
    for _ in range(3):
        with pytest.raises(CaseRefused):
            actions.act(w.FIRST, case.number, "not-accept", on=D2)
    actions.act(w.FIRST, case.number, "accept", on=D2)
    done = repaired(w.settle(document_number="苏环罚〔2026〕2号"))
    assert list(case.letters.values_list("number", flat=True)) == ["修复函〔2026〕1号"]
    assert [x.number for x in done.letters.order_by("pk")] == ["修复函〔2026〕2号", "修复函〔2026〕3号"]
    assert done.number == "修复〔2026〕2号"


def test_samples_show_how_often_reviews_err(store) -> None:
    """N-02: the checked error rate of first and second review, at most 0.5 %; nobody checks their own case."""
    case = repaired(w.settle())
    drawn = sampling.draw(w.STEWARD, "repair", 5, since=w.FILED, until=D4, on=D4)
    assert [s.case_id for s in drawn] == [case.pk]
    assert sampling.draw(w.STEWARD, "repair", 5, since=w.FILED, until=D4) == []
    reviewer = w.person(w.SECOND.name, ("centre", "steward"))
    with pytest.raises(Denied, match="办理过"):
        sampling.judge(reviewer, case.number, on=D4)
    with pytest.raises(Denied):
        sampling.judge(w.FIRST, case.number, on=D4)
    sampling.judge(w.STEWARD2, case.number, wrong_step="approve", finding="凭证金额不符", on=D4)
    found = figures(w.FILED, D4)[0]
    assert (found.review_error, found.review_goal, found.sampled) == (1.0, 0.005, 1)
    assert found.on_time == 1.0 and found.outcomes == {"granted": 1} and found.days == 3


def test_a_repair_that_is_undone_later_counts_as_reversed(store) -> None:
    record = w.settle()
    repaired(record)
    case = w.opened("withdrawal", w.REPORTER, record=record.pk, files=(w.upload("decision"),),
                    form={"ground": "撤销", "decided_on": "2026-06-20"}, on=date(2026, 6, 22))  # fmt: skip
    done = actions.act(w.AUDITOR, case.number, "withdraw", reason="复议机关撤销原处罚决定", on=date(2026, 6, 23))
    record.refresh_from_db()
    assert record.standing == "withdrawn" and case.terms.get().due_on == date(2026, 6, 24), (
        "three working days of the decision"
    )
    assert "复议机关撤销原处罚决定" in done.letters.get().text
    assert {f.procedure: f.reversal for f in figures(w.FILED, date(2026, 6, 30))} == {"repair": 1.0, "withdrawal": 0.0}


def test_a_court_ruling_shields_a_record_until_the_plan_is_carried_out(store) -> None:
    """Bankruptcy: shielded while the plan runs, repaired after it, published again when it fails (domain.md 4.3)."""
    record = w.settle()
    form = {"court": "苏州市中级人民法院（2026）苏05破3号", "until": "2026-07-31"}
    case = w.opened("bankruptcy-shielding", w.BOSS, record=record.pk, form=form, files=(w.upload("ruling"),))
    actions.act(w.FIRST, case.number, "check", reason="裁定属实", on=D2)
    actions.act(w.SECOND, case.number, "shield", reason="重整期间", on=D3)
    record.refresh_from_db()
    assert record.standing == "shielded"
    jobs.run(date(2026, 8, 3), "daily")
    case.refresh_from_db()
    assert case.state == "overdue"
    with pytest.raises(CaseRefused, match="执行完毕"):
        actions.act(w.SECOND, case.number, "repair", reason="完毕", on=date(2026, 8, 4))
    actions.act(w.SECOND, case.number, "resume", reason="未执行", on=date(2026, 8, 4))
    record.refresh_from_db()
    assert record.standing == "active"


SECTOR = {"corrected": "是", "truth": "是", "statement": "已更换设备，重新出具报告"}


def test_a_departments_own_record_is_repaired_by_its_own_rules_and_people(store) -> None:
    """The plan's 总方案二(七), R-440: what is no penalty has a way back too: two people of the source unit, by the rules of its
    pack; then it is neither shared nor counted, and nothing of it was ever public."""
    record = w.serviced()
    with pytest.raises(CaseRefused):
        w.opened("repair", w.BOSS, record=record.pk, form=FORM, files=files())
    case = w.opened("sector-repair", w.BOSS, record=record.pk, form=SECTOR, files=(w.upload("commitment"),))
    with pytest.raises(NotMet) as told:
        actions.act(w.REPORTER, case.number, "check", reason="齐")
    assert [u.id for u in told.value.unmet] == ["proof"] and told.value.unmet[0].remedy.startswith("请附上整改报告")
    actions.act(w.REPORTER, case.number, "return", reason="请附整改证明")
    actions.attach(w.BOSS, case.number, w.upload("proof"))
    actions.act(w.BOSS, case.number, "supplement")
    actions.act(w.REPORTER, case.number, "check", reason="齐")
    with pytest.raises(Denied):
        actions.act(w.REPORTER, case.number, "approve", reason="自批")
    done = actions.act(w.AUDITOR, case.number, "approve", reason="已整改")
    record.refresh_from_db()
    assert (done.outcome, record.standing) == ("granted", "repaired")
    assert done.letters.last().title == "行业信用修复决定书" and done.letters.last().to_name == w.NAME


def test_what_the_departments_rules_do_not_repair_is_said_with_the_way_that_is_left(
    store, settings, tmp_path: Path
) -> None:
    """A condition on what the record says: a good conduct, or one too grave, is not repaired; it can be objected to."""
    folder = tmp_path / "policies"
    shutil.copytree(settings.POLICIES, folder)
    settings.POLICIES = folder
    file = folder / "departments" / "ecology-environment" / "repair.toml"
    file.write_text(file.read_text("utf-8") + ONLY_LATE, "utf-8")
    record = w.serviced()
    papers = (w.upload("commitment"), w.upload("proof"))
    case = w.opened("sector-repair", w.BOSS, record=record.pk, form=SECTOR, files=papers)
    with pytest.raises(NotMet) as told:
        actions.act(w.REPORTER, case.number, "check", reason="齐")
    assert [u.id for u in told.value.unmet] == ["repairable"] and "异议" in told.value.unmet[0].remedy


ONLY_LATE = """
[[condition]]
id = "repairable"
test = "field-in"
field = "conduct"
values = ["未按期提交或者未按合同服务"]
label = "属于可以修复的失信行为"
label_en = "It can be repaired"
remedy = "不能修复；认为有误的，可以提出异议"
remedy_en = "Not repaired; object to it"
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('field = "conduct"', 'field = "mood"', "a field of environment-service"),
        ('values = ["未按期提交或者未按合同服务"]\n', "", "`values`"),
        ('test = "field-in"', 'test = "stated"', "`ask`"),
    ],
)
def test_a_condition_on_a_field_that_is_none_does_not_load(old: str, new: str, expected: str, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    shutil.copytree(REPO / "policies", folder)
    file = folder / "departments" / "ecology-environment" / "repair.toml"
    file.write_text(file.read_text("utf-8") + ONLY_LATE.replace(old, new), "utf-8")
    with pytest.raises(PolicyError, match=re.escape(expected)):
        load(folder)


def test_every_sector_whose_own_records_can_be_repaired_has_rules_for_them() -> None:
    """The procedure takes no record for which only the general rules, made for penalties, would speak."""
    taken = set(in_force("sector-repair", w.FILED).items)
    ruled = {item for rules in policies().of(Repair) for item in rules.items}
    assert taken == ruled and len(taken) == 12
