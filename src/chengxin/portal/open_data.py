"""Open data: everything public to take whole, with the number from which the change feed goes on (anchors.md 1.11, R-109)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import public
from chengxin.design.shapes import Cell, Column, Crumb, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.publish import table_schema
from chengxin.portal.answers import polite, revalidated, told
from chengxin.registry.open_data import fit, folder, given_out, newest, public_fields
from chengxin.registry.packs import policies

FORMATS = {"csv.gz": ("csv", "application/gzip"), "parquet": ("parquet", "application/vnd.apache.parquet")}
_COMES_IN = 120
"""Seconds after which it is worth while to ask again for a file that is made anew."""
_OPEN = public("what is public is for everybody to take (R-109)")


@_OPEN
@require_safe
@revalidated
def index(request: HttpRequest) -> HttpResponseBase:
    """The files of the newest snapshot, how to keep a copy up, and the ways for programs."""
    snapshot = newest()
    rows = [_row(i) for i in snapshot["items"]] if snapshot else []
    columns = [
        Column(_("目录项")),
        Column(_("条数"), number=True),
        Column(_("表格")),
        Column("Parquet"),
        Column(_("栏目说明")),
    ]
    shown = {
        "snapshot": snapshot, "table": Table(_("各目录项的数据文件"), columns, rows),
        "crumbs": [Crumb(_("首页"), reverse("home"))],
        "changes": f"{reverse('api:list_changes')}?after={snapshot['change'] if snapshot else 0}",
    }  # fmt: skip
    return render(request, "portal/open_data.html", shown)


@_OPEN
@require_safe
@revalidated
def data_package(request: HttpRequest) -> HttpResponseBase:
    """The snapshot as a Frictionless Data Package: files, fields, and the change it was made at."""
    snapshot = newest()
    if snapshot is None:
        raise Http404(_("还没有生成开放数据。"))
    packs, day = policies(), timezone.localdate()
    resources = []
    for item in snapshot["items"]:
        try:
            if not fit(item, day):
                continue
            found = packs.item(item["item"], day)
        except UnknownPolicy:
            continue
        names = {f.id for f in public_fields(found)}
        schema = table_schema(found, packs)
        schema["fields"] = [f for f in schema["fields"] if f["name"] in names]
        files = [{"format": short, "path": request.build_absolute_uri(_file(item["item"], long))}
                 for long, (short, _type) in FORMATS.items()]  # fmt: skip
        resources.append(
            {
                "name": item["item"],
                "title": item["label"],
                "rows": item["rows"],
                "change": item["change"],
                "created": item["made_at"],
                "files": files,
                "schema": schema,
            }
        )
    content = {
        "name": "chengxin-open-data",
        "created": snapshot["made_at"],
        "change": snapshot["change"],
        "resources": resources,
    }
    return told(content)


@_OPEN
@require_safe
@polite
def download(request: HttpRequest, item: str, format: str) -> HttpResponseBase:
    """One file of the newest snapshot; 503 while it is made anew."""
    told = next((i for i in (newest() or {"items": []})["items"] if i["item"] == item), None)
    if format not in FORMATS or told is None:
        raise Http404(_("没有这份数据文件，请看开放数据页上列出的。"))
    try:
        file = (Path(folder()) / f"{item}.{format}").open("rb")
    except FileNotFoundError:
        return _coming(request, told)
    if not given_out(item, timezone.localdate()):  # asked with the file in hand: what is opened now stays as it was
        file.close()
        return _coming(request, told)
    name = f"{item}-{told['day']}.{format}"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=FORMATS[format][1])
    response["Cache-Control"] = "no-cache"
    return response


def _coming(request: HttpRequest, item: dict[str, Any]) -> HttpResponseBase:
    """The file was taken back, because something in it is not public any more, and is made anew."""
    shown = {"item": item, "crumbs": [Crumb(_("首页"), reverse("home")), Crumb(_("开放数据"), reverse("open-data"))]}
    response = render(request, "portal/open_data_coming.html", shown, status=503)
    response["Retry-After"] = _COMES_IN
    return response


def _row(item: dict[str, Any]) -> list[Any]:
    files: list[Any] = [
        Cell(_size(item["bytes"].get(short)), _file(item["item"], long)) for long, (short, _type) in FORMATS.items()
    ]
    if not fit(item, timezone.localdate()):
        files = [_("正在重新生成")] * len(files)
    return [named(item), item["rows"], *files, Cell(item["item"], reverse("item", args=[item["item"]]))]


def _file(item: str, format: str) -> str:
    return reverse("open-data-file", args=[item, format])


def _size(size: int | None) -> str:
    if not size:
        return "—"
    return f"{size / 1024**2:.1f} MB" if size >= 1024**2 else f"{max(1, round(size / 1024))} KB"
