"""A department with polluters: invented subjects with environmental penalties, graded by the shipped model, and its people."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from chengxin.accounts.actions import make_user
from chengxin.accounts.actors import operator
from chengxin.accounts.models import Role, User
from chengxin.evaluation.jobs import follow_model
from chengxin.policy.evaluation import model_of
from chengxin.registry.models import Record
from chengxin.registry.packs import policies
from chengxin.standards.uscc import make_uscc

from ..registry.staged import row, send
from . import desk

MODEL = POLICY = desk.ECOLOGY
LIST = "environmental-violators"
TODAY = timezone.localdate()
PLACE = "/workbench"
MORE = {"second": ("程若水", [(desk.ECOLOGY, Role.AUDITOR)]), "inspector": ("陆行舟", [(desk.ECOLOGY, Role.INSPECTOR)])}


def code(number: int) -> str:
    return make_uscc("9", "1", "320100", f"MA1{number:05d}")


def name(number: int) -> str:
    return f"云岭化工{number}厂"


def polluters(*numbers: int, severity: str = "general") -> None:
    """Subjects with a registration of long ago and a penalty of two months ago, one each."""
    day, long_ago = TODAY - timedelta(days=60), date(2015, 6, 1)
    plain: dict[str, Any] = {"severity": "", "public_until": None, "due_on": None, "decided_on": long_ago}
    master = {"region": "320100", "industry": "C26", "status": "存续", "registered_on": long_ago}
    rows = [
        row(
            n,
            code(n),
            name(n),
            f"reg-{code(n)}",
            content={"registered_on": "2015-06-01", "status": "存续"},
            **plain,
            **master,
        )
        for n in numbers
    ]
    send(*rows, source="market-regulation", item="registration")
    for n in numbers:
        content = {
            "decided_on": day.isoformat(),
            "authority_name": "南京市生态环境局",
            "document_number": f"宁环罚〔2026〕{n}号",
        }
        send(row(n, code(n), name(n), f"宁环罚〔2026〕{n}号", severity=severity, decided_on=day, content=content))


def grade() -> None:
    """Follow the register with the environment's model alone."""
    packs = policies()
    follow_model(model_of(packs, MODEL, TODAY), packs, operator("tester"), TODAY)


def settle() -> dict[str, Client]:
    """The workbench's people and two more of the department, each with a browser; twelve polluters, graded."""
    people = desk.settle()
    for who, (display, roles) in MORE.items():
        user = make_user(who, display, None, roles)
        people[who] = Client()
        people[who].force_login(User.objects.get(pk=user.pk))
    polluters(*range(1, 10))
    polluters(10, 11, 12, severity="serious")
    grade()
    return people


def give_reason(client: Client, number: int = 1, **more: str) -> Any:
    """Say why one looks at a subject."""
    form = {"unit": desk.ECOLOGY, "matter": "inspection", "purpose": "核对处罚是否整改", **more}
    return client.post(f"{PLACE}/subjects/{code(number)}", form)


def records(number: int, item: str = "penalty") -> list[int]:
    return list(Record.objects.filter(subject__code=code(number), item=item).values_list("pk", flat=True))
