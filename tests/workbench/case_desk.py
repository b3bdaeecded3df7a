"""The people who handle cases and the cases they find, made by the domain's own verbs."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.test import Client
from django.utils import timezone

from chengxin.accounts.actions import make_user
from chengxin.accounts.actors import of_user
from chengxin.accounts.models import Organisation, Role, User
from chengxin.cases import actions
from chengxin.cases.actions import Opening
from chengxin.cases.models import Case
from chengxin.registry.models import Record

from ..cases import world as w

PEOPLE: dict[str, tuple[str, list[tuple[str, Role]]]] = {
    "steward": ("陈砚秋", [("centre", Role.STEWARD)]),
    "steward2": ("吴知秋", [("centre", Role.STEWARD)]),
    "first": ("孙初见", [("centre", Role.FIRST_REVIEWER)]),
    "second": ("钱复明", [("centre", Role.SECOND_REVIEWER)]),
    "both": ("顾双木", [("centre", Role.FIRST_REVIEWER), ("centre", Role.SECOND_REVIEWER)]),
    "reporter": ("林知夏", [(w.SOURCE, Role.REPORTER)]),
    "auditor": ("周一鸣", [(w.SOURCE, Role.AUDITOR)]),
    "stranger": ("许清和", [("emergency", Role.REPORTER), ("emergency", Role.AUDITOR)]),
    "inspector": ("何巡", [(w.SOURCE, Role.INSPECTOR)]),
    "publisher": ("白露", [("centre", Role.PUBLISHER)]),
    "officer": ("季同舟", [("bank", Role.BANK_OFFICER)]),
    "boss": ("云岭负责人", [("yunling", Role.REPRESENTATIVE)]),
}
TODAY = timezone.localdate()
DONE = {"corrected": "是", "duties_done": "是", "truth": "是"}


def settle() -> tuple[dict[str, Client], Record]:
    """Everybody signed in, and Yunling with one published penalty that is old enough to be repaired."""
    record = w.settle()
    Organisation.objects.update_or_create(id="bank", defaults={"name": "江淮商业银行", "kind": "bank"})
    clients = {"nobody": Client()}
    for name, (display, roles) in PEOPLE.items():
        user = make_user(name, display, None, roles)
        clients[name] = Client()
        clients[name].force_login(User.objects.get(pk=user.pk))
    return clients, record


def actor(name: str) -> Any:
    return of_user(User.objects.get(username=name))


def opened(procedure: str, who: str, *files: str, on: date | None = None, **more: Any) -> Case:
    form = more.pop("form", {})
    uploads = tuple(w.upload(f) for f in files)
    return actions.open_case(actor(who), Opening(procedure, form=form, materials=uploads, **more), on=on)


def repair(record: Record, *, on: date | None = None) -> Case:
    """An application for repair with all that is needed."""
    return opened("repair", "boss", "commitment", "fulfilment", record=record.pk, form=DONE, on=on)


def objection(record: Record, *, on: date | None = None) -> Case:
    form = {"claim": "文字有误", "statement": "罚款金额写错了。", "changes": {"violation": "超标排放大气污染物"}}
    return opened("objection", "boss", "proof", record=record.pk, form=form, on=on)
