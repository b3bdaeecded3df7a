"""Where two snapshots differ, in words a reader finds on the paper: chapter, record, field; never a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

Place = tuple[str, ...]


def differences(right: Any, found: Any, at: Place = ()) -> Iterator[Place]:
    """The places at which `found` differs from `right`; one that is missing or too many is one place."""
    if isinstance(right, dict) and isinstance(found, dict):
        for key in sorted({*right, *found}):
            here = (*at, _word(key))
            if key not in right or key not in found:
                yield here
            else:
                yield from differences(right[key], found[key], here)
    elif isinstance(right, list) and isinstance(found, list):
        for n in range(max(len(right), len(found))):
            if n >= len(right) or n >= len(found):
                yield (*at, f"[{n + 1}]")
            else:
                yield from differences(right[n], found[n], (*at, _name(right[n], n)))
    elif right != found or type(right) is not type(found):
        yield at


def said(place: Place) -> str:
    """A place as one line: 「行政处罚信息 › 苏环罚〔2026〕1号（12-1） › 罚款金额（万元）」."""
    return " › ".join(part for part in place if part)


_KEYS = {
    "subject": _("主体"), "name": _("名称"), "code": _("代码"), "kind": _("类别"), "number": _("编号"),
    "summary": _("概要"), "count": _("条数"), "latest": _("最近日期"), "template": _("模板"), "version": _("版本"),
    "digest": _("摘要"), "basis": _("依据"), "day": _("日期"), "issued_at": _("出具时间"), "valid_until": _("有效期"),
    "issuer": _("出具单位"), "purpose": _("用途"), "authorisation": _("授权书"), "period": _("期限"),
    "fields_of_law": _("领域"), "verify": _("核验地址"), "policies": _("规则集"), "feed": _("变更序号"),
    "checkpoint": _("日志检查点"), "size": _("大小"), "root": _("根"),
    "title": _("标题"), "source": _("来源"), "severity": _("失信程度"), "mark": _("标注"), "standing": _("状态"),
    "public_until": _("公示至"), "repair_from": _("可申请修复"), "verdict": _("结论"), "outcome": _("结论"),
    "empty": _("没有信息时的说明"), "language": _("语言"), "shadow": _("各栏摘要"), "data": _("数据摘要"), "pages": _("各页摘要"),
}  # fmt: skip
_SILENT = {"chapters", "records", "fields", "value", "applicants", "statements", "findings", "label", "text"}
"""Keys that say nothing to a reader: what they hold is named by its own label."""


def _word(key: str) -> str:
    return "" if key in _SILENT else str(_KEYS.get(key, key))


def _name(value: Any, n: int) -> str:
    if isinstance(value, dict):
        if "title" in value and ("id" in value or "record" in value):
            return f"[{n + 1}] {value.get('id') or value.get('record')}"
        return str(value.get("label") or value.get("code") or f"[{n + 1}]")
    return f"[{n + 1}]"
