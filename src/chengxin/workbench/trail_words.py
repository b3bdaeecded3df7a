"""The trail in words: acts, kinds of things, people and details as an auditor reads them (G-10, R-082)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chengxin.audit.events import known
from chengxin.design.words import moment


def kind_label(kind: str) -> str:
    """What a kind of thing is called; the word of the trail itself where there is no other."""
    return {
        "user": _("账号"), "person": _("人员"), "organisation": _("单位"), "route": _("页面或接口"), "case": _("办件"),
        "batch": _("批次"), "record": _("信用信息"), "subject": _("主体"), "look": _("查看记录"), "log": _("日志"),
        "log-key": _("日志密钥"), "leaf": _("日志条目"), "report": _("信用报告"), "alert": _("预警"), "entry": _("名单条目"),
        "plan": _("抽查计划"), "inspector": _("检查人员"), "authorisation": _("授权"), "delivery": _("投递"),
        "receiver": _("接收方"), "register": _("登记库"), "system": _("系统"), "evaluation": _("评价"), "trail": _("审计记录"),
        "key": _("密钥"), "measure": _("奖惩措施"), "list": _("名单"), "model": _("评价模型"),
    }.get(kind, kind)  # fmt: skip


def meaning(action: str) -> str:
    """What an act is called; its word where the catalogue has none."""
    what = known(action)
    return what.label if what else action


def who(actor: str, names: dict[str, str]) -> str:
    """What somebody is called: people by their names, the platform itself as such."""
    return {"": _("未登录的访问者"), "system": _("系统")}.get(actor) or names.get(actor, actor)


def day_of(when: datetime) -> SafeString:
    """A moment that stays on one line."""
    return format_html('<span class="day">{}</span>', moment(when))


def short(detail: dict[str, Any]) -> str:
    """What an event says, in one line."""
    told = "；".join(f"{n} {_brief(plain(value))}" for n, value in detail.items() if value not in ("", None, [], {}))
    return told if len(told) <= 160 else told[:159] + "…"


def _brief(text: str) -> str:
    """Digests by their beginning; the event's own page has them whole."""
    return f"{text[:10]}…" if len(text) >= 32 and text.isalnum() else text


def plain(value: Any) -> str:
    """A value of a detail as text."""
    if isinstance(value, dict):
        return "，".join(f"{k} {plain(v)}" for k, v in value.items())
    if isinstance(value, list):
        return "、".join(plain(v) for v in value)
    return "—" if value in ("", None) else str(value)
