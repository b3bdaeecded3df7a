"""The demo's people: for every department its own, for every role somebody, with names that nobody has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chengxin.accounts.demonstration import Person

STEWARD = "demo-steward"
OTHER_STEWARD = "demo-steward-2"
FIRST, SECOND = "demo-first-reviewer", "demo-second-reviewer"
EDITOR, PUBLISHER = "demo-editor", "demo-publisher"
OFFICER = "demo-bank-officer"
BANK, BANK_NAME = "demo-bank", "江苏澄砚银行股份有限公司"
REPRESENTATIVE, AGENT = "demo-representative", "demo-agent"
PRACTITIONER = "demo-practitioner"
_SEED = 20261121


def reporter(agency: str) -> str:
    """The sign-in name of the demo's person who reports for a department."""
    return f"demo-{agency}-reporter"


def auditor(agency: str) -> str:
    """The sign-in name of the demo's person who releases what the department's reporter sent."""
    return f"demo-{agency}-auditor"


def inspector(agency: str) -> str:
    """The sign-in name of the demo's person who inspects for a department."""
    return f"demo-{agency}-inspector"


@dataclass(frozen=True)
class Post:
    """A place to fill: who signs in, in which organisation, in which role, and what that is in plain words."""

    username: str
    unit: str
    role: str
    does: str


_CENTRE = (
    Post(STEWARD, "centre", "steward", "数据管理：看全省数据质量，办理异议"),
    Post("demo-ecology-environment-judge", "ecology-environment", "auditor", "名单决定"),
    Post(OTHER_STEWARD, "centre", "steward", "数据管理：窗口代办，评价和模拟"),
    Post(FIRST, "centre", "first_reviewer", "信用修复初审"),
    Post(SECOND, "centre", "second_reviewer", "信用修复复审"),
    Post(EDITOR, "centre", "publisher", "起草新闻和政策"),
    Post(PUBLISHER, "centre", "publisher", "审核并发布新闻和政策"),
    Post("demo-system", "centre", "operator", "系统管理员：运行和维护"),
    Post("demo-security", "centre", "security", "安全管理员：授权"),
    Post("demo-audit", "centre", "audit", "审计管理员：查审计记录"),
    Post(OFFICER, BANK, "bank_officer", "银行信贷经办：凭企业授权查询"),
)
SUGGESTED = ("ecology-environment", "market-regulation")
"""Departments whose people are offered first where people sign in; all others have theirs too."""


def posts(agencies: list[str]) -> Iterator[Post]:
    """Every post of the demo, the departments' first."""
    for agency in agencies:
        yield Post(reporter(agency), agency, "reporter", "报送数据，准备名单和抽查")
        yield Post(auditor(agency), agency, "auditor", "审核放行，公布抽查")
        yield Post(inspector(agency), agency, "inspector", "检查人员：录入抽查结果")
    yield from _CENTRE


def settle(password: str) -> list[Person]:
    """Make everybody, with one password; gives those that are offered where people sign in. Safe to run twice."""
    from django.contrib.auth.hashers import make_password
    from django.db import transaction

    from chengxin.accounts.actions import make_user
    from chengxin.accounts.models import Organisation, Role, User

    agencies = list(
        Organisation.objects.exclude(kind__in=("bank", "subject")).order_by("pk").values_list("pk", flat=True)
    )
    with transaction.atomic():
        Organisation.objects.get_or_create(id=BANK, defaults={"name": BANK_NAME, "kind": "bank", "region": "320000"})
        units = dict(Organisation.objects.values_list("pk", "name"))
        wanted = list(posts(agencies))
        people = [
            Person(p.username, name, units[p.unit], p.does) for p, name in zip(wanted, names(len(wanted)), strict=True)
        ]
        for post, person in zip(wanted, people, strict=True):
            make_user(post.username, person.name, None, [(post.unit, Role(post.role))])
        hashed = make_password(password)  # once for all: a good hash takes half a second
        User.objects.filter(username__startswith="demo-").update(password=hashed)
    first = {f"demo-{agency}-{role}" for agency in SUGGESTED for role in ("reporter", "auditor", "inspector")}
    offered = [p for p in people if p.username in first]
    return [*offered, *people[-len(_CENTRE) :]]


def names(n: int) -> list[str]:
    """`n` invented people's names, always the same."""
    from chengxin.tools.generator.draws import Draws
    from chengxin.tools.generator.subjects import person

    return person(Draws(_SEED, "people of the demo", n)).to_list()


def speak_for(code: str, name: str, person: str, password: str) -> list[Person]:
    """A representative of a subject, who has proved it, and an agent with a mandate for some matters."""
    from django.contrib.auth.hashers import make_password

    from chengxin.accounts import real_name
    from chengxin.accounts.actions import make_user
    from chengxin.accounts.models import Membership, Role, User

    boss = make_user(REPRESENTATIVE, person, None, [])
    token = real_name.LocalProvider().token(code, name, person)
    unit = real_name.enter(boss, real_name.Claim(code, name, person, token))
    agent = make_user(AGENT, names(200)[-1], None, [(unit.pk, Role.AGENT)])
    Membership.objects.filter(user=agent, role=Role.AGENT).update(scope=["report", "objection", "repair", "look"])
    User.objects.filter(pk__in=[boss.pk, agent.pk]).update(password=make_password(password))
    return [
        Person(REPRESENTATIVE, person, name, "企业代表：看自己的信用，异议、修复、授权"),
        Person(AGENT, agent.display_name, name, "受托代理人：代办报告、异议和修复"),
    ]
