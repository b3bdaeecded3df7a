"""The people of the reports' tests, and a company with something to report on."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from chengxin.accounts.actors import Actor, operator
from chengxin.accounts.models import Organisation
from chengxin.collection.single import stage_one
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.entering import StagedRow, enter
from chengxin.registry.models import Record
from chengxin.reports import actions
from chengxin.reports.asking import Request
from chengxin.reports.models import Report
from chengxin.standards.uscc import make_uscc

YUNLING = make_uscc("9", "1", "320505", "QX26A001")
BOHE = make_uscc("9", "1", "320100", "QX26B0HE")
NAME, OTHER = "苏州云岭精密机械有限公司", "南京泊禾农业科技有限公司"
SOURCE = "ecology-environment"
TODAY = date(2026, 11, 20)

PENALTY = {
    "subject_name": NAME, "subject_code": YUNLING, "subject_kind": "法人及非法人组织", "representative": "林知夏",
    "document_number": "苏环罚〔2026〕1号", "violation": "超标排放水污染物",
    "facts": "2026 年 1 月 5 日检查时，总排口化学需氧量浓度为 112 毫克每升，超过排放标准。",
    "legal_basis": "《水污染防治法》第八十三条", "penalty_kinds": "罚款", "content": "罚款人民币 12 万元。",
    "fine_amount": "12", "decided_on": "2026-08-10", "authority_name": "江苏省生态环境厅",
    "authority_code": "11320000QX26G009XF", "source_code": "11320000QX26G009XF", "source_name": "江苏省生态环境厅",
}  # fmt: skip
HONOUR = {
    "subject_name": NAME, "subject_code": YUNLING, "honour_name": "江苏省质量奖提名奖", "level": "省级",
    "deeds": "推行精益制造，三年内产品抽检全部合格。", "document_number": "苏政发〔2026〕6号", "awarded_on": "2026-02-03",
    "authority_name": "江苏省市场监督管理局", "authority_code": "11320000QX26G0014R",
    "source_code": "11320000QX26G0014R", "source_name": "江苏省市场监督管理局",
}  # fmt: skip


def person(name: str, *roles: tuple[str, str]) -> Actor:
    held: dict[str, set[str]] = {}
    for organisation, role in roles:
        held.setdefault(organisation, set()).add(role)
    return Actor(name, {o: frozenset(r) for o, r in held.items()})  # type: ignore[arg-type]


BOSS = person("林知夏", ("yunling", "representative"))
STEWARD = person("中心甲", ("centre", "steward"))
CLERK = person("环境报送", (SOURCE, "reporter"))
RIVAL = person("泊禾代表", ("bohe", "representative"))
OPERATOR = operator("root")


def penalty(**changes: str) -> Record:
    return put("penalty", SOURCE, PENALTY | changes, PENALTY.get("decided_on", ""))


def put(item: str, source: str, cells: dict[str, str], day: str) -> Record:
    """One record by the item's own rules, as a batch would store it."""
    for id, name, code in (("yunling", NAME, YUNLING), ("bohe", OTHER, BOHE)):
        Organisation.objects.update_or_create(id=id, defaults={"name": name, "code": code, "kind": "subject"})
    decided = date.fromisoformat(cells.get("decided_on", day))
    return enter(_staged(item, source, tuple(cells.items()), decided + timedelta(days=2)), Because("reporter", "报送"))


@lru_cache(maxsize=64)
def _staged(item: str, source: str, cells: tuple[tuple[str, str], ...], on: date) -> StagedRow:
    return stage_one(item, dict(cells), source, on)


def settle() -> dict[str, Record]:
    """Yunling with a penalty, one by the simplified procedure, one that was repaired, and an honour."""
    made = {
        "penalty": penalty(),
        "simplified": penalty(document_number="苏环罚〔2026〕2号", procedure="简易程序", fine_amount="0.1",
                              content="当场罚款 1000 元。", decided_on="2026-09-01"),
        "repaired": penalty(document_number="苏环罚〔2026〕3号", decided_on="2026-03-02"),
        "honour": put("honour", "market-regulation", HONOUR, "2026-02-03"),
    }  # fmt: skip
    change_standing(made["repaired"].pk, "repair", Because("centre", "已修复"), on=date(2026, 10, 1))
    return made


def issue(template: str = "full", actor: Actor = BOSS, *codes: str, **more: Any) -> Report:
    return actions.issue(actor, Request(template, codes or (YUNLING,), **{"purpose": "投标", **more}), on=TODAY)
