"""What is filled in on the way of a random inspection: plan, draw, inspectors, results."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

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


class ResultForm(forms.Form):
    """What was found at a drawn subject (R-166)."""

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

    def __init__(self, *args: Any, labels: list[str], known: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["result"].choices = [(label, label) for label in labels]  # type: ignore[attr-defined]
        self.fields["matters"].choices = known  # type: ignore[attr-defined]
