"""What is filled in when units are asked about what looks wrong, and when they answer (R-047, R-060)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengxin.collection.models import Reminder
from chengxin.collection.reminders import OUTCOMES, Asking
from chengxin.workbench.forms import Pairs

_DAY = {"invalid": gettext_lazy("日期要写成 2026-02-01 这样。"), "required": gettext_lazy("请选择请对方回复的日期。")}


def _day() -> forms.DateField:
    return forms.DateField(
        label=gettext_lazy("请在此日期前回复"), widget=forms.DateInput(attrs={"type": "date"}), error_messages=_DAY
    )


class AskForm(forms.Form):
    """Which suspects are asked about, how urgently and by when."""

    rows = forms.MultipleChoiceField(
        label=gettext_lazy("要问的"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请至少勾选一处要问的。")},
    )  # fmt: skip
    level = forms.ChoiceField(
        label=gettext_lazy("怎么催"), choices=Reminder.Level.choices, initial=Reminder.Level.REMIND,
        help_text=gettext_lazy("催过没有结果的，改用督办。"),
    )  # fmt: skip
    answer_by = _day()
    remark = forms.CharField(
        label=gettext_lazy("另外的要求"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: object, rows: Pairs, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["rows"].choices = rows  # type: ignore[attr-defined]

    def chosen(self) -> list[int]:
        return [int(n.split(":", 1)[0]) for n in self.cleaned_data["rows"]]

    def asking(self) -> Asking:
        given = self.cleaned_data
        return Asking(given["level"], given["answer_by"], given["remark"].strip())


class AnswerForm(forms.Form):
    """What the unit found and did."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("办理结果"), choices=list(OUTCOMES.items()), widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择办理结果。")},
    )  # fmt: skip
    words = forms.CharField(
        label=gettext_lazy("情况说明"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("查了什么、怎么办的；补报了的写上批次号。"),
        error_messages={"required": gettext_lazy("请写明查了什么、怎么办的。")},
    )  # fmt: skip


class CloseForm(forms.Form):
    """Whether the answer does."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("怎么处理"), widget=forms.RadioSelect,
        choices=[("close", gettext_lazy("可以，办结")), ("again", gettext_lazy("还不行，再次要求"))],
        error_messages={"required": gettext_lazy("请选择怎么处理。")},
    )  # fmt: skip
    remark = forms.CharField(
        label=gettext_lazy("还要对方做什么"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("再次要求时必填。"),
    )  # fmt: skip
    answer_by = forms.DateField(
        label=gettext_lazy("新的回复日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("再次要求时必填。"), error_messages=_DAY,
    )  # fmt: skip

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        if given.get("verdict") == "again":
            if not str(given.get("remark") or "").strip():
                self.add_error("remark", _("请写明为什么还不行，要对方再做什么。"))
            if not given.get("answer_by") and "answer_by" not in self.errors:
                self.add_error("answer_by", _("请选择新的回复日期。"))
        return given


class ReminderFilterForm(forms.Form):
    """Which reminders to list; an unknown value lists all."""

    state = forms.ChoiceField(label=gettext_lazy("状态"), required=False)
    level = forms.ChoiceField(label=gettext_lazy("怎么催"), required=False)
    source = forms.ChoiceField(label=gettext_lazy("信源单位"), required=False)
    month = forms.RegexField(
        r"^\d{4}-\d{2}$", label=gettext_lazy("月份"), required=False, widget=forms.TextInput(attrs={"type": "month"})
    )

    def __init__(self, *args: object, sources: Pairs, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        every = [("", _("全部"))]
        self.fields["state"].choices = every + list(Reminder.State.choices)  # type: ignore[attr-defined]
        self.fields["level"].choices = every + list(Reminder.Level.choices)  # type: ignore[attr-defined]
        self.fields["source"].choices = every + sources  # type: ignore[attr-defined]
        if len(sources) < 2:
            del self.fields["source"]

    def lookups(self) -> dict[str, str]:
        """Model lookups of what was chosen and understood."""
        self.is_valid()
        names = {"state": "state", "level": "level", "source": "source_id", "month": "month"}
        return {names[k]: v for k, v in self.cleaned_data.items() if v}
