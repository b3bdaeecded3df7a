"""What waits for somebody, whatever their roles: due today, late, come back, and the rest (F-26). Each line is asked of the
room that knows; a room that brings new work for people adds its line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import ADMINISTRATORS, Membership, Role
from chengxin.accounts.rules import restrict
from chengxin.audit.models import Event
from chengxin.cases import desk, fanout, queries
from chengxin.collection.models import Batch, State
from chengxin.collection.queries import to_mend, to_release
from chengxin.design.shapes import Card, Count, Tone
from chengxin.evaluation.roster import in_force, models_of
from chengxin.evaluation.waiting import burden
from chengxin.registry.authorising import usable_by
from chengxin.registry.packs import policies
from chengxin.registry.queries import doubts_of
from chengxin.supervision.alerts.queries import copies
from chengxin.supervision.inspection.queries import tasks_of
from chengxin.supervision.measures.queries import overdue, to_do

WORKS_THERE = (Role.REPORTER, Role.AUDITOR, Role.INSPECTOR)


@dataclass(frozen=True)
class Waiting:
    """Some work of one kind: how much of it, where it is done, how much is due today, late or came back."""

    title: str
    text: str
    route: str
    count: int
    today: int = 0
    late: int = 0
    back: int = 0

    @property
    def href(self) -> str:
        """Where it is done; empty where the page is not there yet."""
        path, _mark, query = self.route.partition("?")
        try:
            return reverse(path) + (f"?{query}" if query else "")
        except NoReverseMatch:
            return ""

    @property
    def card(self) -> Card:
        tone: Tone = "bad" if self.late else "warn" if self.today or self.back else ""
        return Card(self.title, self.text, self.href, self.count, tone)


def waiting_for(actor: Actor, today: date) -> list[Waiting]:
    """Everything that waits for this person, what is late first."""
    found = [w for source in SOURCES for w in source(actor, today) if w.count and w.href]
    return sorted(found, key=lambda w: (-w.late, -w.today, -w.back))


def counts(found: list[Waiting], total: int) -> list[Count]:
    """The four numbers over the page."""
    late, today, back = (sum(getattr(w, name) for w in found) for name in ("late", "today", "back"))
    return [
        Count(_("已逾期"), late, "bad" if late else "", _first(found, "late")),
        Count(_("今天到期"), today, "warn" if today else "", _first(found, "today")),
        Count(_("退回来的"), back, "warn" if back else "", _first(found, "back")),
        Count(_("全部待办"), total),
    ]


def _first(found: list[Waiting], name: str) -> str:
    return next((w.href for w in found if getattr(w, name)), "")


def _cases(actor: Actor, today: date) -> Iterator[Waiting]:
    mine = desk.to_act(actor).order_by()
    due = list(mine.values_list(F("due"), flat=True))
    late = sum(d is not None and d < today for d in due)
    yield Waiting(
        _("办件"),
        _("轮到我办的环节，先到期的在前。"),
        "cases?which=late" if late else "cases",
        len(due),
        due.count(today),
        late,
    )


def _batches(actor: Actor, today: date) -> Iterator[Waiting]:
    if actor.organisations(Role.AUDITOR):
        yield Waiting(
            _("等我放行的批次"), _("核对后放行入库，或者退回。"), "batches?state=checked", to_release(actor).count()
        )
    if actor.organisations(Role.REPORTER):
        back = to_mend(actor).count()
        yield Waiting(_("退回来的批次"), _("按回执改好再报。"), "batches", back, back=back)


def _doubts(actor: Actor, today: date) -> Iterator[Waiting]:
    """For whom may confirm or correct them; the centre sees them without being able to do either (R-051)."""
    if units := actor.organisations(Role.REPORTER, Role.AUDITOR):
        yield Waiting(
            _("存疑的信息"), _("确认或更正之前不公示、不共享。"), "doubts", doubts_of(units).order_by().count()
        )


def _measures(actor: Actor, today: date) -> Iterator[Waiting]:
    units = actor.organisations(*WORKS_THERE)
    if units:
        open_ones = to_do().filter(agency__in=units).order_by()
        due = open_ones.filter(Q(ended_on=None, respond_by=today) | Q(ended_on__isnull=False, lift_by=today))
        late = overdue(today).filter(agency__in=units).order_by().count()
        yield Waiting(_("奖惩措施"), _("执行、反馈或者确认解除。"), "measures", open_ones.count(), due.count(), late)


def _alerts(actor: Actor, today: date) -> Iterator[Waiting]:
    unseen = restrict(actor, "alert.acknowledge", copies(receiver="department", unseen=True))
    mine = unseen.filter(to__in=actor.organisations(*WORKS_THERE))
    yield Waiting(_("没有签收的预警"), _("看一看发生了什么，签收。"), "alerts", mine.order_by().count())


def _verifications(actor: Actor, today: date) -> Iterator[Waiting]:
    """Results that are no grades before somebody who had no hand in them has verified them."""
    units = actor.organisations(Role.AUDITOR)
    mine = in_force(models_of(units, policies()), today) if units else []
    waiting = burden((m.id for m in mine if m.verification), today).values()
    yield Waiting(
        _("等核实的评价结果"),
        _("核实以后等级才生效，在模型的页面上办。"),
        "models",
        sum(b.results for b in waiting),
        sum(b.today for b in waiting),
        sum(b.late for b in waiting),
    )


def _inspections(actor: Actor, today: date) -> Iterator[Waiting]:
    units = actor.organisations(Role.INSPECTOR, Role.REPORTER)
    if units:
        tasks = restrict(actor, "inspection.work", tasks_of(units, actor.name).filter(result="")).order_by()
        ends = list(tasks.values_list("plan__ends_on", flat=True))
        late = sum(d < today for d in ends)
        yield Waiting(
            _("分给我的抽查"),
            _("到现场检查，用手机录入结果。"),
            "dept-inspection-tasks",
            len(ends),
            ends.count(today),
            late,
        )


def _authorisations(actor: Actor, today: date) -> Iterator[Waiting]:
    units = actor.organisations(Role.BANK_OFFICER)
    if units:
        yield Waiting(
            _("可以使用的授权"), _("信用主体授权本单位查询。"), "query", usable_by(units, today).order_by().count()
        )


def _steward(actor: Actor, today: date) -> Iterator[Waiting]:
    if actor.organisations(Role.STEWARD):
        behind = fanout.laggards(today)
        late = sum(x.overdue for x in behind)
        yield Waiting(_("落后的接收方"), _("没有按时回执的修复和更正结果。"), "case-figures", late, late=late)
        urged = queries.notices_for(actor).filter(kind="escalation").order_by()
        raised = urged.values("case").distinct().count()
        yield Waiting(_("督办"), _("逾期后报到这里的办件。"), "cases?which=late", raised, late=raised)


def _administrators(actor: Actor, today: date) -> Iterator[Waiting]:
    if not actor.organisations(*ADMINISTRATORS):
        return
    if actor.organisations(Role.OPERATOR):
        stuck = Batch.objects.filter(state=State.WAITING).count()
        yield Waiting(_("因系统故障停下的批次"), _("查明原因后继续。"), "running", stuck, late=stuck)
    if actor.organisations(Role.SECURITY):
        days = settings.SIGN_IN.post.ending_days
        ending = Membership.objects.filter(until__range=(today, today + timedelta(days=days))).count()
        yield Waiting(_("%(n)s 天内到期的任职") % {"n": days}, _("需要延长的，到人员页面办理。"), "people", ending)
    if actor.organisations(Role.AUDIT):
        day = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        denied = Event.objects.filter(
            action__in=("access.denied", "look.refused", "account.locked"), at__gte=day
        ).count()
        yield Waiting(_("今天被拒绝的访问"), _("越权、没有依据的查询、锁定的登录。"), "audit", denied)


SOURCES: tuple[Callable[[Actor, date], Iterator[Waiting]], ...] = (
    _cases, _batches, _doubts, _measures, _alerts, _verifications, _inspections, _authorisations, _steward, _administrators,
)  # fmt: skip
