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


def detail_label(name: str) -> str:
    """What a piece of an event's detail is called; its word in the trail (`audit.events`) where there is no other."""
    return {
        "action": _("操作"), "addresses": _("地址"), "after": _("之后"), "against": _("对照"), "algorithm": _("算法"),
        "answer": _("答复"), "archived": _("归档数"), "asked_as": _("以何身份"), "attachment": _("材料编号"), "basis": _("依据"),
        "beacon": _("公开随机数"), "before": _("之前"), "began": _("开始数"), "by": _("方式"), "bytes": _("字节数"),
        "case": _("办件"), "category": _("类别"), "change": _("变更序号"), "changed": _("变动数"), "channel": _("渠道"),
        "confirmed": _("确认数"), "count": _("数量"), "day": _("日期"), "department": _("部门"), "digest": _("摘要"),
        "document": _("文书"), "done": _("已办"), "drawn": _("抽中"), "effect": _("生效数"), "end": _("终点"),
        "ended": _("结束数"), "ending": _("结束原因"), "extent": _("范围"), "factor": _("登录方式"), "failures": _("失败次数"),
        "faults": _("问题数"), "fields": _("栏目"), "file": _("文件"), "files": _("文件数"), "fingerprint": _("指纹"),
        "first": _("起点"), "grade": _("等级"), "grantee": _("被授权单位"), "how": _("怎样"), "item": _("目录项"),
        "items": _("目录项"), "label": _("名称"), "language": _("语言"), "leaves": _("条数"), "list": _("名单"),
        "listed": _("列入数"), "made_at": _("生成时间"), "material": _("材料"), "matter": _("事项"), "measure": _("措施"),
        "method": _("请求方法"), "model": _("评价模型"), "moved": _("变级数"), "of": _("共"), "organisation": _("单位"),
        "outcome": _("结论"), "parent": _("上级"), "paused": _("暂停"), "pdf": "PDF", "photo": _("照片"),
        "policies": _("政策包"), "pool": _("对象库"), "prefix": _("前缀"), "procedure": _("办事程序"), "provider": _("核验方"),
        "purpose": _("目的"), "reason": _("原因"), "receiver": _("接收方"), "refused": _("拒绝"), "region": _("地区"),
        "removed": _("移出数"), "response": _("响应"), "result": _("结果"), "results": _("结果数"), "role": _("角色"),
        "roles": _("角色"), "rows": _("行"), "run": _("评价批次"), "same": _("相同"), "scope": _("事项"), "scopes": _("接口范围"),
        "seed_sha256": _("种子指纹（SHA-256）"), "seed_sm3": _("种子指纹（SM3）"), "sha256": "SHA-256", "shown": _("显示条数"),
        "signing": _("签名"), "since": _("自"), "single": _("只用一次"), "size": _("大小"), "source": _("信源单位"),
        "state": _("状态"), "status": _("状态码"), "step": _("环节"), "subjects": _("主体数"), "template": _("版式"),
        "term": _("期限"), "told": _("告知对象"), "until": _("至"), "version": _("版本"), "withdrawn": _("撤回数"),
        "wrong_step": _("有问题的环节"),
    }.get(name, name)  # fmt: skip


def who(actor: str, names: dict[str, str]) -> str:
    """What somebody is called: people by their names, the platform itself as such."""
    return {"": _("未登录的访问者"), "system": _("系统")}.get(actor) or names.get(actor, actor)


def day_of(when: datetime) -> SafeString:
    """A moment that stays on one line."""
    return format_html('<span class="day">{}</span>', moment(when))


def short(detail: dict[str, Any]) -> str:
    """What an event says, in one line."""
    told = _("；").join(
        f"{detail_label(n)} {_brief(plain(value))}" for n, value in detail.items() if value not in ("", None, [], {})
    )
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
