"""The form of a simulation by numbers, and its report in tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from chengxin.accounts.words import english, people
from chengxin.design.shapes import Cell, Chart, Column, Count, Fact, Series, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.evaluation.models import Simulation
from chengxin.evaluation.simulating import FILES, folder_of
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.evaluation_change import Number, numbers
from chengxin.policy.policies import Policies
from chengxin.registry.packs import policies
from chengxin.workbench import department as desk

SHOWN = 30
"""So many of those who would move stand on the page; all of them are in moves.csv."""


class NumbersForm(forms.Form):
    """The numbers of a model, each as it is now, to be tried otherwise."""

    def __init__(self, *args: Any, model: Evaluation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in numbers(model):
            self.fields[n.key] = forms.DecimalField(
                label=label(n),
                initial=n.value.normalize(),
                max_digits=12,
                decimal_places=4,
                widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
                error_messages={"required": _("请填写一个数；不改就填原来的数。"), "invalid": _("这里要填一个数。")},
            )

    def sections(self) -> list[tuple[str, list[Any]]]:
        """The fields by what they are: start and thresholds, points, bounds."""
        found: dict[str, list[Any]] = {_("起始分和等级"): [], _("每个指标的分值"): [], _("每个指标的上下限"): []}
        first, points, bounds = found.values()
        for name in self.fields:
            place = points if name.endswith(".points") else bounds if name.startswith("indicator") else first
            place.append(self[name])
        return [(title, fields) for title, fields in found.items() if fields]

    def clean(self) -> dict[str, Any]:
        """Trying what is already so says nothing."""
        given = self.cleaned_data
        if not self.errors and all(given[name] == self.fields[name].initial for name in self.fields):
            raise forms.ValidationError(_("还没有改任何一个数。改一个再试。"))
        return given


def label(n: Number) -> str:
    """What a number is called, with what it is of."""
    name = n.label_en if english() else n.label
    words = {
        "score": _("起始分"),
        "grade": _("“%(name)s”的得分不低于"),
        "points": _("%(name)s：每项分值"),
        "floor": _("%(name)s：最低分"),
        "ceiling": _("%(name)s：最高分"),
    }
    return words[n.group] % {"name": name}


def facts(row: Simulation) -> list[Fact]:
    """What was tried, by whom, beside what."""
    found = [
        Fact(_("草案"), f"{row.label}（{row.version}）"),
        Fact(_("对照"), row.against_version or _("没有对照")),
        Fact(_("谁做的"), people([row.actor])[row.actor]),
        Fact(_("什么时候"), row.asked_at),
    ]
    if row.changes:
        found.append(Fact(_("改了什么"), "；".join(row.changes)))
    return found


def report(row: Simulation, packs: Policies) -> dict[str, Any]:
    """Everything the page of a finished simulation shows."""
    result, draft = row.result, Evaluation.model_validate_json(row.draft)
    known = {m.id: m for m in packs.of(Evaluation) if (m.id, m.version) == (row.against, row.against_version)}
    labels = {g.id: named(g) for model in (*known.values(), draft) for g in model.grades} | {"": _("不参评")}
    folder = folder_of(row)
    return {
        "counts": [
            Count(_("参评主体"), result["subjects"]),
            Count(_("等级变动"), result["moved"], tone="warn" if result["moved"] else ""),
            Count(_("上升"), result["up"], tone="good" if result["up"] else ""),
            Count(_("下降"), result["down"], tone="bad" if result["down"] else ""),
        ],
        "chart": _chart(result, labels, bool(row.against)),
        "migration": _migration(result, labels) if row.against else None,
        "indicators": _indicators(result) if row.against else None,
        "splits": _splits(result),
        "moves": _moves(result, labels, {i.id: named(i) for m in (*known.values(), draft) for i in m.indicators}),
        "files": [f"{name}.csv" for name in FILES if (folder / f"{name}.csv").is_file()],
    }


def _chart(result: dict[str, Any], labels: dict[str, str], compared: bool) -> Chart:
    grades = result["grades"]
    now, then = [g["before"] for g in grades], [g["after"] for g in grades]
    series = [Series(_("模拟"), then)]
    if compared:
        series.insert(0, Series(_("现在"), now))
    sentence = _("参评 %(subjects)s 个，等级变动 %(moved)s 个：上升 %(up)s 个，下降 %(down)s 个。") % {
        k: result[k] for k in ("subjects", "moved", "up", "down")
    }
    return Chart(
        _("等级分布"),
        sentence,
        [labels.get(g["grade"], g["grade"]) for g in grades],
        series,
        unit=_("个"),
        corner=_("等级"),
    )


def _migration(result: dict[str, Any], labels: dict[str, str]) -> Table:
    columns = result["columns"]
    return Table(
        _("从哪一级到哪一级（行：现在；列：模拟）"),
        [Column(_("现在")), *(Column(labels.get(c, c), number=True) for c in columns)],
        [[labels.get(r["before"], r["before"]), *(c["subjects"] for c in r["cells"])] for r in result["matrix"]],
    )


def _indicators(result: dict[str, Any]) -> Table:
    return Table(
        _("哪些指标造成变动"),
        desk.columns(_("指标"), _("分值不同的主体"), _("其中等级变动的"), _("平均分差"), wide=(0,), number=(1, 2, 3)),
        [
            [i["label"], i["subjects"], i["movers"], f"{Decimal(str(i['difference'])).normalize():+f}"]
            for i in result["indicators"]
        ],
        empty=_("没有一个指标的分值不同。"),
    )


def _splits(result: dict[str, Any]) -> list[Table]:
    """By place, trade and size; places and trades by their names of today in the reader's language."""
    packs = policies()
    titles: tuple[tuple[str, str, Callable[[dict[str, Any]], str]], ...] = (
        ("by_region", _("按地区"), lambda row: desk.place(packs, row["code"])),
        ("by_industry", _("按行业"), lambda row: desk.section(packs, row["code"])),
        ("by_size", _("按规模"), lambda row: str(row["label"])),
    )
    return [_split(title, result[key], name) for key, title, name in titles if result.get(key)]


def _split(title: str, rows: Sequence[dict[str, Any]], name: Callable[[dict[str, Any]], str]) -> Table:
    columns = [Column(title), *(Column(w, number=True) for w in (_("参评"), _("变动"), _("上升"), _("下降")))]
    return Table(
        title, columns, [[name(r) or _("没有登记"), r["subjects"], r["moved"], r["up"], r["down"]] for r in rows]
    )


def _moves(result: dict[str, Any], labels: dict[str, str], indicators: dict[str, str]) -> Table:
    """The first who would move, those whose score moves most first."""
    return Table(
        _("变动的主体"),
        desk.columns(_("主体"), _("等级"), _("得分"), _("原因"), wide=(0, 3), number=(2,)),
        [
            [
                Cell(
                    m["name"] or _("（自然人）"),
                    href=reverse("dept-subject", args=[m["code"]]) if m["code"] else "",
                    note=m["code"],
                ),
                f"{labels.get(m['before'], m['before'])} → {labels.get(m['after'] or '', m['after'])}",
                f"{_score(m['score_before'])} → {_score(m['score_after'])}",
                "；".join(_cause(w, indicators) for w in m["why"]),
            ]
            for m in result["moves"][:SHOWN]
        ],
        empty=_("没有主体的等级会变动。"),
    )


def _score(value: Any) -> str:
    return "—" if value is None else f"{Decimal(str(value)).normalize():f}"


def _cause(words: str, indicators: dict[str, str]) -> str:
    """`penalties -4.0 → -2.0` with the indicator's own name and no needless zeros."""
    id, _space, rest = words.partition(" ")
    points = [_score(p) for p in rest.split(" → ")]
    return f"{indicators.get(id, id)} {' → '.join(points)}"
