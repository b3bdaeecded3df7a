"""Cases in several states: objections, repairs, a commitment, a declaration, a complaint, a review (F-17 to F-24)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from chengxin.cli.demo.people import FIRST, OTHER_STEWARD, REPRESENTATIVE, SECOND, STEWARD, auditor, reporter
from chengxin.cli.demo.stories import PAPER, Event, Scene

ECOLOGY, EMERGENCY, MARKET = "ecology-environment", "emergency", "market-regulation"


def events(scene: Scene) -> Iterator[Event]:
    """Everything that happens to cases, story by story."""
    for story in (_repaired, _corrected, _running, _late, _waiting, _returned, _second, _voluntary, _offices):
        yield from story(scene)


def _open(scene: Scene, name: str, who: str, procedure: str, **more: Any) -> None:
    from chengxin.cases.actions import Opening, Upload, open_case

    papers = tuple(Upload(m, f"{label}.pdf", io.BytesIO(PAPER)) for m, label in more.pop("papers", ()))
    case = open_case(scene.actor(who), Opening(procedure, materials=papers, key=f"demo-{name}", **more))
    scene.kept[name] = case.number


def _act(scene: Scene, name: str, who: str, step: str, reason: str = "", **form: Any) -> None:
    from chengxin.cases.actions import act

    act(scene.actor(who), scene.kept[name], step, reason=reason, form=form, key=f"demo-{name}-{step}")


def _own_penalty(scene: Scene, source: str) -> int:
    """The latest penalty of the story's subject by this department."""
    return int(_penalties(scene, source).filter(subject__code=scene.code).values_list("pk", flat=True)[0])


def _penalties(_scene: Scene, source: str) -> Any:
    from chengxin.registry.models import Record, Standing

    held = Record.objects.filter(item="penalty", source=source, standing=Standing.ACTIVE, held=False)
    return held.exclude(cases__isnull=False).order_by("-decided_on", "pk")


def _others(scene: Scene, source: str, nth: int) -> Any:
    """A penalty of somebody else: the `nth` latest, so that stories do not meet."""
    return _penalties(scene, source).exclude(subject__code=scene.code)[nth]


_REPAIR_PAPERS = (("commitment", "信用修复承诺书"), ("fulfilment", "罚款缴纳凭证"))
_STATED = {"corrected": "是", "duties_done": "是", "truth": "是", "statement": "罚款已经缴清，设施已经整改并通过复查。"}


def _repaired(scene: Scene) -> Iterator[Event]:
    """Granted; two receivers have confirmed, one is late."""
    yield Event("repair-open", scene.ago(46), lambda: _open(
        scene, "repair", REPRESENTATIVE, "repair", record=_own_penalty(scene, EMERGENCY), form=_STATED,
        papers=_REPAIR_PAPERS))  # fmt: skip
    yield Event("repair-accept", scene.ago(45), lambda: _act(scene, "repair", FIRST, "accept"))
    yield Event("repair-first", scene.ago(43), lambda: _act(
        scene, "repair", FIRST, "first-review", "缴款凭证和整改复查意见齐全，符合修复条件。"))  # fmt: skip
    yield Event("repair-approve", scene.ago(42), lambda: _act(
        scene, "repair", SECOND, "approve", "经复审，初审意见属实，同意修复。"))  # fmt: skip
    yield Event("repair-told", scene.ago(42), _deliver, hour=15)
    yield Event("repair-receipts", scene.ago(40), lambda: _receipts("credit-china", "enterprise-publicity"))


def _deliver() -> None:
    from chengxin.cases import fanout

    fanout.run()


def _receipts(*receivers: str) -> None:
    """The receivers put their receipts beside what they took; the platform gathers them on its next round."""
    import json
    from pathlib import Path

    from django.conf import settings

    for receiver in receivers:
        place = Path(settings.HOME) / "receivers" / receiver
        (place / "in").mkdir(parents=True, exist_ok=True)
        for message in sorted((place / "out").glob("*.json")):
            said = {"receipt": f"{receiver.upper()}-{message.stem}"}
            (place / "in" / message.name).write_text(json.dumps(said), "utf-8")
    _deliver()


def _corrected(scene: Scene) -> Iterator[Event]:
    """An objection that was right: the source unit agrees, the record is corrected."""
    facts = {"violation": "违反排污许可管理制度（自行监测频次不足）"}
    yield Event("objection-open", scene.ago(20), lambda: _open(
        scene, "objection", REPRESENTATIVE, "objection", record=_own_penalty(scene, ECOLOGY),
        form={"claim": "事实有误", "changes": facts,
              "statement": "处罚决定书认定的是自行监测频次不足，公示的违法行为写得不完整，请按决定书更正。"}))  # fmt: skip
    yield Event("objection-accept", scene.ago(20), lambda: _act(scene, "objection", STEWARD, "accept"), hour=14)
    yield Event("objection-verify", scene.ago(18), lambda: _act(
        scene, "objection", auditor(ECOLOGY), "verify", "经与决定书原件核对，公示内容摘录不完整。", finding="应当更正",
        changes=facts))  # fmt: skip
    yield Event("objection-correct", scene.ago(17), lambda: _act(
        scene, "objection", STEWARD, "correct", "信源单位核查属实，按决定书更正。", changes=facts))  # fmt: skip


def _running(scene: Scene) -> Iterator[Event]:
    """An objection under way: the source unit's clock runs."""
    yield Event("running-open", scene.ago(3), lambda: _open(
        scene, "running", REPRESENTATIVE, "objection", record=_own_penalty(scene, MARKET),
        form={"claim": "文字有误", "statement": "决定书上的罚款数额与公示的不一致，请核对。"}))  # fmt: skip
    yield Event("running-accept", scene.ago(2), lambda: _act(scene, "running", STEWARD, "accept"), hour=15)


def _late(scene: Scene) -> Iterator[Event]:
    """An objection that has lain with the source unit for too long."""
    yield Event("late-open", scene.ago(15), lambda: _open(
        scene, "late", OTHER_STEWARD, "objection", record=_others(scene, ECOLOGY, 4).pk,
        form={"claim": "列入错误", "statement": "企业来窗口反映：被处罚的是同名的另一家企业。"}))  # fmt: skip
    yield Event("late-accept", scene.ago(14), lambda: _act(scene, "late", STEWARD, "accept"))


def _waiting(scene: Scene) -> Iterator[Event]:
    """A repair that was filed yesterday and waits to be accepted; an objection that waits in the inbox."""
    yield Event("waiting-open", scene.ago(1), lambda: _open(
        scene, "waiting", REPRESENTATIVE, "repair", record=_own_penalty(scene, "housing-construction"), form=_STATED,
        papers=_REPAIR_PAPERS))  # fmt: skip
    yield Event("inbox-open", scene.ago(1), lambda: _open(
        scene, "inbox", OTHER_STEWARD, "objection", record=_others(scene, MARKET, 9).pk,
        form={"claim": "超过期限", "statement": "企业来电反映：公示期已经届满，网页上仍能查到。"}), hour=14)  # fmt: skip


def _by_counter(scene: Scene, name: str, source: str, nth: int, days: int) -> Event:
    """A repair that somebody brings to the counter with a mandate."""
    return Event(f"{name}-open", scene.ago(days), lambda: _open(
        scene, name, OTHER_STEWARD, "repair", record=_old(scene, source, nth), form=_STATED,
        papers=(*_REPAIR_PAPERS, ("mandate", "委托书"))))  # fmt: skip


def _old(scene: Scene, source: str, nth: int) -> int:
    """A general penalty that has been public for long enough."""
    before = scene.ago(130)
    found = (
        _penalties(scene, source).filter(decided_on__lt=before, severity="general").exclude(subject__code=scene.code)
    )
    return int(found.values_list("pk", flat=True)[nth])


def _returned(scene: Scene) -> Iterator[Event]:
    yield _by_counter(scene, "returned", MARKET, 2, 9)
    yield Event("returned-return", scene.ago(8), lambda: _act(
        scene, "returned", FIRST, "return", "缴款凭证看不清决定书文号，请重新提交。"))  # fmt: skip


def _second(scene: Scene) -> Iterator[Event]:
    """A repair that has passed its first review."""
    yield _by_counter(scene, "second", ECOLOGY, 5, 7)
    yield Event("second-accept", scene.ago(6), lambda: _act(scene, "second", FIRST, "accept"))
    yield Event("second-first", scene.ago(4), lambda: _act(
        scene, "second", FIRST, "first-review", "材料齐全，整改复查合格，公示满最短期限。"))  # fmt: skip


def _voluntary(scene: Scene) -> Iterator[Event]:
    """A commitment that is public, and a declaration that waits to be verified."""
    from datetime import timedelta

    due = (scene.today + timedelta(days=60)).isoformat()
    yield Event("promise-open", scene.ago(25), lambda: _open(
        scene, "promise", REPRESENTATIVE, "commitment", subject=scene.code,
        form={"template": _template(scene), "authority": MARKET, "due_on": due, "truth": "是"}))  # fmt: skip
    yield Event("promise-publish", scene.ago(23), lambda: _act(scene, "promise", auditor(MARKET), "publish"))
    yield Event("declared", scene.ago(4), lambda: _open(
        scene, "declared", REPRESENTATIVE, "declaration", subject=scene.code,
        form={"kind": "知识产权与研发", "title": "发明专利授权", "content": "一种节能型数控切割装置，已获授权。",
              "happened_on": scene.ago(30).isoformat(), "truth": "是", "authorised": "是", "publish_consent": "是"},
        papers=(("proof", "专利证书"),)), hour=11)  # fmt: skip


def _template(scene: Scene) -> str:
    """A template of a voluntary commitment, or the first that there is."""
    from chengxin.cases.packs import templates

    known = list(templates(scene.today))
    return next((t for t in known if "voluntary" in t), known[0])


def _offices(scene: Scene) -> Iterator[Event]:
    """A complaint about an authority, and a department's review of applicants."""
    from chengxin.registry.models import Subject

    yield Event("complaint-open", scene.ago(6), lambda: _open(
        scene, "complaint", REPRESENTATIVE, "complaint",
        form={"body": "water", "matter": "合同尾款逾期未付", "field": "拖欠账款",
              "statement": "河道疏浚工程已于去年验收，合同尾款至今没有支付。", "amount": "480000"}))  # fmt: skip
    yield Event("complaint-accept", scene.ago(5), lambda: _act(
        scene, "complaint", STEWARD, "accept", "事项属于受理范围，转被投诉单位办理。"))  # fmt: skip

    def review() -> None:
        codes = [
            scene.code,
            *Subject.objects.filter(provisional=False).order_by("pk").values_list("code", flat=True)[:11],
        ]
        _open(scene, "review", reporter("industry-it"), "credit-review", source="industry-it", form={
            "purpose": "专项资金项目申报审查", "basis": "专项资金管理办法关于信用审查的规定",
            "matter": "智能制造示范项目", "subjects": codes}, papers=(("letter", "查询公函"),))  # fmt: skip

    yield Event("review-open", scene.ago(3), review, hour=16)
    yield Event("review-approve", scene.ago(2), lambda: _act(
        scene, "review", auditor("industry-it"), "approve", "项目申报审查需要，同意查询。"))  # fmt: skip
