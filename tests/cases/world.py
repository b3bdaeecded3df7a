"""The people of the cases' tests, and one record to have a case about."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Organisation
from chengxin.cases import actions
from chengxin.cases.actions import Opening, Upload
from chengxin.cases.models import Case
from chengxin.collection.single import stage_one
from chengxin.registry.actions import Because
from chengxin.registry.entering import StagedRow, enter
from chengxin.registry.models import Record
from chengxin.standards.uscc import make_uscc

YUNLING = make_uscc("9", "1", "320505", "QX26A001")
NAME = "苏州云岭精密机械有限公司"
SOURCE = "ecology-environment"
FILED = date(2026, 6, 1)
"""A Monday; the week has no holiday, the Dragon Boat Festival is on the 19th."""

PENALTY = {
    "subject_name": NAME,
    "subject_code": YUNLING,
    "subject_kind": "法人及非法人组织",
    "document_number": "苏环罚〔2026〕1号",
    "violation": "超标排放水污染物",
    "facts": "2026 年 1 月 5 日检查时总排口化学需氧量超标。",
    "legal_basis": "《水污染防治法》第八十三条",
    "penalty_kinds": "罚款",
    "content": "罚款人民币 12 万元",
    "fine_amount": "12",
    "decided_on": "2026-02-10",
    "authority_name": "江苏省生态环境厅",
    "authority_code": "11320000QX26G009XF",
    "source_code": "11320000QX26G009XF",
    "source_name": "江苏省生态环境厅",
}


def person(name: str, *roles: tuple[str, str]) -> Actor:
    """Somebody with (organisation, role) pairs."""
    held: dict[str, set[str]] = {}
    for organisation, role in roles:
        held.setdefault(organisation, set()).add(role)
    return Actor(name, {o: frozenset(r) for o, r in held.items()})  # type: ignore[arg-type]


BOSS = person("林知夏", ("yunling", "representative"))
AGENT = person("代办员", ("yunling", "agent"))
STEWARD = person("中心甲", ("centre", "steward"))
STEWARD2 = person("中心乙", ("centre", "steward"))
FIRST = person("初审员", ("centre", "first_reviewer"))
SECOND = person("复审员", ("centre", "second_reviewer"))
BOTH = person("两岗一人", ("centre", "first_reviewer"), ("centre", "second_reviewer"))
REPORTER = person("环境报送", (SOURCE, "reporter"))
AUDITOR = person("环境审核", (SOURCE, "auditor"))
STRANGER = person("外人", ("market-regulation", "auditor"))
EDITOR = person("编辑", ("centre", "reporter"))
PUBLISHER = person("发布员", ("centre", "publisher"))

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def upload(material: str, content: bytes = PDF, name: str = "材料.pdf") -> Upload:
    return Upload(material, name, io.BytesIO(content))


def settle(**changes: str) -> Record:
    """Yunling as an organisation with people, and one published penalty of it in the register."""
    Organisation.objects.update_or_create(id="yunling", defaults={"name": NAME, "code": YUNLING})
    return enter(_staged(tuple(changes.items())), Because("reporter", "报送"))


@lru_cache
def _staged(changes: tuple[tuple[str, str], ...]) -> StagedRow:
    cells = PENALTY | dict(changes)
    return stage_one("penalty", cells, SOURCE, date.fromisoformat(cells["decided_on"]) + timedelta(days=2))


def opened(procedure: str, actor: Actor, *, on: date = FILED, files: tuple[Upload, ...] = (), **more: Any) -> Case:
    form = more.pop("form", {})
    return actions.open_case(actor, Opening(procedure, form=form, materials=files, **more), on=on)


SERVICE = {
    "subject_name": NAME,
    "subject_code": YUNLING,
    "finding_number": "苏环三方〔2026〕5号",
    "service": "环境监测",
    "conduct": "报告质量不合格",
    "facts": "采样记录与原始数据不一致。",
    "deducted": "4",
    "found_on": "2026-03-18",
    "authority_name": "江苏省生态环境厅",
    "authority_code": "11320000QX26G009XF",
    "source_name": "江苏省生态环境厅",
}


def serviced() -> Record:
    """Yunling with a record of the department's own item, which nobody publishes."""
    Organisation.objects.update_or_create(id="yunling", defaults={"name": NAME, "code": YUNLING})
    return enter(_staged_service(), Because("reporter", "报送"))


@lru_cache
def _staged_service() -> StagedRow:
    return stage_one("environment-service", SERVICE, SOURCE, date(2026, 3, 20))


def content(record: Record) -> dict[str, Any]:
    record.refresh_from_db()
    return dict(json.loads(record.versions.get(pk=record.change).payload))
