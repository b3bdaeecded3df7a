"""Who may take a step: a role in an organisation that stands in a relation to the case, and four eyes (R-024, R-228).

Whoever opened a case, took a step of it as a party, or acts for its subject cannot decide on it; neither can whoever took
a step that the procedure keeps apart from this one. The rules themselves are asked in `accounts.rules`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import CITIZENS, Organisation, Role
from chengxin.accounts.rules import Denied, allow, step_up
from chengxin.cases.models import Case, CaseEvent
from chengxin.cases.timeline import SYSTEM
from chengxin.policy.procedures import PARTIES, Procedure, Relation, Step, Who

CLOCK = Actor(SYSTEM)
"""Takes the steps of clocks that have run out; holds no role anywhere."""


@dataclass(frozen=True)
class Standing:
    """In what capacity somebody acts: a line of `who`, and the organisation whose role they hold."""

    who: Who
    organisation: str

    @property
    def party(self) -> bool:
        return self.who.at in PARTIES


@dataclass(frozen=True)
class Asked:
    """A step of a case that somebody wants to take: what the rule `case.act` of `accounts.rules` is asked about."""

    case: Case
    procedure: Procedure
    step: Step

    def allows(self, actor: Actor) -> bool:
        """Role and relation fit, and neither a party nor an earlier step bars the actor."""
        standing = standing_of(actor, self.case, self.step)
        if standing is None:
            return False
        return actor is CLOCK or not (self.bound(actor) or actor.names & barred(self.case, self.procedure, self.step))

    def bound(self, actor: Actor) -> bool:
        """Whether the step is a decision and the actor a party to the case."""
        return self.step.decision and (self.case.opened_by in actor.names or acts_for_subject(actor, self.case))


def organisations(case: Case, relation: Relation) -> list[str]:
    """The organisations that stand in this relation to the case."""
    if relation == "subject":
        codes = {case.subject_code} | ({case.record.subject.code} if case.record else set())  # a code may have changed
        return list(Organisation.objects.filter(code__in=codes - {""}).values_list("pk", flat=True))
    named = {
        "applicant": case.applicant, "source": case.source, "handler": case.handler, "assigned": case.assigned,
    }[relation]  # fmt: skip
    return [named] if named else []


def standing_of(actor: Actor, case: Case, step: Step) -> Standing | None:
    """The first line of the step's `who` that fits this actor; None when none does."""
    for who in step.who:
        if who.role == "system":
            if actor is CLOCK:
                return Standing(who, "")
        elif who.role == "anyone":
            if not actor.anonymous and (not case.opened_by or actor.name == case.opened_by):
                return Standing(who, case.applicant)
        else:
            for organisation in organisations(case, who.at):
                if actor.holds(Role(who.role), organisation, case.procedure):
                    return Standing(who, organisation)
    return None


def barred(case: Case, procedure: Procedure, step: Step) -> set[str]:
    """Names of those who may not take this step because of what they did in this case already."""
    names: set[str] = set()
    if step.decision and case.pk:
        names |= {case.opened_by, *CaseEvent.objects.filter(case=case, party=True).values_list("actor", flat=True)}
    if step.apart_from:
        earlier = CaseEvent.objects.filter(case=case, kind="step", step__in=step.apart_from)
        names |= set(earlier.values_list("actor", flat=True))
    return names


def acts_for_subject(actor: Actor, case: Case) -> bool:
    """Whether the actor represents the subject or the applicant of the case, or has their mandate."""
    bound = [*organisations(case, "subject"), *organisations(case, "applicant")]
    return any(set(CITIZENS) & actor.roles.get(o, frozenset()) for o in bound)


def require(actor: Actor, case: Case, procedure: Procedure, step: Step) -> Standing:
    """In what capacity the actor may take the step. Raises `Denied` with what would be needed, and `StepUp`."""
    asked = Asked(case, procedure, step)
    standing = standing_of(actor, case, step)
    if standing is not None and allow(actor, "case.act", asked):
        step_up(actor, "case.act", asked)
        return standing
    if standing is None:
        raise Denied(_("「%(step)s」需要：%(who)s。"), step=step.label, who=_needed(case, step))
    if asked.bound(actor):
        raise Denied(_("提出申请的人和代表信用主体的人不能在同一办件中作决定，请由另一位经办人处理。"))
    raise Denied(_("您已经办理过本办件的另一环节，「%(step)s」须由另一位经办人处理。"), step=step.label)


def _needed(case: Case, step: Step) -> str:
    parts = []
    for who in step.who:
        if who.role == "system":
            parts.append(_("系统在期限届满时办理"))
        elif who.role == "anyone":
            parts.append(_("申请人本人"))
        else:
            parts.append(f"{_label(who.role)}（{_names(case, who)}）")
    return _("，或者").join(parts)


def _label(role: str) -> str:
    return str(dict(Role.choices).get(role, role))


def _names(case: Case, who: Who) -> str:
    found = Organisation.objects.filter(pk__in=organisations(case, who.at)).values_list("name", flat=True)
    return "、".join(found) or {"subject": _("信用主体"), "source": _("信源单位"), "assigned": _("承办单位")}.get(
        who.at, _("经办单位")
    )
