"""The catalogue as a public standard: Frictionless Table Schema and Data Package, made from the policies (R-005, R-008)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from chengxin.policy.catalogue import Item
from chengxin.policy.fields import Field
from chengxin.policy.policies import Policies
from chengxin.standards.uscc import USCC_ALPHABET

TYPES = {"date": "date", "amount": "number", "integer": "integer", "year": "year"}
"""Our types and those of Table Schema; all others are strings."""

PATTERNS = {"uscc": f"[{USCC_ALPHABET}]{{18}}", "organisation_code": "[0-9A-Z]{8}-?[0-9X]"}

PROFILE = "tabular-data-package"


def table_schema(item: Item, policies: Policies) -> dict[str, Any]:
    """The item's kept fields as a Frictionless Table Schema (https://specs.frictionlessdata.io/table-schema/).

    Names are field ids, titles the Chinese labels; code tables become `enum`; what Table Schema has no word for (codes,
    aliases, English labels, what is dropped) stands under keys that begin with `chengxin:`.
    """
    return {
        "fields": [_field(f, item, policies) for f in item.kept_fields],
        "primaryKey": list(item.record.key),
        "missingValues": [""],
        "chengxin:dropped": [
            {"name": f.id, "title": f.label, "codes": list(f.codes)} for f in item.fields if not f.kept
        ],
    }


def schema_for_file(
    item: Item, policies: Policies, headings: Sequence[str], position: Mapping[str, int]
) -> dict[str, Any]:
    """The item's Table Schema as one file of it is laid out: its headings, in its order, for checking it as it is.

    `position` says which column (0-based) is which field. Columns that are no field may hold anything, required fields
    that the file lacks follow under their labels. Every word of a code table and every common form of a date pass, as
    they do with us; where we only doubt or warn (`levels`), the schema does not refuse.
    """
    fields = {f.id: f for f in item.kept_fields}
    of_column = {n: fields[name] for name, n in position.items() if name in fields}
    told = [_as_headed(of_column.get(n), heading, item, policies) for n, heading in enumerate(headings)]
    lacking = [f for f in item.kept_fields if f.required and f.id not in position]
    return {"fields": [*told, *(_field(f, item, policies) | {"name": f.label} for f in lacking)], "missingValues": [""]}


def _as_headed(f: Field | None, heading: str, item: Item, policies: Policies) -> dict[str, Any]:
    if f is None:
        return {"name": heading, "type": "string"}
    told = _field(f, item, policies) | {"name": heading}
    limits = told.get("constraints", {})
    lenient = {"codes": "enum", "pattern": "pattern", "length": "maxLength", "organisation_code": "pattern"}
    limits = {k: v for k, v in limits.items() if k not in {lenient.get(level) for level in f.levels}}
    if "enum" in limits:
        limits["enum"] = list(policies.codes(f.table or "").lookup)
    return told | {"constraints": limits} | ({"format": "any"} if f.type == "date" else {})


def data_package(policies: Policies, on: date) -> dict[str, Any]:
    """All items in force on that day as one Data Package (https://specs.frictionlessdata.io/data-package/)."""
    return {
        "profile": PROFILE,
        "name": "chengxin-catalogue",
        "title": "公共信用信息归集目录",
        "version": policies.digest[:12],
        "created": f"{on}T00:00:00Z",
        "resources": [_resource(item, policies) for item in policies.items(on)],
    }


def _resource(item: Item, policies: Policies) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": item.id,
        "title": item.label,
        "description": item.description or item.label_en,
        "path": f"{item.id}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": table_schema(item, policies),
        "sources": [{"title": b.text, **({"path": b.url} if b.url else {})} for b in item.basis],
        "chengxin:version": item.version,
        "chengxin:effective": {"from": str(item.effective.start), "to": str(item.effective.end or "")},
    }


def _field(f: Field, item: Item, policies: Policies) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": f.id,
        "title": f.label,
        "description": describe(f, policies),
        "type": TYPES.get(f.type, "string"),
        "example": f.example,
        "chengxin:label_en": f.label_en,
        "chengxin:type": f.type,
        "chengxin:codes": list(f.codes),
        "chengxin:aliases": list(f.aliases),
        "chengxin:disclosure": f.disclosure,
    }
    if f.type == "amount":
        told["bareNumber"] = True
        told["chengxin:unit"] = f.unit
    if limits := _constraints(f, item, policies):
        told["constraints"] = limits
    return told


def _constraints(f: Field, item: Item, policies: Policies) -> dict[str, Any]:
    number = float if f.type == "amount" else int
    pattern = f.pattern or PATTERNS.get(f.type)
    limits = {
        "required": True if f.required else None,
        "unique": True if item.record.key == (f.id,) else None,
        "minLength": f.min_length if f.type not in TYPES else None,
        "maxLength": f.length if f.type not in TYPES else None,
        "pattern": pattern if f.type not in TYPES else None,
        "minimum": number(f.min) if f.min is not None else None,
        "maximum": number(f.max) if f.max is not None else None,
        "enum": list(policies.codes(f.table).labels) if f.type == "code" and f.table else None,
    }
    return {key: limit for key, limit in limits.items() if limit is not None and limit != []}


TYPE_WORDS = {
    "text": "文字",
    "name": "单位名称",
    "person_name": "姓名",
    "uscc": "统一社会信用代码，18 位",
    "subject_code": "统一社会信用代码，18 位；老主体可用旧注册号",
    "organisation_code": "组织机构代码，8 位加 1 位校验码",
    "registration_number": "工商注册号，15 位或 13 位",
    "tax_number": "纳税人识别号，18 位或 15 位",
    "citizen_id": "公民身份号码，18 位",
    "date": "日期，如 2026-03-01",
    "amount": "金额，单位{unit}，只写数字",
    "integer": "整数",
    "year": "年份，四位数字",
    "code": "从代码表中选一项",
    "code_set": "从代码表中选一项或几项，用「、」隔开",
    "phone": "电话号码",
    "document_number": "文号，照文书原样",
}


def describe(f: Field, policies: Policies) -> str:
    """One sentence for whoever fills in the column: what is written here and in which form."""
    words = TYPE_WORDS[f.type].replace("{unit}", "万元" if f.unit == "wan" else "元")
    parts = [f.description, words]
    if f.length:
        parts.append(f"不超过 {f.length} 个字")
    if f.not_future:
        parts.append("不晚于报送日")
    if f.table and f.table in policies.tables:
        parts.append(f"代码表：{policies.codes(f.table).label}")
    return "；".join(p.rstrip("。；") for p in parts if p)
