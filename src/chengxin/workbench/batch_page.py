"""What the page of a batch shows: where it stands, its counts, its faults by rule, its findings, who may do what, what
happened to it (F-02, R-024, R-031, R-049)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Membership, Role
from chengxin.accounts.rules import Denied, allow, require
from chengxin.accounts.words import english, people
from chengxin.audit.models import Event as Trace
from chengxin.collection import evidence, mending
from chengxin.collection.models import Batch, State
from chengxin.collection.states import WORKING, tell
from chengxin.design.shapes import Cell, Column, Count, Crumb, Event, Fact, Progress, Step, Table, Tone
from chengxin.design.templatetags.chengxin import level_label, named
from chengxin.policy.policies import Policies, UnknownPolicy
from chengxin.policy.rules import Rule
from chengxin.registry.packs import policies
from chengxin.workbench.batch_findings import findings_of, summary, tone_of
from chengxin.workbench.batch_past import Past
from chengxin.workbench.labels import item_of

_GRAVITY = {"reject": 0, "doubt": 1, "warn": 2}
STATE_TONES: dict[str, Tone] = {
    State.STORED: "good", State.REFUSED: "bad", State.RETURNED: "bad", State.CHECKED: "warn", State.WAITING: "warn",
    State.WITHDRAWN: "",
}  # fmt: skip
_ORDER = (State.RECEIVED, State.CHECKING, State.CHECKED, State.RELEASED, State.MERGING, State.STORED)


def context(actor: Actor, batch: Batch, *, rule: str = "", page: str = "") -> dict[str, Any]:
    """Everything the page of `batch` shows to `actor`; `rule` and `page` choose among the findings."""
    packs = policies()
    rules = _rules(packs, batch)
    history = History(batch)
    rights = _rights(actor, batch)
    return {
        **standing(batch, history),
        "batch": batch,
        "item": item_of(packs, batch.item),
        "crumbs": [Crumb(_("批次"), reverse("batches"))],
        "read": bool(batch.checked_at),
        "counts": _counts(batch) if batch.checked_at else [],
        "faults": _faults(batch, rules, rule),
        "findings": findings_of(batch, rules, rule, page),
        "has_receipt": (evidence.folder_of(batch.pk) / "receipt.csv").exists(),
        "rights": rights,
        "past": Past.of(batch) if rights.get("release") else None,
        "mending": _mending(actor, batch),
        "again": _again(actor, batch),
        "about": _about(batch),
        "events": history.told(),
    }


def standing(batch: Batch, history: History | None = None) -> dict[str, Any]:
    """Where the batch stands: the sentence, the next step, and the steps of its way; what is asked for again and again
    while the machine works."""
    history = history or History(batch)
    return {
        "batch": batch,
        "told": tell(batch, released_by=history.name(batch.released_by)),
        "tone": STATE_TONES.get(batch.state, "info"),
        "reason": _reason(batch),
        "progress": _progress(batch),
        "steps": steps_of(batch),
        "working": batch.state in WORKING,
    }


def _again(actor: Actor, batch: Batch) -> str:
    """Where a file that came back is sent in again, the item chosen already; nowhere for who may not, or where none did."""
    back = batch.state in (State.REFUSED, State.RETURNED, State.WITHDRAWN)
    if not back or not allow(actor, "batch.submit", batch.source_id):
        return ""
    return f"{reverse('submit')}?{urlencode({'what': f'{batch.source_id}:{batch.item}'})}"


def steps_of(batch: Batch) -> list[Step]:
    """收到 → 读取 → 检查 → 等待放行 → 入库; nothing for a batch that left this way."""
    if batch.state not in _ORDER:
        return []
    at = {
        State.RECEIVED: 1,
        State.CHECKING: 2 if batch.rows_done else 1,
        State.CHECKED: 3,
        State.RELEASED: 4,
        State.MERGING: 4,
        State.STORED: 5,
    }[State(batch.state)]
    labels = (_("收到文件"), _("读取"), _("检查"), _("等待放行"), _("入库"))
    return [Step(label, "done" if n < at else "now" if n == at else "next") for n, label in enumerate(labels)]


def _progress(batch: Batch) -> Progress | None:
    """How many rows are done; how many there are is known once the check is over."""
    if batch.state == State.CHECKING:
        return Progress(_("正在检查（行）"), batch.rows_done)
    if batch.state == State.MERGING:
        return Progress(_("正在入库（行）"), batch.rows_done, batch.received or None)
    return None


def _reason(batch: Batch) -> str:
    """Why a batch was refused or returned. A fault of ours is for the operator: its text may quote a cell."""
    if batch.state == State.WAITING:
        return ""
    return batch.reason_en if english() and batch.reason_en else batch.reason


def _rules(packs: Policies, batch: Batch) -> dict[str, Rule]:
    try:
        return {r.id: r for r in packs.rules(batch.item, timezone.localdate(batch.submitted_at))}
    except UnknownPolicy:  # the packs no longer have the item; the receipt still has its sentences
        return {}


def _counts(batch: Batch) -> list[Count]:
    found = [
        Count(_("收到"), batch.received),
        Count(_("不予入库"), batch.rejected, "bad" if batch.rejected else "", note=_("改好后重新报送")),
        Count(_("存疑"), batch.doubtful, "warn" if batch.doubtful else "", note=_("入库但不公示、不共享")),
        Count(_("提醒"), batch.warned, note=_("照常入库")),
        Count(_("重复"), batch.repeated, note=_("同一文件里只算一次")),
    ]
    if batch.state == State.STORED:
        detail = _("新增 %(created)s，更新 %(updated)s，未变 %(unchanged)s") % {
            "created": f"{batch.created:,}", "updated": f"{batch.updated:,}", "unchanged": f"{batch.unchanged:,}",
        }  # fmt: skip
        found.append(Count(_("已入库"), batch.stored, "good", note=detail))
    return found


def _faults(batch: Batch, rules: Mapping[str, Rule], chosen: str) -> Table | None:
    """The summary by rule, the gravest first, with the rule's own sentence; what a row brings is in the findings."""
    if not batch.faults:
        return None
    ordered = sorted(batch.faults, key=lambda f: (_GRAVITY.get(f["level"], 9), -f["count"], f["rule"]))
    rows = [
        [
            Cell(summary(rules, f["rule"]), f"?rule={f['rule']}#findings", note=f["rule"]),
            Cell(level_label(f["level"]), tone=tone_of(f["level"])),
            f["field"] or "—",
            f["count"],
        ]
        for f in ordered
    ]
    columns = [Column(_("问题"), wide=True), Column(_("结果")), Column(_("栏目")), Column(_("行数"), number=True)]
    return Table(_("各条规则发现问题的行数"), columns, rows)


def _rights(actor: Actor, batch: Batch) -> dict[str, Any]:
    """What `actor` may do to a batch that waits for release, and who else could."""
    if batch.state != State.CHECKED:
        return {}
    rights: dict[str, Any] = {
        "release": allow(actor, "batch.release", batch),
        "withdraw": allow(actor, "batch.withdraw", batch),
        "auditors": _auditors(batch),
    }
    try:
        require(actor.looking(), "batch.release", batch)
    except Denied as denied:
        rights["why_not"] = str(denied)
    return rights


def _auditors(batch: Batch) -> list[str]:
    """The people who could release this batch."""
    posts = Membership.objects.filter(organisation_id=batch.source_id, role=Role.AUDITOR, user__is_active=True)
    return [str(p.user) for p in posts.exclude(user__username=batch.submitted_by).select_related("user").order_by("pk")]


def _mending(actor: Actor, batch: Batch) -> dict[str, Any]:
    """What can be corrected on the page, and the batches that correct this one or that it corrects."""
    waiting = mending.to_mend(batch)
    later = list(Batch.objects.filter(mends_id=batch.pk).order_by("pk"))
    return {
        "may": bool(waiting.total) and allow(actor, "batch.submit", batch.source_id),
        "rows": waiting.total,
        "later": waiting.later,
        "of": Batch.objects.filter(pk=batch.mends_id).first() if batch.mends_id else None,
        "rows_of": batch.mended_rows,
        "by": [(b, "、".join(map(str, b.mended_rows))) for b in later],
    }


def _about(batch: Batch) -> list[Fact]:
    kind = " · ".join(
        x for x in (filesizeformat(batch.file_size), batch.file_format.upper(), batch.file_encoding.upper()) if x
    )
    channels = {"page": _("网页"), "api": _("接口")}
    facts = [
        Fact(_("信源单位"), named(batch.source)),
        Fact(_("文件"), f"{batch.file_name}\n{kind}"),
        Fact("SHA-256", batch.file_sha256, code=True),
        Fact(_("渠道"), channels.get(batch.channel, _("命令行"))),
    ]
    if batch.file_gone_on:
        facts.append(Fact(_("原件"), _("保存期满，已于 %(day)s 删除") % {"day": batch.file_gone_on}))
    if batch.item_version:
        facts.append(Fact(_("按哪个版本校验"), f"{batch.item_version} · {batch.rules_digest[:12]}", code=True))
    return facts


class History:
    """What happened to a batch, the latest last, with the names of people."""

    def __init__(self, batch: Batch) -> None:
        self.events = list(Trace.objects.filter(kind="batch", object=str(batch.pk)).order_by("pk")[:200])
        known = {batch.submitted_by, batch.released_by, *(e.actor for e in self.events)}
        self.people = people(known)

    def name(self, account: str) -> str:
        return _("系统") if account == "system" else self.people.get(account, account)

    def told(self) -> list[Event]:
        words = _words()
        return [
            Event(e.at, words.get(e.action, e.action), str(e.detail.get("file", "")), self.name(e.actor))
            for e in self.events
        ]


def _words() -> dict[str, str]:
    return {
        "batch.submit": _("报送文件"),
        "batch.checked": _("校验完成"),
        "batch.refused": _("整批退回"),
        "batch.waiting": _("系统故障，等待处理"),
        "batch.released": _("审核放行"),
        "batch.returned": _("审核退回"),
        "batch.withdrawn": _("已撤回"),
        "batch.stored": _("已入库"),
        "batch.download": _("下载回执"),
        "batch.rows": _("查看要更正的行"),
        "evidence.delete": _("原件保存期满，已删除"),
    }
