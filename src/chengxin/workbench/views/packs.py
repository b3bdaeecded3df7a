"""Policies for readers: every file with its basis, version and dates, what is assumed, and what changed between two versions
(R-001, R-005, R-006). Policies are changed in their folder and checked by `chengxin policy check`, never here."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import signed_in
from chengxin.accounts.words import english
from chengxin.design.shapes import Cell, Column, Count, Crumb, Fact, Tab, Table
from chengxin.design.words import noted
from chengxin.policy.catalogue import Item
from chengxin.policy.diff import Difference, compare
from chengxin.policy.outline import key_word, outline
from chengxin.policy.policies import Loaded, Policies
from chengxin.policy.procedures import Procedure
from chengxin.policy.schema import Header
from chengxin.registry.packs import policies

PER_PAGE = 40
HEAD = frozenset({"kind", "authority", "version", "effective", "basis", "id", "label", "label_en"})
"""What the head of the page says already."""


class PackFilter(forms.Form):
    """Which files."""

    kind = forms.ChoiceField(label=gettext_lazy("种类"), required=False)
    authority = forms.ChoiceField(label=gettext_lazy("制定机关"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("施行"), required=False)
    q = forms.CharField(label=gettext_lazy("名称或编号"), required=False, max_length=60)

    def __init__(self, *args: Any, packs: Policies, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = [("", _("全部"))]
        kinds = sorted({one.pack.kind for one in packs.loaded})
        authorities = sorted({one.pack.authority for one in packs.loaded})
        states = [("now", _("现行")), ("coming", _("尚未施行")), ("over", _("已失效"))]
        self.fields["kind"].choices = every + [(k, kind_word(k)) for k in kinds]  # type: ignore[attr-defined]
        self.fields["authority"].choices = every + [(a, a) for a in authorities]  # type: ignore[attr-defined]
        self.fields["state"].choices = every + states  # type: ignore[attr-defined]


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every file of the packs, narrowed by kind, authority and whether it is in force."""
    packs, today = policies(), timezone.localdate()
    form = PackFilter(request.GET, packs=packs)
    form.is_valid()
    found = [one for one in packs.loaded if _fits(one, form.cleaned_data, today)]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    assumed = {a.file for a in packs.assumptions}
    rows = [
        [Cell(name_of(one.pack, one.file), _address(one.file)), kind_word(one.pack.kind), one.pack.authority,
         one.pack.version, one.pack.effective.start, one.pack.effective.end or _("至今"), _state(one.pack, today),
         Cell(_("有暂定"), tone="warn") if one.file in assumed else ""]
        for one in page
    ]  # fmt: skip
    columns = [
        Column(_("名称")), Column(_("种类")), Column(_("制定机关")), Column(_("版本")), Column(_("施行自")), Column(_("施行至")),
        Column(_("现在")), Column(_("暂定")),
    ]  # fmt: skip
    shown = {
        "form": form, "page": page, "table": Table(_("政策文件"), columns, rows), "tabs": tabs("packs"),
        "counts": [Count(_("政策文件"), len(packs.loaded)), Count(_("暂定之处"), len(packs.assumptions), "warn")],
        "digest": packs.digest[:12],
    }  # fmt: skip
    return render(request, "workbench/admin_packs.html", shown)


def _fits(one: Loaded, told: dict[str, Any], today: date) -> bool:
    pack, words = one.pack, str(told.get("q") or "").lower()
    return (
        told.get("kind") in ("", None, pack.kind)
        and told.get("authority") in ("", None, pack.authority)
        and told.get("state") in ("", None, _state_word(pack, today))
        and words in f"{name_of(pack, one.file)} {one.file}".lower()
    )


@signed_in
@require_safe
def show(request: HttpRequest, file: str) -> HttpResponse:
    """One file in words: its head, its basis, what is assumed, its parts, and the text as it is written."""
    packs, today = policies(), timezone.localdate()
    one = _loaded(packs, file)
    pack = one.pack
    facts = [
        Fact(_("种类"), kind_word(pack.kind)),
        Fact(_("制定机关"), pack.authority),
        Fact(_("版本"), pack.version, code=True),
        Fact(_("施行自"), pack.effective.start),
        Fact(_("施行至"), pack.effective.end or _("至今")),
        Fact(_("现在"), _state(pack, today).text),
        Fact(_("文件"), one.file, code=True),
    ]
    others = [o for o in packs.loaded if o is not one and same(o.pack, pack)]
    shown = {
        "name": name_of(pack, one.file), "facts": facts, "pack": pack, "file": one.file,
        "crumbs": [Crumb(_("政策包"), reverse("packs"))],
        "assumed": [a for a in packs.assumptions if a.file == one.file],
        "others": [(o, _compare_address(*sorted((o, one), key=_start))) for o in others],
        "outline": outline(pack, english=english(), without=HEAD), "text": _text(packs, one.file),
        "public": _public(pack),
    }  # fmt: skip
    return render(request, "workbench/admin_pack.html", shown)


@signed_in
@require_safe
def compared(request: HttpRequest) -> HttpResponse:
    """What changed from one version to another, with the days on which each holds."""
    packs = policies()
    pairs = versions(packs)
    chosen = request.GET.get("a", ""), request.GET.get("b", "")
    shown: dict[str, Any] = {"tabs": tabs("pack-compare"), "pairs": [(a, b, _compare_address(a, b)) for a, b in pairs]}
    if all(chosen):
        before, after = (_loaded(packs, file) for file in chosen)
        if not same(before.pack, after.pack):
            raise Http404(_("这两个文件不是同一份政策的两个版本。"))
        found = compare(before.pack, after.pack)
        shown |= {
            "before": before,
            "after": after,
            "name": name_of(after.pack, after.file),
            "table": _differences(found),
        }
    return render(request, "workbench/admin_compare.html", shown)


@signed_in
@require_safe
def assumptions(request: HttpRequest) -> HttpResponse:
    """Everything that is assumed until somebody has read the official text."""
    packs = policies()
    page = Paginator(packs.assumptions, PER_PAGE).get_page(request.GET.get("page"))
    rows = [[Cell(a.file, _address(a.file)), a.where, a.note] for a in page]
    columns = [Column(_("文件")), Column(_("何处")), Column(_("暂定什么、为什么"), wide=True)]
    shown = {"tabs": tabs("pack-assumptions"), "page": page, "table": Table(_("暂定之处"), columns, rows)}
    return render(request, "workbench/admin_assumptions.html", shown)


def kind_word(kind: str) -> str:
    """What a kind of file is called."""
    return {
        "agencies": _("信源单位"), "alerts": _("预警规则"), "catalogue": _("归集目录项"), "codes": _("代码表"),
        "commitments": _("信用承诺"), "disclosure": _("公示期限"), "evaluation": _("评价模型"), "forbidden": _("禁止收集"),
        "inspection": _("抽查规则"), "inspection-record": _("抽查记录"), "lists": _("名单"), "measures": _("奖惩措施"),
        "procedure": _("办事程序"), "quality": _("数据质量目标"), "queries": _("查询依据"), "receivers": _("接收方"),
        "repair": _("修复规则"), "report": _("报告版式"), "retention": _("保存期限"),
        "sign-in": _("登录与会话"),
    }.get(kind, kind)  # fmt: skip


def name_of(pack: Header, file: str) -> str:
    """What a file is called: its own label, or its kind and whose it is."""
    names = ("label_en", "label", "title_en", "title") if english() else ("label", "title")
    own = next((value for n in names if isinstance(value := getattr(pack, n, None), str) and value), "")
    return own or noted(kind_word(pack.kind), file.rsplit("/", 1)[-1].removesuffix(".toml"))


def same(a: Header, b: Header) -> bool:
    """Whether two files are versions of one policy: of one kind and id, or the only ones of their kind and authority."""
    if type(a) is not type(b):
        return False
    ids = getattr(a, "id", None), getattr(b, "id", None)
    return ids[0] == ids[1] and (ids[0] is not None or a.authority == b.authority)


def versions(packs: Policies) -> list[tuple[Loaded, Loaded]]:
    """Every policy of which there are several versions, each with the one before it."""
    groups: dict[tuple[str, Any], list[Loaded]] = {}
    for one in packs.loaded:
        own = getattr(one.pack, "id", None)
        if own is not None:
            groups.setdefault((one.pack.kind, own), []).append(one)
    ordered = (sorted(group, key=_start) for group in groups.values())
    return [pair for group in ordered for pair in pairwise(group)]


def tabs(here: str) -> list[Tab]:
    words = (("packs", _("全部政策")), ("pack-compare", _("版本比较")), ("pack-assumptions", _("暂定之处")))
    return [Tab(word, reverse(name), name == here) for name, word in words]


def _start(one: Loaded) -> date:
    return one.pack.effective.start


def _loaded(packs: Policies, file: str) -> Loaded:
    found = next((one for one in packs.loaded if one.file == file), None)
    if found is None:
        raise Http404(_("没有这份政策文件。"))
    return found


def _state_word(pack: Header, today: date) -> str:
    return "now" if pack.effective.holds(today) else "coming" if pack.effective.start > today else "over"


def _state(pack: Header, today: date) -> Cell:
    word = _state_word(pack, today)
    texts = {"now": (_("现行"), "good"), "coming": (_("尚未施行"), "info"), "over": (_("已失效"), "")}
    text, tone = texts[word]
    return Cell(text, tone=tone)  # type: ignore[arg-type]


def _address(file: str) -> str:
    return reverse("pack", args=[file])


def _compare_address(a: Loaded, b: Loaded) -> str:
    return f"{reverse('pack-compare')}?{urlencode({'a': a.file, 'b': b.file})}"


def _public(pack: Header) -> str:
    """The page of the same thing for the public, where there is one."""
    if isinstance(pack, Item):
        return reverse("item", args=[pack.id])
    return reverse("guide-procedure", args=[pack.id]) if isinstance(pack, Procedure) else ""


def _text(packs: Policies, file: str) -> str:
    """The file itself; `file` is one of the names that were read, never a path of the reader's."""
    return (packs.folder / file).read_text("utf-8")


def _differences(found: tuple[Difference, ...]) -> Table:
    words = {"added": _("新增"), "removed": _("删去"), "changed": _("修改")}
    tones: dict[str, Any] = {"added": "good", "removed": "bad", "changed": "info"}
    rows = [[_where(d.where), Cell(words[d.what], tone=tones[d.what]), d.before or "—", d.after or "—"] for d in found]
    columns = [Column(_("何处")), Column(_("怎样")), Column(_("原来"), wide=True), Column(_("现在"), wide=True)]
    return Table(_("差别"), columns, rows, empty=_("除了版本号和日期，没有差别。"))


def _side(text: str | None) -> str:
    return "—" if text in (None, "", "nothing") else str(text)


def _where(where: str) -> str:
    return " › ".join(key_word(part, english=english()) for part in where.split())
