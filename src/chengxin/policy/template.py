"""The table to fill in: one XLSX per item with drop-downs, explanations and formats (R-005; F-02 file channel)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from chengxin.policy.catalogue import Item
from chengxin.policy.fields import Field
from chengxin.policy.policies import Policies
from chengxin.policy.publish import describe
from chengxin.policy.rules import Rule

DATA, GUIDE, LISTS = "数据", "填写说明", "代码表"
ROWS = 10_000
"""So many rows carry drop-downs and formats; more may be filled in, without them."""

EXCEL_LIST = 255
"""Excel takes a drop-down written out in the cell up to this many characters; longer ones stand on a hidden sheet."""

LEVELS = {"reject": "退回", "doubt": "存疑", "warn": "提示"}


@dataclass(frozen=True)
class Styles:
    """The few looks of the workbook."""

    required: Format
    optional: Format
    text: Format
    date: Format
    number: Format
    wrap: Format
    title: Format


def xlsx_template(item: Item, policies: Policies, on: date | None = None) -> bytes:
    """The workbook as bytes: sheet 数据 with nothing but the header row, sheet 填写说明 with every field, an example row
    and the rules, and a hidden sheet with long code lists. The example never stands among the data.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": item.label, "comments": f"{item.id} {item.version}", "created": item.effective.start})
    styles = _styles(book)
    data, guide, lists = (book.add_worksheet(name) for name in (DATA, GUIDE, LISTS))
    lists.hide()
    day = on or item.effective.start
    sources = _lists(lists, item, policies, day)
    for column, field in enumerate(item.kept_fields):
        _column(data, column, field, policies, styles, sources.get(field.id))
    data.freeze_panes(1, 0)
    data.set_row(0, 30)
    _guide(guide, item, policies, styles, day)
    book.close()
    return buffer.getvalue()


def _styles(book: Workbook) -> Styles:
    head = {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter", "align": "center"}
    return Styles(
        required=book.add_format({**head, "bg_color": "#C00000", "font_color": "#FFFFFF"}),
        optional=book.add_format({**head, "bg_color": "#DDEBF7"}),
        text=book.add_format({"num_format": "@"}),
        date=book.add_format({"num_format": "yyyy-mm-dd"}),
        number=book.add_format({"num_format": "0.######"}),
        wrap=book.add_format({"text_wrap": True, "valign": "top"}),
        title=book.add_format({"bold": True, "font_size": 14}),
    )


def heading(field: Field) -> str:
    """What stands over the column: the label, marked with * when the column is required."""
    return field.label + ("*" if field.required else "")


def _column(
    sheet: Worksheet, column: int, field: Field, policies: Policies, styles: Styles, source: list[str] | str | None
) -> None:
    """Header, comment, width, format and drop-down of one column."""
    sheet.write_string(0, column, heading(field), styles.required if field.required else styles.optional)
    sheet.write_comment(0, column, comment(field, policies), {"x_scale": 2.4, "y_scale": 2})
    look = {"date": styles.date, "amount": styles.number, "integer": styles.number}.get(field.type, styles.text)
    sheet.set_column(column, column, min(max(len(field.label) * 2 + 2, 14), 40), look)
    if source is not None:
        many = field.type == "code_set"
        sheet.data_validation(1, column, ROWS, column, {
            "validate": "list",
            "source": source,
            "ignore_blank": True,
            "error_type": "information" if many else "stop",
            "error_title": field.label,
            "error_message": "可从列表中选一项；多项之间用「、」隔开。" if many else "请从列表中选择。",
        })  # fmt: skip


def comment(field: Field, policies: Policies) -> str:
    """The note on a header cell: code, form, required or not, example, what is refused."""
    lines = [f"代码：{'、'.join(field.codes)}" if field.codes else "", f"填写：{describe(field, policies)}"]
    need = "必填" if field.required else "按本行其他栏目的内容可能必填" if field.required_when else "选填"
    lines += [need, f"示例：{field.example}", f"不收：{field.bad}" if field.bad else ""]
    return "\n".join(line for line in lines if line)


def _lists(sheet: Worksheet, item: Item, policies: Policies, on: date) -> dict[str, list[str] | str]:
    """The source of each drop-down: the labels themselves if they are few, else a range of the hidden sheet."""
    sources: dict[str, list[str] | str] = {}
    ranges: dict[str, str] = {}
    for field in item.kept_fields:
        table = policies.tables.get(field.table or "")
        labels = [row.label for row in table.current(on)] if table else []
        if table is None or not labels:
            continue
        if len(",".join(labels)) <= EXCEL_LIST and not any("," in label for label in labels):
            sources[field.id] = labels
            continue
        if table.id not in ranges:
            column = len(ranges)
            sheet.write_column(0, column, labels)
            letter = xlsxwriter.utility.xl_col_to_name(column)
            ranges[table.id] = f"={LISTS}!${letter}$1:${letter}${len(labels)}"
        sources[field.id] = ranges[table.id]
    return sources


def _guide(sheet: Worksheet, item: Item, policies: Policies, styles: Styles, on: date) -> None:
    """Sheet 填写说明: what the item is, every field with its example, an example row, the rules in words."""
    sheet.set_column(0, 0, 28, styles.wrap)
    sheet.set_column(1, 5, 30, styles.wrap)
    sheet.write_string(0, 0, f"{item.label}（{item.id}，版本 {item.version}）", styles.title)
    sheet.write_string(1, 0, f"依据：{item.basis_text}")
    sheet.write_string(
        2, 0, f"报送周期：{item.cycle}；请只在「{DATA}」表中填写，一行一条信息，不要改动表头，不要合并单元格。"
    )
    row = _table(sheet, 4, ["栏目", "代码", "填写要求", "是否必填", "示例", "备注"], [
        [f.label, "、".join(f.codes), describe(f, policies), "必填" if f.required else "选填", f.example or "", f.note or ""]
        for f in item.kept_fields
    ], styles)  # fmt: skip
    sheet.write_string(row + 1, 0, f"示例行（仅供参照，不要抄进「{DATA}」表）", styles.title)
    row = _table(
        sheet, row + 2, [f.label for f in item.kept_fields], [[f.example or "" for f in item.kept_fields]], styles
    )
    dropped = [f"{f.label}（{'、'.join(f.codes)}）" for f in item.fields if not f.kept]
    if dropped:
        sheet.write_string(row + 1, 0, "不要报送的栏目（报送了也会丢弃，不保存）：" + "、".join(dropped))
        row += 2
    sheet.write_string(row + 1, 0, "校验规则", styles.title)
    rules = policies.rules(item.id, on) if item in policies.items(on) else ()
    _table(sheet, row + 2, ["规则编号", "结果", "要求", "说明", "依据"], [_rule(r) for r in rules], styles)


def _rule(rule: Rule) -> list[str]:
    return [rule.id, LEVELS[rule.level], rule.expected, rule.message.replace("{found}", "……"), rule.basis]


def _table(sheet: Worksheet, row: int, head: list[str], rows: list[list[str]], styles: Styles) -> int:
    """Write a small table and give the row behind it."""
    for column, text in enumerate(head):
        sheet.write_string(row, column, text, styles.optional)
    for number, cells in enumerate(rows, row + 1):
        for column, text in enumerate(cells):
            sheet.write_string(number, column, text, styles.wrap)
    return row + len(rows) + 1
