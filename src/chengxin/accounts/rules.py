"""The one question: may this actor do this? Pages, API, command line and jobs all ask here (design.md section 3).

An action is a word; what it needs is one line of `RULES`, in the words of `accounts.rule`. A room that brings a new verb
adds its line. A denial raises `Denied`, which faces turn into 403 or 404. Whoever submits cannot approve (R-024), and the
three administrators (三员) are three people: security grants, the system's operator operates, audit reads the trail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import ADMINISTRATORS, CITIZENS, Kind, Matter, Organisation, Role
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rule import Asks, Reach, Rule


class Denied(Refusal):
    """The actor may not do this; the text says what would be needed."""


class StepUp(Exception):
    """The actor may do this once they have confirmed their password (step-up; issue 4, part 1); `told` says so.

    No `Refusal`: what catches those lets this pass, so that every page leads to where the password is asked for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.told = Denied(_("请先在网页上重新输入密码，再做这件事。"))


M = TypeVar("M", bound=Model)
_SOURCE = "source_id"
_SUBMITTER = "submitted_by"
_STEWARD = Rule(Role.STEWARD, reach=Reach.ANYWHERE)
_STATES = Rule(Role.REPRESENTATIVE, Role.AGENT, at="unit", matter=Matter.STATEMENT)
_WORKS_THERE = (Role.REPORTER, Role.AUDITOR, Role.STEWARD)
_HANDLES = (*_WORKS_THERE, Role.INSPECTOR, Role.FIRST_REVIEWER, Role.SECOND_REVIEWER)
_BODIES = (Kind.CENTRE, Kind.DEPARTMENT, Kind.SOURCE)
"""Kinds of organisations that have duties by law; banks and credit services look by authorisation only (R-094)."""


def public_body(unit: str, *more: Kind) -> bool:
    """Whether this organisation has duties by law, or is of one of the further kinds."""
    return Organisation.objects.filter(pk=unit, kind__in=(*_BODIES, *more)).exists()


def _in_a_body(*roles: Role) -> Callable[[Actor, Any], bool]:
    """Whether one of the roles is held in a body that has duties by law: a role's name alone is none (R-094)."""

    def held(actor: Actor, _target: Any) -> bool:
        units = [unit for unit in actor.roles if any(actor.holds(role, unit) for role in roles)]
        return bool(units) and Organisation.objects.filter(pk__in=units, kind__in=_BODIES).exists()

    return held


_BY_DUTY = (*_WORKS_THERE, Role.INSPECTOR)
"""Who judges by duty whatever unit the thing belongs to; banks and others come with the subject's leave (look.authorised)."""


RULES: dict[str, Callable[..., bool]] = {
    "batch.submit": Rule(Role.REPORTER, needs=_("报送需要您在这个信源单位担任信息管理员（报送）。")),
    "batch.see": Rule(*_WORKS_THERE, at=_SOURCE, either=(_STEWARD,)),
    "batch.release": Rule(
        Role.AUDITOR, at=_SOURCE, apart=_SUBMITTER, fresh=True, needs=_("放行需要您在这个信源单位担任审核员。")
    ),
    "batch.return": Rule(
        Role.AUDITOR, at=_SOURCE, apart=_SUBMITTER, needs=_("退回需要您在这个信源单位担任审核员。")
    ),
    "batch.withdraw": Rule(
        Role.REPORTER, Role.AUDITOR, at=_SOURCE, fresh=True,
        needs=_("撤回需要您在这个信源单位担任信息管理员（报送）或审核员。"),
    ),
    "doubt.settle": Rule(
        Role.AUDITOR, at=_SOURCE, apart=_SUBMITTER, fresh=True, needs=_("确认存疑信息需要您在这个信源单位担任审核员。")
    ),
    "quality.see": Rule(
        *_WORKS_THERE, either=(_STEWARD,), needs=_("查看数据质量需要您在这个信源单位任职，或担任数据管理员。")
    ),
    "reminder.ask": Rule(Role.STEWARD, reach=Reach.ANYWHERE, needs=_("催报和督办需要您担任数据管理员。")),
    "reminder.see": Rule(*_WORKS_THERE, at=_SOURCE, either=(_STEWARD,)),
    "reminder.answer": Rule(
        Role.REPORTER, Role.AUDITOR, at=_SOURCE, needs=_("回复催报和督办需要您在这个信源单位担任信息管理员或审核员。")
    ),
    "reminder.close": Rule(Role.STEWARD, reach=Reach.ANYWHERE, needs=_("办结催报和督办需要您担任数据管理员。")),
    "bulletin.see": Rule(
        *_WORKS_THERE, Role.INSPECTOR, reach=Reach.ANYWHERE, needs=_("月通报供各单位的工作人员查看。")
    ),
    "bulletin.prepare": Rule(Role.STEWARD, reach=Reach.ANYWHERE, needs=_("生成月通报需要您担任数据管理员。")),
    "bulletin.publish": Rule(
        Role.STEWARD, reach=Reach.ANYWHERE, apart="prepared_by", fresh=True,
        needs=_("发布月通报需要您担任数据管理员，并且不是生成它的人。"),
    ),
    "list.prepare": Rule(Role.REPORTER, needs=_("名单的提出、告知和送达需要您在认定部门担任信息管理员（报送）。")),
    "list.judge": Rule(Role.AUDITOR, fresh=True, needs=_("名单的审查和决定需要您在认定部门担任审核员。")),
    "list.answer": Rule(
        Role.REPRESENTATIVE, Role.AGENT, matter=Matter.STATEMENT,
        needs=_("陈述申辩需要您是这个主体的代表，或者受托办理陈述申辩的代理人。"),
    ),
    "list.see": Rule(*_WORKS_THERE, Role.INSPECTOR, at="department", either=(_STEWARD,)),
    "measure.see": Rule(*_WORKS_THERE, Role.INSPECTOR, at="agency", either=(_STEWARD,)),
    "inspection.see": Rule(*_WORKS_THERE, Role.INSPECTOR, at="department", either=(_STEWARD,)),
    "measure.respond": Rule(
        Role.REPORTER, Role.AUDITOR, Role.INSPECTOR, needs=_("反馈奖惩措施需要您在实施单位任职。")
    ),
    "measure.check": Rule(
        *_BY_DUTY, reach=Reach.ANYWHERE, when=_in_a_body(*_BY_DUTY),
        needs=_("内嵌核查只供在行政机关和信用信息中心承担相应职责的人员依职权使用。"),
    ),
    "inspection.prepare": Rule(Role.REPORTER, needs=_("抽查计划、检查人员名录和抽取需要您在这个部门担任信息管理员（报送）。")),
    "inspection.enter": Rule(Role.REPORTER, Role.INSPECTOR, needs=_("录入检查结果需要您在这个部门担任检查人员。")),
    "inspection.publish": Rule(Role.AUDITOR, fresh=True, needs=_("公布抽查需要您在这个部门担任审核员。")),
    "alert.acknowledge": Rule(*_WORKS_THERE, at="to", either=(_STEWARD,)),
    "supervision.run": Rule(Role.STEWARD, reach=Reach.ANYWHERE),
    "evaluation.run": Rule(
        Role.STEWARD, reach=Reach.ANYWHERE, needs=_("运行信用评价需要您担任数据管理员。")
    ),
    "evaluation.why": Rule(
        *_BY_DUTY, reach=Reach.ANYWHERE, when=_in_a_body(*_BY_DUTY),
        needs=_("查看评价说明只供在行政机关和信用信息中心承担相应职责的人员依职权使用。"),
    ),
    "evaluation.verify": Rule(
        Role.AUDITOR, fresh=True, needs=_("核实和复评需要您在制定这个评价办法的部门担任审核员。")
    ),
    "evaluation.simulate": Rule(
        Role.REPORTER, Role.AUDITOR, either=(_STEWARD,),
        needs=_("模拟评价模型需要您在制定它的部门任职，或者担任数据管理员。"),
    ),
    "simulation.see": Rule(Role.REPORTER, Role.AUDITOR, at="unit", either=(_STEWARD,)),
    "inspection.photos": Rule(
        *_WORKS_THERE, Role.INSPECTOR, at="plan__department", either=(_STEWARD,),
        needs=_("检查照片只给这个部门的工作人员和数据管理员看。"),
    ),
    "inspection.photo": Rule(
        *_WORKS_THERE, Role.INSPECTOR, at="task__plan__department", either=(_STEWARD,),
        needs=_("检查照片只给这个部门的工作人员和数据管理员看。"),
    ),
    "inspection.work": Rule(
        Role.REPORTER, Role.INSPECTOR, at="plan__department", needs=_("录入检查结果需要您在这个部门担任检查人员。")
    ),
    # Who takes which step, and which steps are decisions, stands in the packs (cases/people.py).
    "case.act": Asks(lambda actor, asked: asked.allows(actor), fresh=lambda asked: asked.step.decision),
    "case.sample": Rule(Role.STEWARD, reach=Reach.ANYWHERE, needs=_("抽查办件需要您担任数据管理员。")),
    "report.issue-own": Rule(
        Role.REPRESENTATIVE, Role.AGENT, matter=Matter.REPORT,
        needs=_("取用报告需要您是这个主体的代表，或者受托办理报告的代理人。"),
    ),
    "report.issue-duty": Rule(
        *_BY_DUTY, reach=Reach.ANYWHERE, when=_in_a_body(*_BY_DUTY),
        needs=_("依职权取用报告需要您在行政机关或者信用信息中心承担相应职责。"),
    ),
    "report.issue-counter": Rule(
        Role.STEWARD, reach=Reach.ANYWHERE, needs=_("窗口出具报告需要您担任数据管理员，或者由主体自己取用。")
    ),
    "report.issue-many": Rule(Role.STEWARD, reach=Reach.ANYWHERE, needs=_("批量出具报告需要您担任数据管理员。")),
    "report.see": Rule(
        Role.REPRESENTATIVE, Role.AGENT, matter=Matter.REPORT, either=(_STEWARD,),
        needs=_("出具记录只给主体自己和数据管理员看。"),
    ),
    "look.duty": Rule(
        *_HANDLES, when=lambda _actor, unit: public_body(unit), operator=False,
        needs=_("依职权查询只供行政机关和信用信息中心承担相应职责的人员使用。"),
    ),
    "look.sharing": Rule(
        *_HANDLES, when=lambda _actor, unit: public_body(unit, Kind.NODE), operator=False,
        needs=_("按协议共享只供协议单位承担相应职责的人员使用。"),
    ),
    "look.authorised": Rule(
        *(role for role in Role if role not in (*CITIZENS, *ADMINISTRATORS)), operator=False,
        needs=_("只有被授权单位的工作人员才能使用授权。"),
    ),
    "report.issue-granted": Rule(
        *(role for role in Role if role not in (*CITIZENS, *ADMINISTRATORS)), reach=Reach.ANYWHERE, operator=False,
        needs=_("凭授权取用报告需要您在一个单位任职。"),
    ),
    "own.enter": lambda actor, place: place.open_to(actor),  # whoever speaks for the subject in anything (own/speaking.py)
    "own.look": Rule(
        Role.REPRESENTATIVE, Role.AGENT, at="unit", matter=Matter.LOOK, needs=_("您受委托的事项不包括查看信用记录。")
    ),
    "own.listing": Rule(  # whoever may answer a notice reads it, with nothing else of the archive
        Role.REPRESENTATIVE, Role.AGENT, at="unit", matter=Matter.LOOK, either=(_STATES,),
        needs=_("您受委托的事项不包括查看信用记录或者陈述申辩。"),
    ),
    "own.answer": Rule(
        Role.REPRESENTATIVE, Role.AGENT, at="unit", matter=Matter.STATEMENT, needs=_("您受委托的事项不包括陈述申辩。")
    ),
    "own.entrust": Rule(
        Role.REPRESENTATIVE, at="unit", operator=False, fresh=True, needs=_("委托代理人、收回委托只能由信用主体的代表办理。")
    ),
    "mandate.keep": Rule(
        Role.REPRESENTATIVE, operator=False, fresh=True, needs=_("委托代理人、收回委托只能由信用主体的代表办理。")
    ),
    "own.authorise": Rule(
        Role.REPRESENTATIVE, Role.AGENT, at="unit", matter=Matter.AUTHORISE, fresh=True,
        needs=_("您受委托的事项不包括授权查询。"),
    ),
    "own.take-back": Rule(  # at once, from any signed-in session: nothing may stand in the way of taking leave back
        Role.REPRESENTATIVE, Role.AGENT, at="unit", matter=Matter.AUTHORISE, needs=_("您受委托的事项不包括授权查询。"),
    ),
    "own.report": Rule(
        Role.REPRESENTATIVE, Role.AGENT, at="unit", matter=Matter.REPORT, needs=_("您受委托的事项不包括办理信用报告。")
    ),
    "people.see": Rule(
        Role.OPERATOR, Role.SECURITY, reach=Reach.ANYWHERE, needs=_("查看人员和单位需要您担任系统管理员或安全管理员。")
    ),
    "person.keep": Rule(
        Role.OPERATOR, reach=Reach.ANYWHERE, fresh=True, needs=_("登记、停用人员和登记单位需要您担任系统管理员。")
    ),
    "account.grant": Rule(Role.SECURITY, reach=Reach.ANYWHERE, fresh=True, needs=_("授权需要您担任安全管理员。")),
    "key.keep": Rule(
        Role.SECURITY, reach=Reach.ANYWHERE, fresh=True, needs=_("发放和吊销接口密钥需要您担任安全管理员。")
    ),
    "system.operate": Rule(Role.OPERATOR, reach=Reach.ANYWHERE, needs=_("运行操作需要您担任系统管理员。")),
    "trail.read": Rule(Role.AUDIT, reach=Reach.ANYWHERE, needs=_("查看审计记录需要您担任审计管理员。")),
}  # fmt: skip
"""What each action needs. A bare `Rule()` is for the operator of the machine alone."""


def allow(actor: Actor, action: str, target: Any) -> bool:
    """Whether `actor` may do `action` to `target`; an unknown action is a programming error and raises KeyError."""
    return not actor.anonymous and RULES[action](actor, target)


def require(actor: Actor, action: str, target: Any) -> None:
    """Raise `Denied` unless `allow`; whoever submitted learns why they cannot approve (R-024).

    Raises `StepUp` where the rule wants the password once more and the actor has not given it lately.
    """
    if allow(actor, action, target):
        step_up(actor, action, target)
        return
    rule = RULES[action]
    if isinstance(rule, Rule) and rule.apart == _SUBMITTER and rule.same_person(actor, target):
        raise Denied(_("报送人不能审核自己报送的批次，请由另一位审核员处理。"))
    raise Denied((isinstance(rule, Rule) and rule.needs) or _("您没有这项权限。"))


def wants_fresh(action: str, target: Any) -> bool:
    """Whether a browser must have confirmed the password shortly before `action` is done to `target` (step-up)."""
    wanted = getattr(RULES[action], "fresh", False)
    return bool(wanted(target) if callable(wanted) else wanted)


def step_up(actor: Actor, action: str, target: Any) -> None:
    """Raise `StepUp` where `action` wants the password once more and the actor has not given it lately."""
    if not actor.fresh and wants_fresh(action, target):
        raise StepUp


def restrict(actor: Actor, action: str, rows: QuerySet[M]) -> QuerySet[M]:
    """The rows of `rows` to which `actor` may do `action`; they must have the columns that its rule names."""
    if actor.anonymous:
        return rows.none()
    rule = RULES[action]
    if not isinstance(rule, Rule):
        raise TypeError(f"the rule of {action!r} says nothing of sets")
    return rule.narrow(actor, rows)
