"""What the page of a batch shows: its counts, its faults by rule, its findings, who may do what, what happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Membership, Role, User
from chengxin.accounts.rules import Denied, allow, require
from chengxin.audit.models import Event
from chengxin.collection import evidence, receipts
from chengxin.collection.models import Batch, State
from chengxin.collection.states import OVER, tell
from chengxin.policy.policies import Policies, UnknownPolicy
from chengxin.policy.rules import Rule
from chengxin.policy.wording import fill
from chengxin.registry.packs import policies
from chengxin.workbench.labels import in_english, item_of

PER_PAGE = 50
_GRAVITY = {"reject": 0, "doubt": 1, "warn": 2}


def context(actor: Actor, batch: Batch, *, rule: str = "", page: str = "") -> dict[str, Any]:
    """Everything the page of `batch` shows to `actor`; `rule` and `page` choose among the findings."""
    packs = policies()
    rules = _rules(packs, batch)
    events = History(batch)
    return {
        "batch": batch,
        "item": item_of(packs, batch.item),
        "told": tell(batch, released_by=events.name(batch.released_by)),
        "reason": _reason(batch),
        "over": batch.state in OVER,
        "read": bool(batch.checked_at),
        "faults": _faults(batch, rules),
        "findings": Findings.of(batch, rules, rule, page),
        "has_receipt": (evidence.folder_of(batch.pk) / "receipt.csv").exists(),
        "rights": _rights(actor, batch),
        "events": events.told(),
    }


def _reason(batch: Batch) -> str:
    """Why a batch was refused or returned. A fault of ours is for the operator: its text may quote a cell."""
    if batch.state == State.WAITING:
        return ""
    return batch.reason_en if in_english() and batch.reason_en else batch.reason


def _rules(packs: Policies, batch: Batch) -> dict[str, Rule]:
    try:
        return {r.id: r for r in packs.rules(batch.item, timezone.localdate(batch.submitted_at))}
    except UnknownPolicy:  # the packs no longer have the item; the receipt still has its sentences
        return {}


def _faults(batch: Batch, rules: Mapping[str, Rule]) -> list[dict[str, Any]]:
    """The summary by rule, the gravest first, with the rule's own sentence; what a row brings to it is in the findings."""
    ordered = sorted(batch.faults, key=lambda f: (_GRAVITY.get(f["level"], 9), -f["count"], f["rule"]))
    return [{**fault, "sentence": _sentence(rules.get(fault["rule"]), {}) or fault["rule"]} for fault in ordered]


def _sentence(rule: Rule | None, finding: Mapping[str, Any]) -> str:
    if rule is None:
        return str(finding.get("message", ""))
    words = rule.message_en if in_english() else rule.message
    if not finding:
        return fill(words, found="…", expected="…")
    if not in_english():
        return str(finding["message"])
    return fill(words, found=finding["found"] or "", expected=finding["expected"] or "")


@dataclass(frozen=True)
class Findings:
    """One page of a batch's findings, of all rules or of one."""

    rule: str
    rows: list[dict[str, Any]]
    number: int
    pages: int
    total: int

    @classmethod
    def of(cls, batch: Batch, rules: Mapping[str, Rule], rule: str, page: str) -> Findings:
        total = sum(f["count"] for f in batch.faults if not rule or f["rule"] == rule)
        pages = max(ceil(total / PER_PAGE), 1)
        number = min(max(int(page), 1), pages) if page.isascii() and page.isdigit() and len(page) < 9 else 1
        folder = evidence.folder_of(batch.pk)
        rows = receipts.page(folder, offset=(number - 1) * PER_PAGE, limit=PER_PAGE, rule=rule) if total else []
        told = [{**r, "sentence": _sentence(rules.get(str(r["rule"])), r)} for r in rows]
        return cls(rule, told, number, pages, total)


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
        require(actor, "batch.release", batch)
    except Denied as denied:
        rights["why_not"] = str(denied)
    return rights


def _auditors(batch: Batch) -> list[str]:
    """The people who could release this batch."""
    posts = Membership.objects.filter(organisation_id=batch.source_id, role=Role.AUDITOR, user__is_active=True)
    return [str(p.user) for p in posts.exclude(user__username=batch.submitted_by).select_related("user").order_by("pk")]


class History:
    """What happened to a batch, the latest last, with the names of people."""

    def __init__(self, batch: Batch) -> None:
        self.events = list(Event.objects.filter(kind="batch", object=str(batch.pk)).order_by("pk")[:200])
        known = {batch.submitted_by, batch.released_by, *(e.actor for e in self.events)}
        self.people = {u.username: str(u) for u in User.objects.filter(username__in=known)}

    def name(self, account: str) -> str:
        return _("系统") if account == "system" else self.people.get(account, account)

    def told(self) -> list[dict[str, Any]]:
        words = _words()
        return [
            {
                "at": e.at,
                "who": self.name(e.actor),
                "what": words.get(e.action, e.action),
                "detail": e.detail.get("file", ""),
            }
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
    }
