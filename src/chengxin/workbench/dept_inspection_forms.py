"""What is filled in on the way of a random inspection: plan, draw, inspectors, results."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengxin.supervision.inspection import photos
from chengxin.supervision.inspection.refusals import NotPossible
from chengxin.workbench.department import Pairs
from chengxin.workbench.dept_forms import DAY, Date, day_input


class PlanForm(forms.Form):
    """A plan of random inspection: by which policy, for which period (R-157)."""

    policy = forms.ChoiceField(
        label=gettext_lazy("抽查办法"), error_messages={"required": gettext_lazy("请选择按哪一个抽查办法。")}
    )
    title = forms.CharField(
        label=gettext_lazy("计划名称"),
        help_text=gettext_lazy("例如：2026 年四季度排污单位双随机抽查。公布时大家看到的就是这个名称。"),
        max_length=200,
        error_messages={"required": gettext_lazy("请写计划名称。")},
    )
    starts = Date(label=gettext_lazy("开始日期"), widget=day_input(), error_messages=DAY)
    ends = Date(
        label=gettext_lazy("结束日期"),
        help_text=gettext_lazy("与开始日期在同一年内。"),
        widget=day_input(),
        error_messages=DAY,
    )


class DrawForm(forms.Form):
    """What the draw takes in beside the seed."""

    beacon = forms.CharField(
        label=gettext_lazy("作计划时谁也不知道的公开数值"),
        help_text=gettext_lazy("例如当天公布的开奖号码。有了它，连制定计划的人也左右不了结果。"),
        required=False,
        max_length=200,
    )


class InspectorForm(forms.Form):
    """Somebody on the roll of inspectors (执法检查人员名录库)."""

    unit = forms.ChoiceField(label=gettext_lazy("单位"))
    number = forms.CharField(
        label=gettext_lazy("执法证号"), max_length=40, error_messages={"required": gettext_lazy("请填写执法证号。")}
    )
    name = forms.CharField(
        label=gettext_lazy("姓名"), max_length=60, error_messages={"required": gettext_lazy("请填写姓名。")}
    )
    person = forms.CharField(
        label=gettext_lazy("登录名"),
        help_text=gettext_lazy("填了登录名，本人登录后就能看到自己的检查任务。"),
        required=False,
        max_length=150,
    )
    employers = forms.CharField(
        label=gettext_lazy("现在或曾经任职单位的统一社会信用代码"),
        help_text=gettext_lazy("一行一个。抽到这些单位时，本人自动回避。"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RecuseForm(forms.Form):
    """Somebody who must not inspect a subject (回避)."""

    code = forms.CharField(
        label=gettext_lazy("检查对象的统一社会信用代码"),
        max_length=64,
        error_messages={"required": gettext_lazy("请填写检查对象的统一社会信用代码。")},
    )
    reason = forms.CharField(
        label=gettext_lazy("回避的理由"),
        help_text=gettext_lazy("只在内部留存，不公布。"),
        max_length=300,
        error_messages={"required": gettext_lazy("请写明回避的理由。")},
    )


class _Several(forms.FileField):
    """A file field for several files at once; what is not chosen is none."""

    class Input(forms.FileInput):
        allow_multiple_selected = True

    widget = Input

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, (list, tuple)) else [data]
        return [super(_Several, self).clean(one, initial) for one in given if one]


class ResultForm(forms.Form):
    """What was found at a drawn subject, and what it looked like there (R-166)."""

    result = forms.ChoiceField(
        label=gettext_lazy("检查结果"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择一个检查结果。")},
    )
    inspected_on = Date(label=gettext_lazy("检查日期"), widget=day_input(), error_messages=DAY)
    matters = forms.MultipleChoiceField(
        label=gettext_lazy("检查了哪些事项"),
        help_text=gettext_lazy("都不选，就是全部事项。"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    findings = forms.CharField(
        label=gettext_lazy("发现的问题"),
        help_text=gettext_lazy("没有发现问题可以不填。"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    snap = _Several(
        label=gettext_lazy("现拍一张照片"),
        help_text=gettext_lazy("手机上会打开相机；保存以后可以再拍。拍摄地点和手机型号等信息不会保留。"),
        required=False,
        widget=forms.FileInput(attrs={"accept": photos.ACCEPTED, "capture": "environment"}),
        error_messages={"empty": gettext_lazy("这张照片是空文件，请重拍。")},
    )
    photos = _Several(
        label=gettext_lazy("或者选已经拍好的照片"),
        help_text=gettext_lazy("可以一次选几张。"),
        required=False,
        widget=_Several.Input(attrs={"accept": photos.ACCEPTED}),
        error_messages={"empty": gettext_lazy("这张照片是空文件，请重拍。")},
    )
    drop = forms.MultipleChoiceField(
        label=gettext_lazy("去掉哪几张照片"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, labels: list[str], known: Pairs, there: Pairs | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drawn: list[photos.Drawn] = []
        self.there = len(there or [])
        self.fields["drop"].choices = there or []  # type: ignore[attr-defined]
        if not there:
            del self.fields["drop"]
        self.fields["result"].choices = [(label, label) for label in labels]  # type: ignore[attr-defined]
        self.fields["matters"].choices = known  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The photos are drawn anew before anything is saved: with one that is none, nothing is."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("snap", "photos"):
            try:
                self.drawn += [photos.draw(p, p.name) for p in cleaned.get(name) or []]
            except NotPossible as refused:
                self.add_error(name, str(refused))
        if self.there - len(cleaned.get("drop") or []) + len(self.drawn) > photos.AT_MOST:
            self.add_error("photos", _("一户最多 %(most)s 张照片；请先删去不要的。") % {"most": photos.AT_MOST})
        return cleaned
