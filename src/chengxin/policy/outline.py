"""A policy file as an outline for readers: facts and parts under words, whatever its kind (R-001, R-005, R-006).

The words of the keys are the field's own; a key without one is shown as it is written in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from chengxin.policy.schema import Basis, Effective

KEYS = {
    "about": "针对", "aliases": "别名", "allow": "允许", "answer": "回答",
    "apart_from": "不得与这些环节同一人", "approval": "审批",
    "ask": "要填的", "asks": "要填的", "association": "关联性", "assumed": "暂定", "attributes": "属性", "audience": "对象",
    "authority": "制定机关", "basis": "依据", "body": "实施单位", "by": "由谁", "by_grade": "因等级的措施",
    "category": "类别", "ceiling": "上限",
    "changes": "变更", "channel": "渠道", "chapter": "章节", "choices": "可选", "clock": "期限", "clock_start": "起算日",
    "closed": "封闭代码", "code": "代码", "codes": "代码表", "competence": "职权", "condition": "条件",
    "conditions": "条件", "consequence": "后果", "constraint": "约束", "content": "内容", "count": "计数",
    "criterion": "认定标准", "cycle": "更新周期", "day": "日", "decision": "须由他人决定", "default": "默认",
    "department": "部门", "description": "说明", "disclosure": "公开属性", "document": "文件", "early": "提前移出",
    "effect": "效果", "effective": "施行", "effects": "效果", "end": "结果", "ends": "终止", "entry": "写入登记库",
    "escalate_after": "逾期几日升级", "escalate_to": "升级给", "exit": "退出", "expires": "期限", "evidence": "报送原件",
    "explain": "说明",
    "field": "字段", "fields": "字段", "floor": "下限", "from": "从", "to": "到", "goals": "目标", "grade": "等级",
    "grades": "等级", "group": "分组", "guards": "前提", "handler": "办理单位", "id": "编号", "identity": "身份",
    "in": "属于", "indicator": "指标", "industry": "行业", "inspectors": "检查人员", "intake": "接收", "item": "目录项",
    "items": "目录项", "keeping": "保存", "key": "主键", "kind": "类别", "label": "名称", "length": "长度",
    "letter": "文书", "level": "级别", "levels": "级别", "list": "名单", "lists": "名单", "mask": "遮盖",
    "material": "材料", "matter": "事项", "matters": "事项", "max": "最大", "max_length": "最多字数",
    "max_mb": "最大（MB）", "max_months": "最长（月）", "meaning": "含义", "measure": "措施", "message": "提示语",
    "min": "最小", "min_months": "最短（月）", "minimum": "最低", "model": "模型", "months": "月数", "must": "必须是",
    "name": "名称", "natural_persons": "自然人", "nature": "信息性质", "needs": "须具备", "not_before": "不早于",
    "not_future": "不晚于今天", "note": "说明", "number": "文号", "on": "在", "on_time": "按时率", "opens": "转入",
    "otherwise": "否则", "owner": "由谁办理", "parent": "上级", "part": "部分", "pattern": "写法", "period": "期限",
    "periods": "期限", "permanent": "长期", "pick_by": "按哪个日期选版本", "points": "分值", "procedure": "程序",
    "proportionality": "相当性", "protects_applicant": "保护申请人", "public": "公开", "publication": "公布",
    "publicities": "公示类别", "publicity": "公示", "publish": "公示",
    "rank": "次序", "ratio": "比例", "reason": "理由", "receiver": "接收方",
    "record": "记录", "records": "记录", "region": "行政区划", "remedy": "怎样补救", "remind_before": "提前几日提醒",
    "repeat_every": "每几日催办", "required": "必填", "required_when": "何时必填", "result": "结果",
    "retention": "保存期限", "role": "角色", "rows": "行", "rule": "规则", "scope": "范围", "score": "得分",
    "section": "条款", "sees": "当事人看到", "serves": "用于办理",
    "severities": "失信程度", "severity": "失信程度", "sharing": "共享属性",
    "sharing_condition": "共享条件", "source": "信源单位", "stage": "阶段", "standing": "状态", "standings": "状态",
    "start": "起点", "starts_on": "从哪天起算", "state": "状态", "statement": "陈述", "status": "状态", "step": "环节",
    "steps": "环节", "stop": "停止于", "subject": "主体", "subject_kinds": "主体类型", "subjects": "主体",
    "summary": "概要", "suspended_in": "暂停于", "table": "代码表", "takes": "可改的", "target": "对象", "targets": "对象",
    "tell": "告知", "term": "期限", "test": "判断式", "text": "正文", "then": "届满后", "third_party": "第三方",
    "tier": "层级", "timeliness": "及时性", "title": "标题", "told": "告知", "tone": "性质", "type": "类型",
    "types": "格式", "unit": "单位", "until": "截止于", "value": "值", "verification": "核查", "version": "版本",
    "veto": "一票否决", "weight": "权重", "when": "何时", "who": "由谁", "window": "时间窗", "within": "之内",
    "within_days": "几日内", "word": "编号用字", "working_days": "工作日", "years": "年数", "good": "正例", "bad": "反例",
    "agency": "单位", "file": "文件", "template": "模板", "templates": "模板", "examples": "示例", "gap_series": "编号序列",
    "colour": "颜色", "history_months": "回看（月）", "class": "分类", "exemption": "免查", "frequency": "频次",
    "pool": "抽查池", "alert": "预警", "lock": "锁定", "attempts": "错几次", "minutes": "分钟", "session": "会话",
    "idle_minutes": "闲置（分钟）", "hours": "小时", "step_up_minutes": "重新认证间隔（分钟）", "password": "密码",
    "history": "不重复最近几个", "invitation_days": "邀请有效（天）", "signature": "请求签名",
    "window_minutes": "时间窗（分钟）",
}  # fmt: skip
"""What the keys of the files are called; English readers see the keys themselves, which are English words."""
_LONG = 200
"""Rows of a part that are shown; the file has the rest."""
_NAMES = (
    "label",
    "title",
    "name",
    "text",
    "message",
    "document",
    "id",
    "code",
    "kind",
    "word",
    "severity",
    "step",
    "role",
)


@dataclass(frozen=True)
class Line:
    """A key and its value as text."""

    key: str
    text: str


@dataclass(frozen=True)
class Part:
    """A group of like things under their key; `more` are those that are not shown."""

    key: str
    entries: list[Outline]
    more: int = 0


@dataclass(frozen=True)
class Outline:
    """Something with its facts and its parts."""

    title: str
    lines: list[Line] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)


def outline(model: BaseModel, *, english: bool = False, without: frozenset[str] = frozenset()) -> Outline:
    """The model as an outline; keys of `without` are left out at the top."""
    made = Outline(_title(model, english))
    for name, info in type(model).model_fields.items():
        value, key = getattr(model, name), info.alias or name
        if key in without or _empty(value, info.default) or _other_tongue(model, name, english):
            continue
        word = key_word(key.removesuffix("_en") if english else key, english=english)
        parts = _parts(value)
        if parts is None:
            made.lines.append(Line(word, shown(value)))
        else:
            entries = [outline(part, english=english) for part in parts[:_LONG]]
            made.parts.append(Part(word, entries, max(0, len(parts) - _LONG)))
    return made


def key_word(key: str, *, english: bool = False) -> str:
    """What a key is called."""
    if english:
        return key.replace("_", " ")
    own = key.removesuffix("_en")
    return f"{KEYS[own]}（英文）" if own != key and own in KEYS else KEYS.get(key, key)


def _title(model: BaseModel, english: bool) -> str:
    for name in _NAMES:
        value = getattr(model, f"{name}_en", None) if english else None
        value = value or getattr(model, name, None)
        if isinstance(value, str) and value:
            return value
    return type(model).__name__


def _empty(value: Any, default: Any) -> bool:
    return value is None or value == "" or value == () or value == {} or (value is False and default is False)


def _other_tongue(model: BaseModel, name: str, english: bool) -> bool:
    if name.endswith("_en"):
        return not english
    return english and bool(getattr(model, f"{name}_en", None))


def _parts(value: Any) -> list[BaseModel] | None:
    """The models in a value, or None for one that is told in a line."""
    if isinstance(value, Basis | Effective):
        return None
    if isinstance(value, BaseModel):
        return [value]
    if isinstance(value, tuple) and value and all(isinstance(v, BaseModel) for v in value):
        return None if all(isinstance(v, Basis) for v in value) else list(value)
    if isinstance(value, Mapping) and value and all(isinstance(v, BaseModel) for v in value.values()):
        return list(value.values())
    return None


def shown(value: Any) -> str:
    """A value in a line."""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, Basis):
        return value.text
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, tuple | list | set | frozenset):
        return "；".join(shown(v) for v in value)
    if isinstance(value, Mapping):
        return "；".join(f"{k}：{shown(v)}" for k, v in value.items())
    return str(value)
