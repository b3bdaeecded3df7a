"""What people fill in on the department's pages; what may be filled in is decided by the rooms below."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengxin.workbench.department import Pairs

Date = forms.DateField
DAY = {"invalid": gettext_lazy("请写成 2026-11-21 这样的日期。"), "required": gettext_lazy("请填写日期。")}


def day_input() -> forms.DateInput:
    """A date as browsers know it; where they do not, it is typed as 2026-11-21."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def some(label: str, choices: Pairs) -> list[tuple[str, str]]:
    """Choices with a first one that chooses nothing."""
    return [("", label), *choices]


class RosterForm(forms.Form):
    """Whom to list: of one model, by grade, place, industry, list, since when, name or code."""

    model = forms.ChoiceField(label=gettext_lazy("评价模型"), required=False)
    q = forms.CharField(label=gettext_lazy("名称或代码"), required=False, max_length=100)
    grade = forms.ChoiceField(label=gettext_lazy("等级"), required=False)
    region = forms.ChoiceField(label=gettext_lazy("地区"), required=False)
    industry = forms.ChoiceField(label=gettext_lazy("行业"), required=False)
    list = forms.ChoiceField(label=gettext_lazy("名单"), required=False)
    since = Date(label=gettext_lazy("自何日起变动"), required=False, widget=day_input(), error_messages=DAY)

    def __init__(self, *args: Any, choices: dict[str, Pairs], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["model"].choices = choices["model"]  # type: ignore[attr-defined]
        for name in ("grade", "region", "industry", "list"):
            self.fields[name].choices = some(_("全部"), choices[name])  # type: ignore[attr-defined]


class VerifyForm(forms.Form):
    """What is decided about results that wait to be verified; which of them is ticked in the table."""

    whom = forms.ChoiceField(label=gettext_lazy("办哪些"), widget=forms.RadioSelect, initial="ticked")
    outcome = forms.ChoiceField(label=gettext_lazy("结论"), error_messages={"required": gettext_lazy("请选择结论。")})
    grade = forms.ChoiceField(label=gettext_lazy("改定为"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        help_text=gettext_lazy("不予采用或者改定等级时要写明，主体看得到。"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, outcomes: Pairs, grades: Pairs, total: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = some(_("请选择"), outcomes)  # type: ignore[attr-defined]
        self.fields["whom"].choices = [  # type: ignore[attr-defined]
            ("ticked", _("勾选的")), ("all", _("等这一步的全部 %(n)s 个") % {"n": total}),
        ]  # fmt: skip
        if grades:
            self.fields["grade"].choices = some(_("不改"), grades)  # type: ignore[attr-defined]
        else:
            del self.fields["grade"]


class EntriesForm(forms.Form):
    """Which entries of lists to show."""

    list = forms.ChoiceField(label=gettext_lazy("名单"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("走到哪一步"), required=False)
    q = forms.CharField(label=gettext_lazy("名称或代码"), required=False, max_length=100)

    def __init__(self, *args: Any, lists: Pairs, states: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["list"].choices = some(_("全部"), lists)  # type: ignore[attr-defined]
        self.fields["state"].choices = some(_("全部"), states)  # type: ignore[attr-defined]


class CodeForm(forms.Form):
    """Whom something is about."""

    code = forms.CharField(
        label=gettext_lazy("统一社会信用代码"),
        max_length=64,
        error_messages={"required": gettext_lazy("请填写统一社会信用代码。")},
    )


class ProposalForm(forms.Form):
    """A proposal for a list, on records that show the criterion (R-171, R-181)."""

    criterion = forms.ChoiceField(
        label=gettext_lazy("符合哪一条认定标准"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择符合哪一条认定标准。")},
    )
    records = forms.MultipleChoiceField(
        label=gettext_lazy("依据哪些信用信息"), required=False, widget=forms.CheckboxSelectMultiple
    )
    text = forms.CharField(
        label=gettext_lazy("事实和理由"),
        help_text=gettext_lazy("当事人看得到：写清什么时间、什么行为、违反什么规定。"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("请写明事实和理由，当事人有权知道。")},
    )

    def __init__(self, *args: Any, criteria: Pairs, records: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["criterion"].choices = criteria  # type: ignore[attr-defined]
        self.fields["records"].choices = records  # type: ignore[attr-defined]
        if not records:
            del self.fields["records"]


class PaperForm(forms.Form):
    """What a step of a listing leaves behind: outcome, document, words, day. What a step does not need is not asked."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("结果"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择一个结果。")},
    )
    document = forms.CharField(
        label=gettext_lazy("文书的文号"),
        help_text=gettext_lazy("例如：苏环告〔2026〕12号。"),
        max_length=100,
        error_messages={"required": gettext_lazy("请写明文书的文号。")},
    )
    text = forms.CharField(
        label=gettext_lazy("理由或者内容"),
        help_text=gettext_lazy("当事人看得到这段话。"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("请写明理由或者内容，当事人有权知道。")},
    )
    on = Date(label=gettext_lazy("办理日期"), widget=day_input(), error_messages=DAY)

    def __init__(
        self, *args: Any, outcomes: Pairs | None = None, document: bool = False, text: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if outcomes:
            self.fields["outcome"].choices = outcomes  # type: ignore[attr-defined]
        else:
            del self.fields["outcome"]
        self.fields["document"].required = document
        self.fields["text"].required = text

    def clean_on(self) -> date:
        """No step is taken on a day to come."""
        day: date = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("这一天还没有到，请填今天或者以前的日期。"))
        return day


class ExitForm(PaperForm):
    """An application to leave a list early: each condition of the pack is ticked when it is shown to be met (R-184)."""

    conditions = forms.MultipleChoiceField(
        label=gettext_lazy("已经核实满足的条件"), required=False, widget=forms.CheckboxSelectMultiple
    )
    field_order = ("conditions", "document", "text", "on")

    def __init__(self, *args: Any, conditions: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["conditions"].choices = conditions  # type: ignore[attr-defined]


class ResponseForm(forms.Form):
    """The answer of an implementing body: applied with three judgements, or not applicable with the reason (R-187)."""

    response = forms.ChoiceField(
        label=gettext_lazy("反馈"),
        widget=forms.RadioSelect,
        choices=[
            ("accepted", gettext_lazy("已执行")),
            ("not-applicable", gettext_lazy("不适用")),
        ],
        error_messages={"required": gettext_lazy("请选择已执行还是不适用。")},
    )
    checks = forms.MultipleChoiceField(
        label=gettext_lazy("执行之前逐项确认（不适用的不用选）"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("legal", gettext_lazy("合法：措施在清单之内，有法律法规依据")),
            ("associated", gettext_lazy("关联：措施与失信行为有关")),
            ("proportionate", gettext_lazy("比例：措施与失信行为的严重程度相当")),
        ],
    )
    note = forms.CharField(
        label=gettext_lazy("怎样执行，或者为什么不适用"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("请写明怎样执行，或者为什么不适用。")},
    )


class UseForm(forms.Form):
    """One use of a measure in a matter (奖惩成效, R-191)."""

    agency = forms.ChoiceField(label=gettext_lazy("实施单位"))
    measure = forms.ChoiceField(
        label=gettext_lazy("措施"), error_messages={"required": gettext_lazy("请选择用了哪一项措施。")}
    )
    code = forms.CharField(
        label=gettext_lazy("对象的统一社会信用代码"),
        max_length=64,
        error_messages={"required": gettext_lazy("请填写对象的统一社会信用代码。")},
    )
    matter = forms.ChoiceField(
        label=gettext_lazy("办事事项"), error_messages={"required": gettext_lazy("请选择在哪个办事事项上用的。")}
    )
    detail = forms.CharField(
        label=gettext_lazy("具体事项"),
        help_text=gettext_lazy("例如：不予受理 2026 年大气污染防治专项资金申报。"),
        max_length=500,
        error_messages={"required": gettext_lazy("请写明具体事项。")},
    )

    def __init__(self, *args: Any, agencies: Pairs, measures: Pairs, matters: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].choices = agencies  # type: ignore[attr-defined]
        if len(agencies) == 1:
            self.fields["agency"].widget = forms.HiddenInput()
            self.initial.setdefault("agency", agencies[0][0])
        self.fields["measure"].choices = some(_("请选择"), measures)  # type: ignore[attr-defined]
        self.fields["matter"].choices = some(_("请选择"), matters)  # type: ignore[attr-defined]


class EffectsForm(forms.Form):
    """The month of an effect list."""

    month = forms.RegexField(
        r"^(19|20)\d{2}-(0[1-9]|1[0-2])$",
        label=gettext_lazy("月份"),
        widget=forms.TextInput(attrs={"type": "month"}),
        error_messages={
            "invalid": gettext_lazy("请写成 2026-11 这样的月份。"),
            "required": gettext_lazy("请填写月份。"),
        },
    )


class AlertsForm(forms.Form):
    """Which alerts to show."""

    rule = forms.ChoiceField(label=gettext_lazy("哪一种提醒"), required=False)
    seen = forms.ChoiceField(label=gettext_lazy("看过没有"), required=False)

    def __init__(self, *args: Any, rules: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = some(_("全部"), rules)  # type: ignore[attr-defined]
        self.fields["seen"].choices = [("", _("还没有签收的")), ("all", _("全部"))]  # type: ignore[attr-defined]
