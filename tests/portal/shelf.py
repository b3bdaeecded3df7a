"""Puts subjects and records into the register as a merge would leave them, one by one."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from chengxin.registry.models import Record, RecordVersion, Subject, SubjectName
from chengxin.registry.packs import policies
from chengxin.registry.search import follow
from chengxin.standards.hashing import sm3_hex
from chengxin.standards.text import name_key

ECOLOGY = "ecology-environment"
TODAY = timezone.localdate()
EXAMPLES = {
    "penalty": {
        "violation": "违反大气污染防治管理规定",
        "facts": "未按规定采取污染防治措施",
        "penalty_kinds": ["罚款"],
        "content": "罚款人民币五千元",
        "fine_amount": "5000",
        "representative": "欧阳知夏",
        "authority_name": "江苏省生态环境厅",
        "local_code": "320000000001",
    },
    "registration": {"kind": "有限责任公司", "representative": "欧阳知夏", "address": "南京市玄武区澄泥路 18 号"},
}


def subject(name: str, code: str, *, former: tuple[str, ...] = (), found: bool = True, **more: Any) -> Subject:
    """A subject with its names; the search finds it once `follow` has run."""
    given = {
        "kind": "organisation",
        "provisional": False,
        "region": "320505",
        "status": "存续",
        "updated_at": timezone.now(),
        **more,
    }
    made = Subject.objects.create(name=name, name_key=name_key(name), code=code, **given)
    for other in (*former, name):
        SubjectName.objects.create(subject=made, name=other, name_key=name_key(other), current=other == name)
    if found:
        follow()
    return made


def record(owner: Subject, number: str, *, item: str = "penalty", source: str = ECOLOGY, **more: Any) -> Record:
    """A public, valid record; `number` is its natural key and its title, `payload` overrides single fields."""
    at = {"decided_on": TODAY - timedelta(days=5), "publish": True, "public_until": TODAY + timedelta(days=300)}
    given = {"standing": "active", "held": False, "severity": "general", **at, **more}
    payload = {
        **EXAMPLES.get(item, {}),
        "document_number": number,
        "subject_name": owner.name,
        "subject_code": owner.code,
    }
    payload |= given.pop("payload", {})
    mark = sm3_hex(f"{item}{number}{source}".encode())[:32]
    head = Record.objects.create(
        item=item, source=source, key=number, key_hash=mark, subject=owner, change=0, content_hash=mark, **given
    )
    version = RecordVersion.objects.create(
        record=head, number=1, action="created", standing=head.standing, held=head.held, severity=head.severity,
        subject_id_then=owner.pk, payload=json.dumps(payload, default=str, ensure_ascii=False), content_hash=mark,
        item_version=policies().item(item, date.today()).version, actor="test", recorded_at=timezone.now(),
    )  # fmt: skip
    head.change = version.pk
    head.save()
    return head
