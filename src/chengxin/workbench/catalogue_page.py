"""The catalogue as the workbench shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.design.shapes import Cell, Column, Fact, Tab, Table
from chengxin.design.templatetags.chengxin import expected, level_label, named
from chengxin.design.words import within
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies, UnknownPolicy
from chengxin.policy.publish import describe
from chengxin.policy.rules import Rule
from chengxin.workbench.batch_findings import tone_of

PARTS = ("fields", "rules", "sources", "versions")


def index_table(items: Sequence[Item], units: Mapping[str, int], rows: Mapping[str, int]) -> Table:
    """One row an item."""
    columns = [
        Column(_("目录项")), Column(_("版本")), Column(_("栏目"), number=True), Column(_("信源单位"), number=True),
        Column(_("公示")), Column(_("报送周期")), Column(_("本月收到（行）"), number=True),
    ]  # fmt: skip
    told = [
        [
            Cell(named(i), reverse("workbench-catalogue-item", args=[i.id]), note=i.id),
            i.version,
            len(i.kept_fields),
            units[i.id],
            _disclosure(i),
            i.cycle,
            rows.get(i.id) or 0,
        ]
        for i in items
    ]
    return Table(_("归集目录里现行的目录项"), columns, told, empty=_("没有符合条件的目录项。"))


def _disclosure(item: Item) -> str:
    if item.double_publicity:
        return _("双公示")
    return _("公示") if item.disclosure == "public" else _("不公示")


def tabs(item: Item, part: str, current: Item) -> list[Tab]:
    """The parts of an item."""
    labels = {"fields": _("栏目"), "rules": _("校验规则"), "sources": _("信源单位"), "versions": _("版本")}
    here = reverse("workbench-catalogue-item", args=[item.id])
    old = {"version": item.version} if item.version != current.version else {}
    return [Tab(labels[p], f"{here}?{urlencode({'part': p, **old})}", current=p == part) for p in PARTS]


def facts(item: Item, packs: Policies) -> list[Fact]:
    """What is known of an item."""
    found = [
        Fact(_("编号与版本"), f"{item.id} · {item.version} · {item.effective}", code=True),
        Fact(_("归集依据"), item.basis_text),
        Fact(_("报送周期"), item.cycle),
        Fact(_("公示"), _disclosure(item)),
        Fact(_("政策文件"), packs.file_of(item), code=True),
    ]
    if item.timeliness:
        found.insert(3, Fact(_("报送时限"), within(item.timeliness.working_days)))
    return found


def fields_table(item: Item, packs: Policies) -> Table:
    """The fields and how they are filled in."""
    columns = [
        Column(_("栏目")), Column(_("代码")), Column(_("怎么填"), wide=True), Column(_("必填")), Column(_("示例")),
        Column(_("也认的名称")),
    ]  # fmt: skip
    rows = [
        [
            named(f),
            "、".join((f.id, *f.codes)),
            describe(f, packs),
            _("必填") if f.required else _("视情况") if f.required_when else _("选填"),
            str(f.example) if f.example is not None else "—",
            "、".join(f.aliases) or "—",
        ]
        for f in item.kept_fields
    ]
    return Table(_("每一栏的名称、代码和填法"), columns, rows)


def rules_table(item: Item, packs: Policies) -> Table:
    """The rules that hold today, or held last, with what a receipt says."""
    labels = {f.id: named(f) for f in item.fields}
    columns = [
        Column(_("要求"), wide=True), Column(_("栏目")), Column(_("不符合时")), Column(_("在哪一步查")),
        Column(_("规则编号")), Column(_("依据"), wide=True),
    ]  # fmt: skip
    stages = {"form": _("逐格"), "meaning": _("逐行"), "file": _("全文件"), "register": _("对照登记库")}
    rows = [
        [
            expected(r),
            "、".join(labels[f] for f in r.fields if f in labels) or "—",
            Cell(level_label(r.level), tone=tone_of(r.level)),
            stages.get(r.stage, r.stage),
            r.id,
            _("同目录项") if r.basis in ("", item.basis_text) else r.basis,
        ]
        for r in _rules(item, packs)
    ]
    return Table(_("每条规则的要求、结果和编号"), columns, rows, empty=_("这个版本没有现行的规则。"))


def _rules(item: Item, packs: Policies) -> Sequence[Rule]:
    """The rules of this version: today's while it is in force, else those of its last day."""
    today, held = timezone.localdate(), item.effective
    day = today if held.holds(today) else held.start if today < held.start else held.end or held.start
    try:
        return packs.rules(item.id, day)
    except UnknownPolicy:
        return ()


def sources_table(item: Item, packs: Policies) -> Table:
    """Who submits the item."""
    columns = [Column(_("信源单位")), Column(_("编号")), Column(_("统一社会信用代码")), Column(_("批次"))]
    rows = [
        [
            named(a),
            a.id,
            a.code,
            Cell(_("看批次"), f"{reverse('batches')}?{urlencode({'item': item.id, 'source': a.id})}"),
        ]
        for a in packs.agencies
        if a.may_submit(item.id)
    ]
    return Table(_("可以报送这一项的信源单位"), columns, rows, empty=_("还没有指定信源单位。"))


def versions_table(versions: Sequence[Item], current: Item) -> Table:
    """Every version, the newest first."""
    columns = [
        Column(_("版本")),
        Column(_("有效期")),
        Column(_("状态")),
        Column(_("栏目"), number=True),
        Column(_("依据")),
    ]
    rows = [
        [
            Cell(v.version, f"?{urlencode({'version': v.version})}"),
            str(v.effective),
            Cell(_("现行"), tone="good") if v is current else Cell(_("非现行"), tone=""),
            len(v.kept_fields),
            v.basis_text,
        ]
        for v in reversed(versions)
    ]
    return Table(_("这一项的各个版本"), columns, rows)
