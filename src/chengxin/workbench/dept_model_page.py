"""A model and a grade in words and tables: points, thresholds, bounds, bases; contributions, outlook, history."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chengxin.accounts.words import english
from chengxin.design.shapes import Cell, Fact, Tab, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.design.words import labelled, moment, noted, within
from chengxin.evaluation.models import Simulation
from chengxin.evaluation.public import told_here
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.evaluation_indicators import Indicator
from chengxin.policy.evaluation_parts import Competence, Span, Step, Told
from chengxin.policy.schema import basis_text
from chengxin.workbench import department as desk


def cycle(model: Evaluation) -> str:
    """How often grades are made anew."""
    return {
        "real_time": _("随时（信息入库即重新评定）"),
        "daily": _("每日"),
        "monthly": _("每月"),
        "quarterly": _("每季度"),
        "yearly": _("每年"),
        "on_demand": _("按需要"),
    }[model.cycle.kind]


def audience(model: Evaluation) -> str:
    """Who may see the grades."""
    return {
        "public": _("向社会公开"),
        "shared": _("在部门之间共享"),
        "subject": _("只给主体自己看"),
        "internal": _("只在本部门内部使用"),
    }[model.publication.audience]


def versions(found: Sequence[Evaluation], shown: Evaluation) -> list[Tab]:
    """One tab for each version."""
    return [Tab(m.version, f"?version={m.version}", m is shown) for m in found]


def tried(rows: Sequence[Simulation]) -> Table:
    """Simulations, the newest first."""
    tones = {"done": "good", "failed": "bad"}
    return Table(
        _("最近的模拟"),
        desk.columns(_("模拟"), _("对照"), _("什么时候"), _("状态"), wide=(0,)),
        [
            [
                Cell(noted(r.label, r.version), href=reverse("model-simulation", args=[r.pk])),
                r.against_version or "—",
                r.asked_at,
                Cell(r.get_state_display(), tone=tones.get(r.state, "info")),  # type: ignore[arg-type]
            ]
            for r in rows
        ],
        empty=_("还没有人模拟过。打开一个模型，就可以先试再定。"),
    )


def told(model: Evaluation) -> dict[str, Any]:
    """Everything the page of a model shows."""
    return {
        "facts": _facts(model),
        "grades": _grades(model),
        "groups": _indicators(model),
        "outcomes": _outcomes(model),
        "assumptions": _assumptions(model),
        "people": _people(model),
    }


def _facts(model: Evaluation) -> list[Fact]:
    period = model.observation
    held = model.competence
    facts = [
        Fact(_("制定机关"), model.authority),
        Fact(_("评谁"), model.scope.description),
        Fact(_("什么时候评"), model.cycle.description or cycle(model)),
        Fact(_("看多久以内的信息"), span(period.length) if period else _("不限")),
        Fact(_("起始分"), number(model.score.start)),
        Fact(_("结果给谁看"), audience(model)),
        Fact(_("版本"), noted(model.version, f"{_('自')} {model.effective.start}")),
        Fact(_("依据"), basis_text(model.basis)),
    ]
    if held is not None:
        facts += [
            Fact(_("制定权限"), held.authority),
            Fact(_("制定程序"), held.procedure),
            Fact(_("批准"), _approved(held)),
        ]
    if model.third_party is not None:
        helper = model.third_party
        facts += [Fact(_("协助的第三方"), helper.agency), Fact(_("委托合同"), helper.contract)]
    return facts


def _approved(held: Competence) -> str:
    """How the evaluation was approved, and on which day where the pack says it."""
    if held.approved_on is None:
        return held.approval
    return _("%(how)s（%(day)s）") % {"how": held.approval, "day": moment(held.approved_on)}


def span(length: Span) -> str:
    """A length of time in words."""
    if length.days:
        return ngettext("%(n)s 天", "%(n)s 天", length.days) % {"n": length.days}
    if length.months:
        return ngettext("%(n)s 个月", "%(n)s 个月", length.months) % {"n": length.months}
    return ngettext("%(n)s 年", "%(n)s 年", length.years or 0) % {"n": length.years}


def number(value: Decimal | None) -> str:
    """A number of the pack without trailing zeros; empty for none."""
    return "" if value is None else f"{value.normalize():f}"


def _grades(model: Evaluation) -> Table:
    return Table(
        _("等级"),
        desk.columns(_("等级"), _("得分不低于"), _("含义"), wide=(2,), number=(1,)),
        [
            [
                desk.grade_cell(model, g.id),
                _("直接认定") if g.direct_only else number(g.at_least) or _("其余"),
                g.meaning,
            ]
            for g in model.grades
        ],
    )


def _indicators(model: Evaluation) -> list[Table]:
    """One table for each group of indicators, and one for those in none."""
    tables = []
    for group in (*model.groups, None):
        mine = [i for i in model.indicators if i.group == (group.id if group else None)]
        if mine:
            tables.append(_group(named(group) if group else _("指标"), mine))
    return tables


def _group(title: str, mine: Sequence[Indicator]) -> Table:
    return Table(
        title,
        desk.columns(_("指标"), _("怎么算"), _("分值"), _("依据"), wide=(1, 3)),
        [
            [
                Cell(named(i), note=_("含假设") if i.assumed else ""),
                (i.explain_en if english() else None) or i.explain,
                worth(i),
                basis_text(i.basis),
            ]
            for i in mine
        ],
    )


def worth(i: Indicator) -> str:
    """What an indicator is worth: points or their table, and its bounds."""
    parts = []
    if i.points is not None:
        parts.append(_("每项 %(points)s 分") % {"points": f"{i.points:+f}"})
    parts += [labelled(f"≥{number(s.at_least)}", f"{s.points:+f}") for s in i.steps]
    parts += [labelled(value, f"{points:+f}") for value, points in i.map.items()]
    if i.floor is not None:
        parts.append(_("最低 %(n)s 分") % {"n": number(i.floor)})
    if i.ceiling is not None:
        parts.append(_("最高 %(n)s 分") % {"n": number(i.ceiling)})
    return "；".join(parts) or _("只供其他指标使用")


def _outcomes(model: Evaluation) -> Table:
    rows = [(o, _("一票否决")) for o in model.vetoes] + [(o, _("直接认定")) for o in model.directs]
    return Table(
        _("不按得分、直接定级的情形"),
        desk.columns(_("情形"), _("怎样定"), _("等级"), _("依据"), wide=(0, 3)),
        [[named(o), how, desk.grade_cell(model, o.grade), basis_text(o.basis)] for o, how in rows],
    )


def _assumptions(model: Evaluation) -> list[str]:
    """What the model takes for granted until the official text is read."""
    parts: list[tuple[str, Any]] = [(_("整个模型"), model), (_("评谁"), model.scope), (_("制定权限"), model.competence)]
    parts += [(_("观察期"), model.observation), (_("得分"), model.score), *((named(i), i) for i in model.indicators)]
    parts += [(named(g), g) for g in model.grades]
    notes = [
        labelled(where, part.note) for where, part in parts if part is not None and getattr(part, "assumed", False)
    ]
    return list(dict.fromkeys(notes))


def _verified(model: Evaluation, step: Step) -> str:
    """One step of verification: what it is, by whom, in which term, and whether a grade waits for it."""
    words = _("核实：%(step)s（%(who)s）") % {"step": named(step), "who": step.who}
    if step.working_days:
        words += " · " + within(step.working_days)
    if step in model.holding:
        lowered, all_grades = _("等级下降的，办完才生效"), _("办完才生效")
        return f"{words} · {lowered if step.when == 'lowered' else all_grades}"
    return f"{words} · {_('主体可以申请')}" if step.when == "application" else words


def _people(model: Evaluation) -> list[str]:
    """Steps of verification, and who is told: on this platform, or not by it."""
    return [_verified(model, s) for s in model.verification] + [_told(model, t) for t in model.told]


def _told(model: Evaluation, told: Told) -> str:
    """One [[told]]: what this platform does, and the channel that the plan names, which is never this platform's doing."""
    whom = {
        "subject": _("主体"), "department": _("部门"), "province": _("省平台"), "city": _("设区市"),
        "nation": _("国家平台"), "public": _("社会公众"),
    }  # fmt: skip
    here = {
        "subject": _("主体登录后在“信用等级”页面看到"), "department": _("部门在评价名册上看到"),
        "province": _("结果就在本平台，本平台即省公共信用信息平台"), "public": _("社会公众在主体的公示页面看到"),
    }  # fmt: skip
    plan = told.how
    if told.working_days:
        plan += _("，%(n)s 个工作日内") % {"n": told.working_days}
    done = here[told.who] if told_here(model, told) else _("本平台不送达，由制定机关办理")
    return _("告知%(who)s：%(done)s。方案写明的渠道：%(plan)s（不由本平台发送）") % {
        "who": whom[told.who], "done": done, "plan": plan,
    }  # fmt: skip
