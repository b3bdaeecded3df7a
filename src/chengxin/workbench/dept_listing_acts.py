"""What may be done with an entry of a list now, by whom not and why, and what must be at hand (R-170 to R-186)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import Denied, require
from chengxin.accounts.words import worded
from chengxin.design.shapes import Fact
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.lists import CreditList
from chengxin.policy.policies import Policies
from chengxin.policy.schema import basis_text
from chengxin.policy.steps import APART, OUTCOMES, answers, next_step, waits_until
from chengxin.policy.steps import Step as PackStep
from chengxin.standards.calendar import CalendarEnds
from chengxin.standards.months import add_months
from chengxin.supervision.lists.actions import JUDGING, done_so_far
from chengxin.supervision.lists.keeping import WITH_DOCUMENT
from chengxin.supervision.lists.refusals import word
from chengxin.supervision.models import Listing, ListingState
from chengxin.supervision.packs import measures_on
from chengxin.workbench.dept_listing_page import outcome_words


@dataclass(frozen=True)
class Act:
    """Something that may be done with an entry: its form's needs, and the sentence where this person may not."""

    key: str
    title: str
    why_not: str = ""
    outcomes: tuple[tuple[str, str], ...] = ()
    document: bool = False
    text: bool = True
    danger: bool = False

    @property
    def href(self) -> str:
        return f"act/{self.key}"


def acts(actor: Actor, entry: Listing, rules: CreditList, day: date) -> list[Act]:
    """What comes next with an entry, and what else its stage allows; each says why this person may not do it."""
    found: list[Act] = []
    if rules.decided_here and entry.ended_on is None:
        found += _procedure(actor, entry, rules, day)
    if entry.holds(day) and rules.decided_here:
        found += _exits(actor, entry, rules, day)
    if rules.decided_here and entry.state != ListingState.REVOKED and entry.listed_on is not None:
        found.append(
            Act("revoke", _("列入有误，撤销"), _denied(actor, "list.judge", entry), document=True, danger=True)
        )
    return found


def _procedure(actor: Actor, entry: Listing, rules: CreditList, day: date) -> list[Act]:
    done = done_so_far(entry)
    words = outcome_words()
    found = []
    coming = next_step(rules.steps, done)
    if coming is not None:
        outcomes = tuple((o, words[o]) for o in OUTCOMES.get(coming.kind, ()))
        needs_text = coming.kind not in ("service", "publication", "publicity")
        found.append(
            Act(
                "next",
                named(coming) if coming.label else word(coming.kind),
                _not_now(actor, entry, coming, day),
                outcomes,
                coming.kind in WITH_DOCUMENT,
                needs_text,
            )
        )
    said = answers(rules.steps, done)
    if said and coming is not None:
        outcomes = tuple((o, words[o]) for o in said)
        found.append(Act("answer", _("记下当事人的答复"), _denied(actor, "list.prepare", entry), outcomes, text=False))
    return found


def _not_now(actor: Actor, entry: Listing, coming: PackStep, day: date) -> str:
    """Why this person may not take the step now: the role, the term, or four eyes."""
    denied = _denied(actor, "list.judge" if coming.kind in JUDGING else "list.prepare", entry)
    if denied:
        return denied
    done = done_so_far(entry)
    until = waits_until(done)
    if until is not None and day <= until:
        return _("期限到 %(day)s 才届满，当事人也还没有答复。") % {"day": until}
    for other in APART.get(coming.kind, ()):
        if any(d.kind == other and d.actor == actor.name for d in done):
            return _("您做过“%(other)s”，这一步要由另一位办理。") % {"other": word(other)}
    return ""


def _exits(actor: Actor, entry: Listing, rules: CreditList, day: date) -> list[Act]:
    asked = entry.steps.filter(kind__in=["exit-request", "exit-decision"]).order_by("-pk").first()
    words = outcome_words()
    if asked is not None and asked.kind == "exit-request":
        why_not = _denied(actor, "list.judge", entry)
        if not why_not and asked.actor == actor.name:
            why_not = _("您经办了这份申请，要由另一位决定。")
        outcomes = tuple((o, words[o]) for o in ("leave", "stay"))
        return [Act("exit-decision", _("决定提前移出的申请"), why_not, outcomes, document=True)]
    early = rules.exit.early
    if early is None or entry.listed_on is None:
        return []
    why_not, first = _denied(actor, "list.prepare", entry), add_months(entry.listed_on, early.after_months)
    if not why_not and day < first:
        why_not = _("最早自 %(day)s 起可以申请。") % {"day": first}
    return [Act("exit-request", _("受理提前移出的申请"), why_not)]


def _denied(actor: Actor, action: str, entry: Listing) -> str:
    try:
        require(actor.looking(), action, entry.department)
    except Denied as denied:
        return str(denied)
    return ""


def at_hand(entry: Listing, rules: CreditList, kind: str, packs: Policies, day: date) -> list[Fact]:
    """What must be at hand before a step: by whom, on which basis, which term it opens, what the paper has to say."""
    step = next((s for s in rules.steps if s.kind == kind), None)
    found = []
    if step is not None and step.by:
        found.append(Fact(_("由谁办"), step.by))
    if step is not None and step.basis:
        found.append(Fact(_("程序的依据"), basis_text(step.basis)))
    if step is not None and step.working_days:
        found.append(Fact(_("开始的期限"), _term(step.working_days, packs, day)))
    if kind in ("notice", "decision"):
        criterion = next((c for c in rules.criteria if c.id == entry.criterion), None)
        found += [
            Fact(_("文书要写明的事实和理由"), entry.reason or "—"),
            Fact(
                _("文书要写明的依据"),
                "；".join(
                    filter(
                        None,
                        (basis_text(rules.basis), basis_text(criterion.basis) if criterion and criterion.basis else ""),
                    )
                ),
            ),
            Fact(
                _("文书要写明的后果"),
                "；".join(named(r.measure) for r in measures_on(day).by_list.get(rules.id, ())) or _("没有措施"),
            ),
            Fact(_("文书要写明的权利和救济"), worded(rules, "remedy")),
        ]
    return found


def _term(working_days: int, packs: Policies, day: date) -> str:
    words = ngettext("%(n)s 个工作日", "%(n)s 个工作日", working_days) % {"n": working_days}
    try:
        return _("%(words)s，今天办到 %(day)s 届满") % {
            "words": words,
            "day": packs.calendar.add_working_days(day, working_days),
        }
    except CalendarEnds:
        return words
