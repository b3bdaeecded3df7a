"""The people of the own space's tests: a firm with a record, who speaks for it, who does not, and who decides."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Kind, Membership, Organisation, Role, User
from chengxin.cases.models import Case
from chengxin.registry.models import Record, RecordVersion

from ..cases import world as w

CODE = w.YUNLING
OTHER = "91320100QX26B0HE1X"
UNIT = "yunling"


def settle() -> Record:
    """The firm, its penalty of this year, and another subject."""
    decided = timezone.localdate().replace(day=1)
    record = w.settle(decided_on=decided.isoformat(), document_number="苏环罚〔2026〕7号")
    Organisation.objects.filter(pk=UNIT).update(kind=Kind.SUBJECT)
    Organisation.objects.create(id="bohe", name="南京泊禾农业科技有限公司", code=OTHER, kind=Kind.SUBJECT)
    Organisation.objects.create(id="bank", name="江澜商业银行", kind=Kind.BANK)
    return record


def again(record: Record, number: int) -> Record:
    """The same penalty under another number, put in without staging it anew."""
    version = RecordVersion.objects.get(pk=record.change)
    copy = Record.objects.get(pk=record.pk)
    copy.pk, copy.key_hash = None, f"{number:032x}"
    copy.change = (RecordVersion.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    copy.save()
    version.pk, version.record = copy.change, copy
    version.payload = version.payload.replace("〔2026〕7号", f"〔2026〕{number}号")
    version.save(force_insert=True)
    return copy


def client(name: str, *roles: tuple[str, Role], scope: tuple[str, ...] = (), until: date | None = None) -> Client:
    """Somebody who has signed in; `scope` and `until` limit an agent's mandate."""
    user = make_user(name, name, None, roles)
    Membership.objects.filter(user=user).update(scope=list(scope), until=until)
    made = Client()
    made.force_login(user)
    return made


def boss() -> Client:
    return client("林知夏", (UNIT, Role.REPRESENTATIVE))


def agent(*scope: str, until: date | None = None) -> Client:
    return client("代办员", (UNIT, Role.AGENT), scope=scope, until=until)


def actor(name: str) -> Any:
    from chengxin.accounts.actors import of_user

    return of_user(User.objects.get(username=name))


def pdf(name: str = "证明.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, w.PDF)


def my(*parts: object, code: str = CODE) -> str:
    return "/".join(["/my", code, *map(str, parts)])


def objected(who: Client, record: Record) -> Case:
    """An objection filed through the pages."""
    where = my("apply", "objection")
    about = f"?record={record.pk}"
    who.post(f"{where}/questions{about}", {"ask_claim": "事实有误", "ask_statement": "数据来自停用的设备。"})
    who.post(f"{where}/changes{about}", {"change_changes_violation": "未保存监测记录"})
    who.post(f"{where}/materials{about}", {"file_proof": pdf()})
    who.post(f"{where}/check{about}")
    return Case.objects.get(record=record, procedure="objection", closed_on=None)
