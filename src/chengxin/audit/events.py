"""The catalogue of events: every act that the trail knows, what it means, and what its detail holds.

`tests/audit/test_events.py` reads the whole source and fails on an act that is written and not listed here, and on one
that is listed and written nowhere. A word that ends in `*` stands for a family whose last part is data (a state, a verb
of the register, a step of a pack). Details hold no personal data and no secrets (R-082, R-363, G-10).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class What:
    """The meaning of an act, and the names its detail may hold; `open` details have further names of their own."""

    meaning: str
    fields: tuple[str, ...] = ()
    open: bool = False

    @property
    def label(self) -> str:
        """The meaning in the reader's language."""
        return gettext(self.meaning)


EVENTS: dict[str, What] = {
    # people and keys
    "account.sign-in": What(_("登录成功"), ("factor",)),
    "account.sign-in-failed": What(_("登录失败：密码或动态口令不对"), ("reason",)),
    "account.locked": What(_("连续失败后锁定登录"), ("failures",)),
    "account.sign-out": What(_("退出登录")),
    "account.session-ended": What(_("会话因闲置或到期而结束"), ("reason",)),
    "account.step-up": What(_("办理敏感事项前重新认证"), ("action",)),
    "account.password": What(_("修改密码")),
    "account.factor": What(_("启用或更换动态口令"), ("how",)),
    "account.real-name": What(_("信用主体代表实名认证"), ("provider",)),
    "access.denied": What(_("越权访问被拒绝"), ("action", "method", "status")),
    "person.set": What(_("设置人员的角色"), ("roles",)),
    "person.add": What(_("登记人员")),
    "person.invite": What(_("发出设置密码的邀请")),
    "role.grant": What(_("授予角色"), ("organisation", "role", "since", "until", "scope")),
    "role.revoke": What(_("收回角色"), ("organisation", "role")),
    "mandate.give": What(_("信用主体委托代理人"), ("organisation", "since", "until", "scope")),
    "mandate.recall": What(_("信用主体收回委托"), ("organisation",)),
    "factor.reset": What(_("重置登录方式：密码和动态口令")),
    "session.end": What(_("结束全部会话"), ("count",)),
    "person.suspend": What(_("停用人员")),
    "person.resume": What(_("恢复人员")),
    "organisation.set": What(_("登记或修改单位"), ("category", "parent", "region")),
    "key.make": What(_("发放接口密钥"), ("label", "prefix", "scopes", "addresses", "signing")),
    "key.revoke": What(_("吊销接口密钥"), ("prefix",)),
    # looks at data that is not public
    "look": What(_("查看非公开信息"), ("basis", "items", "result")),
    "look.refused": What(_("查询被拒绝：没有依据"), ("basis", "items")),
    "look.purge": What(_("按保存期限清理查询记录"), ("before", "count")),
    "authorisation.grant": What(_("信用主体授权查询"), ("grantee", "purpose", "items", "fields", "until", "single")),
    "authorisation.revoke": What(_("信用主体撤回授权"), ("grantee",)),
    "subject.look": What(_("查看信用档案"), ("purpose", "channel", "case")),
    "record.look": What(_("查看单条非公开信息"), ("purpose",)),
    "evaluation.look": What(_("查看评价结果的依据"), ("model", "channel")),
    # the register and its batches
    "batch.submit": What(_("报送文件"), ("item", "source", "sha256")),
    "doubt.sheet": What(_("下载存疑信息的清单"), ("count",)),
    "doubt.decide": What(_("按清单处理存疑信息"), ("confirmed", "withdrawn", "same", "refused", "sha256", "channel")),
    "evidence.delete": What(_("按保存期限删除报送原件"), ("sha256", "size")),
    "batch.rows": What(_("在页面上查看批次里要更正的行"), ("rows",)),
    "reminder.ask": What(_("向信源单位催报或督办"), ("source", "item")),
    "reminder.*": What(_("催报、督办进入某一状态（collection.models.Reminder）"), ("outcome",)),
    "bulletin.prepare": What(_("生成月通报"), ("sha256",)),
    "bulletin.publish": What(_("发布月通报"), ("sha256",)),
    "batch.*": What(_("批次进入下一状态"), ("reason",)),
    "batch.download": What(_("下载回执或文件"), ("file", "channel")),
    "record.created": What(_("单条录入"), ("reason", "case", "change")),
    "record.*": What(_("登记库的动作：标注异议、修复、撤回、更正、归档等"), ("reason", "case", "change")),
    "person.erase": What(_("按保存期限删除个人信息（删除当月的密钥）"), ("term",)),
    "register.due": What(_("日终处理：公示期满、归档"), ("ended", "archived")),
    # cases
    "case.open": What(_("提出办件"), ("procedure", "step", "before", "after", "reason")),
    "case.step": What(_("办件的一步"), ("procedure", "step", "before", "after", "reason")),
    "case.attach": What(_("提交材料"), open=True),
    "case.look": What(_("查看办件材料"), ("attachment", "material")),
    "case.due": What(_("办件期限的日常处理"), open=True),
    "case.sample": What(_("抽查已办结的办件"), ("drawn", "of")),
    "case.judge": What(_("抽查结论"), ("wrong_step",)),
    "receiver.set": What(_("设置修复结果的接收方"), ("channel", "paused")),
    "delivery.settle": What(_("接收方确认或处理投递"), ("state", "receiver")),
    # evaluation and supervision
    "evaluation.run": What(
        _("运行评价"), ("run", "version", "day", "extent", "subjects", "changed", "moved", "policies")
    ),
    "evaluation.verify": What(_("核实评价结果的一步"), ("step", "outcome", "grade", "count", "effect", "reason")),
    "evaluation.apply": What(_("信用主体申请复评"), ("model", "step")),
    "evaluation.simulate": What(_("以登记库模拟评价模型，不存入结果"), ("version", "against")),
    "evaluation.export": What(_("导出评价对象名册"), ("grade", "count")),
    "listing.*": What(_("名单认定的一步"), ("list", "outcome", "document")),
    "listing.mirror": What(_("由登记库同步名单"), ("listed", "removed")),
    "listing.exit": What(_("移出名单"), ("ending",)),
    "measure.check": What(_("办事环节的信用核查"), ("matter", "answer")),
    "measure.match": What(_("奖惩措施与名单、等级对应"), ("began", "ended")),
    "measure.respond": What(_("实施单位响应措施"), ("measure", "response")),
    "measure.lift": What(_("实施单位确认解除"), ("measure",)),
    "measure.use": What(_("登记奖惩成效"), ("measure", "matter")),
    "alert.find": What(_("产生预警"), ("told",)),
    "alert.acknowledge": What(_("签收预警"), ("receiver",)),
    "inspector.register": What(_("登记检查人员"), ("department",)),
    "inspector.dismiss": What(_("检查人员退出名录库"), ("department",)),
    "inspector.recuse": What(_("登记检查人员回避")),
    "inspection.plan": What(_("制定双随机抽查计划"), ("pool", "seed_sha256", "seed_sm3")),
    "inspection.draw": What(_("双随机抽取"), ("drawn", "beacon")),
    "inspection.publish": What(_("公布抽查计划和结果")),
    "inspection.enter": What(_("录入检查结果"), ("results",)),
    "inspection.photo": What(_("检查结果附上照片"), ("sha256", "size", "photo")),
    "inspection.photo-removed": What(_("检查结果去掉照片"), ("sha256", "photo")),
    # reports
    "report.issue": What(_("出具信用报告"), ("template", "asked_as", "language", "pdf")),
    "report.order": What(_("批量出具信用报告"), ("template", "count")),
    "report.download": What(_("下载信用报告"), ("file", "channel")),
    "report.altered": What(_("核验时发现报告被改动"), ("by", "faults")),
    "report.key": What(_("启用报告签名密钥"), ("fingerprint",)),
    # the log itself, and what operators do
    "log.key": What(_("启用日志签名密钥"), ("fingerprint", "algorithm")),
    "log.archive": What(_("把已封存的内容导出为存档"), ("first", "end", "digest")),
    "log.verify": What(_("核验日志的最新部分"), ("result", "leaves")),
    "trail.read": What(_("查看非公开信息的查看记录"), ("shown",)),
    "log.erase": What(_("依法删除审计事件中的内容"), ("leaves", "reason")),
    "system.daily": What(_("每日例行工作"), ("done", "of")),
    "system.backup": What(_("备份"), ("files", "bytes")),
    "system.restore": What(_("从备份恢复"), ("made_at",)),
}


def known(action: str) -> What | None:
    """What the catalogue says of an act: under its own name, or under that of its family."""
    return EVENTS.get(action) or EVENTS.get(f"{action.split('.', 1)[0]}.*")
