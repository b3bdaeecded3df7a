"""A list of subjects as people have it: pasted line by line, or as a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengxin.cases.answers import MAX_LINES
from chengxin.cases.errors import CaseRefused
from chengxin.cases.sheets import lines_of


class ListForm(forms.Form):
    """The two ways to give a list; `lines` are those that say something, in their order, once the form was found valid."""

    pasted = forms.CharField(
        label=gettext_lazy("粘贴名单"), required=False, widget=forms.Textarea(attrs={"rows": 8}), max_length=1_000_000,
        help_text=gettext_lazy("一行一个：统一社会信用代码，或者单位的全称。"),
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("或者上传名单文件"), required=False,
        help_text=gettext_lazy("CSV 或 XLSX，不超过 5 MB；一行一个主体，有代码的按代码，没有的按名称。"),
        error_messages={"empty": gettext_lazy("这个文件是空的，请确认后再选。")},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines: list[str] = []
        self.field = "pasted"  # what a fault of the list is told at

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        lines = (cleaned.get("pasted") or "").splitlines()
        file = cleaned.get("file")
        if file:
            self.field = "file"
            try:
                lines += lines_of(file, file.name)
            except CaseRefused as refused:
                self.add_error("file", str(refused))
                return cleaned
        self.lines = [line for line in lines if line.strip()]
        if not self.lines and not self.errors:
            self.add_error("pasted", _("请粘贴名单，或者上传名单文件。"))
        elif len(self.lines) > MAX_LINES:
            told = _("名单有 %(n)d 行，一次最多 %(most)d 行，请分成几份。")
            self.add_error(self.field, told % {"n": len(self.lines), "most": MAX_LINES})
        return cleaned
