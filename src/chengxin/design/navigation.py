"""The ways through the platform that stand on every page: main navigation and footer, from one list each (F-26).

An address that this installation does not have leaves its entry out, so that a face may come later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from chengxin.design.shapes import Tab


@dataclass(frozen=True)
class Entry:
    """An entry of a navigation: its label, its address, and what else belongs to it."""

    label: Any
    path: str
    also: Sequence[str] = ()


MAIN = (
    Entry(_("信用查询"), "/search", ("/subjects/",)),
    Entry(_("双公示"), "/publicity"),
    Entry(_("公示名单"), "/lists"),
    Entry(_("信用承诺"), "/commitments"),
    Entry(_("抽查"), "/inspections"),
    Entry(_("政策动态"), "/news"),
    Entry(_("服务"), "/guide", ("/verify", "/feedback")),
    Entry(_("我的信用"), "/my"),
    Entry(_("工作台"), "/workbench"),
)

FOOTER = (
    Entry(_("服务指南"), "/guide"),
    Entry(_("核验信用报告"), "/verify"),
    Entry(_("归集目录与数据标准"), "/catalogue"),
    Entry(_("开放数据"), "/open-data"),
    Entry(_("统计"), "/statistics"),
    Entry(_("意见反馈"), "/feedback"),
    Entry(_("接口文档"), "/api"),
    Entry(_("网站地图"), "/site-map"),
    Entry(_("样式指南"), "/styleguide"),
)


def here(path: str) -> str:
    """The address of the entry that `path` belongs to, or ""."""
    return next((e.path for e in MAIN if _covers(e, path)), "")


def main_menu(here: str) -> list[Tab]:
    """The main navigation with the entry of this address as the present one."""
    return [Tab(str(e.label), e.path, current=e.path == here) for e in MAIN if _exists(e.path)]


def footer_menu() -> list[Tab]:
    """The links under every page."""
    return [Tab(str(e.label), e.path) for e in FOOTER if _exists(e.path)]


def _covers(entry: Entry, path: str) -> bool:
    return path == entry.path or path.startswith((f"{entry.path}/", *entry.also))


@lru_cache(maxsize=64)
def _exists(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
