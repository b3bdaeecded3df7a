"""The sealed result of a batch query or a credit review as a table: CSV, or XLSX with a sheet for each catalogue item.

The sealed file stays what was handed out (`results`); a table is drawn from it each time it is asked for, after its data
have been checked against its manifest, and says so on its last sheet (R-113, W-08).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from chengxin.accounts.words import english
from chengxin.cases.errors import CaseRefused
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies, UnknownPolicy
from chengxin.registry.models import Severity, Standing
from chengxin.registry.packs import policies
from chengxin.standards.cells import csv_lines

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The forms there are, with their media types."""
_CELL_LIMIT = 32_767
_TITLE_LIMIT = 31
_NOT_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True)
class Sheet:
    """A table: its name, its headings, its rows as long as the headings."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


def drawn(sealed: Path, form: str) -> bytes:
    """The sealed result at this place as `csv` or `xlsx`, in the reader's language.

    Raises `CaseRefused` when it is no longer what was sealed, and KeyError for another form.
    """
    make: dict[str, Callable[[dict[str, Any], list[dict[str, Any]]], bytes]] = {"csv": _csv, "xlsx": _xlsx}
    return make[form](*opened(sealed))


def opened(sealed: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The manifest and the data, one row a subject. Raises `CaseRefused` when the data are not those of the manifest."""
    try:
        with zipfile.ZipFile(sealed) as archive:
            data, manifest = archive.read("data.jsonl"), orjson.loads(archive.read("manifest.json"))
        whole = hashlib.sha256(data).hexdigest() == manifest["sha256"]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        whole = False
    if not whole:
        raise CaseRefused(gettext_noop("结果文件和它的校验清单不一致，不能使用，请联系运行人员。"))
    return manifest, [orjson.loads(line) for line in data.splitlines()]


def _csv(manifest: dict[str, Any], rows: list[dict[str, Any]]) -> bytes:
    """All records under each other, with the fields of all items beside each other; subjects without a record too."""
    parts = list(_parts(manifest, rows))
    heads = list(dict.fromkeys(head for part in parts for head in part.heads))
    told = (dict(zip(part.heads, row, strict=True)) for part in parts for row in part.rows)
    return "".join(csv_lines(heads, ([row.get(h, "") for h in heads] for row in told))).encode()


def _parts(manifest: dict[str, Any], rows: list[dict[str, Any]]) -> Iterator[Sheet]:
    """A table for each catalogue item, and one for the subjects of which there is nothing."""
    packs, day = policies(), date.fromisoformat(manifest["day"])
    if any("found" in row for row in rows):
        yield _counts(packs, day, rows)
        return
    found: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {}
    for row in rows:
        for record in row["records"]:
            found.setdefault(record["item"], []).append((row, record))
    for item, records in found.items():
        yield _records(_item(packs, item, day), item, records)
    nothing = [[row["code"], row["name"], _("没有记录")] for row in rows if not row["records"]]
    nothing += [[code, "", _("登记库没有这个主体")] for code in manifest["unknown"]]
    if nothing:
        yield Sheet(_("没有记录的主体"), [*_who(), _("目录项")], nothing)


def _records(
    item: Item | None, id: str, records: Sequence[tuple[dict[str, Any], dict[str, Any]]]
) -> Sheet:  # fmt: skip
    """The records of one item, its fields in the order of the catalogue."""
    labels = {f.id: _named(f) for f in item.fields} if item else {}
    told = {name for _row, record in records for name in record} - {"item", "record", "standing"}
    fields = [f for f in labels if f in told] + sorted(told - set(labels))
    label = _named(item) if item else id
    rows = [
        [
            row["code"], row["name"], label, str(record["record"]), str(Standing(record["standing"]).label),
            *(_text(record.get(name)) for name in fields),
        ]
        for row, record in records
    ]  # fmt: skip
    fixed = [*_who(), _("目录项"), _("记录编号"), _("状态")]
    return Sheet(label, fixed + _apart([labels.get(f, f) for f in fields], fields, fixed), rows)


def _counts(packs: Policies, day: date, rows: Sequence[dict[str, Any]]) -> Sheet:
    """The credit review: how many records of which item and degree, a line each; a subject without any has one line."""
    told: list[list[Any]] = []
    for row in rows:
        lines = [(*key.partition(":")[::2], count) for key, count in row["found"].items()]
        for item, severity, count in lines or [("", "", 0)]:
            known = _item(packs, item, day)
            degree = str(Severity(severity).label) if severity else ""
            told.append([row["code"], row["name"], _named(known) if known else item, degree, count])
    return Sheet(_("审查结果"), [*_who(), _("目录项"), _("失信程度"), _("条数")], told)


def _xlsx(manifest: dict[str, Any], rows: list[dict[str, Any]]) -> bytes:
    """A sheet for each part, and at the end what was handed out to whom; texts stay texts, no formulas, no links."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    # The same result is the same file: no clock of ours in it.
    book.set_properties({"created": datetime.fromisoformat(manifest["day"])})
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EDEDED", "text_wrap": True})
    titles: set[str] = set()
    for part in (*_parts(manifest, rows), _told(manifest)):
        _write(book.add_worksheet(_title(part.title, titles)), part, head)
    book.close()
    return out.getvalue()


def _write(sheet: Any, part: Sheet, head: Any) -> None:
    for column, label in enumerate(part.heads):
        sheet.set_column(column, column, 22)
        sheet.write_string(0, column, label, head)
    for number, row in enumerate(part.rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(number, column, value)
            elif value:
                sheet.write_string(number, column, value[:_CELL_LIMIT])
    sheet.freeze_panes(1, 0)
    if part.rows:
        sheet.autofilter(0, 0, len(part.rows), len(part.heads) - 1)


def _told(manifest: dict[str, Any]) -> Sheet:
    names = {
        "case": _("办件"), "requested_by": _("查询单位"), "approved_by": _("批准人"), "day": _("日期"),
        "purpose": _("用途"), "basis": _("法律依据"), "subjects": _("主体（个）"), "sha256": "SHA-256", "sm3": "SM3",
    }  # fmt: skip
    rows = [[label, str(manifest.get(name, ""))] for name, label in names.items()]
    return Sheet(_("校验清单"), [_("项目"), _("内容")], rows)


def _title(wanted: str, taken: set[str]) -> str:
    """A name that a sheet may have, different from those before it."""
    plain = wanted.translate(_NOT_IN_TITLES).strip()
    made, n = plain[:_TITLE_LIMIT], 1
    while made.casefold() in taken:
        n += 1
        made = f"{plain[: _TITLE_LIMIT - 4]} {n}"
    taken.add(made.casefold())
    return made


def _who() -> list[str]:
    return [_("统一社会信用代码"), _("主体名称")]


def _apart(labels: Sequence[str], ids: Sequence[str], fixed: Sequence[str]) -> list[str]:
    """Headings by which no two columns are taken for one: where a name comes twice, the field's id goes with it."""
    every = [*fixed, *labels]
    return [f"{label} ({id})" if every.count(label) > 1 else label for label, id in zip(labels, ids, strict=True)]


def _item(packs: Policies, id: str, day: date) -> Item | None:
    """The item as it was in force when the result was made; None where the packs know it no longer."""
    try:
        return packs.item(id, day)
    except UnknownPolicy:
        return None


def _named(thing: Any) -> str:
    return str(thing.label_en if english() and thing.label_en else thing.label)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
