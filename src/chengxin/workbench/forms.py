"""What people fill in on the workbench; what may be filled in is decided by the rooms below."""

from __future__ import annotations

import hashlib
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengxin.collection.models import State
from chengxin.collection.uploads import MAX_BYTES
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies

_SAMPLE = 1 << 20

Pairs = list[tuple[str, str]]
Choices = list[tuple[str, str | Pairs]]


class SubmitForm(forms.Form):
    """A file and what it is. `token` makes a second click on the button find the first one's batch."""

    what = forms.ChoiceField(
        label=gettext_lazy("报送什么"), error_messages={"required": gettext_lazy("请选择报送什么。")}
    )
    file = forms.FileField(
        label=gettext_lazy("文件"),
        error_messages={
            "required": gettext_lazy("请选择要报送的文件。"),
            "empty": gettext_lazy("这个文件是空的，请确认导出成功后再选。"),
        },
    )
    token = forms.CharField(widget=forms.HiddenInput, max_length=32)

    def __init__(self, *args: object, choices: Choices, too_large: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        what, file = self.fields["what"], self.fields["file"]
        what.choices = [("", _("请选择")), *choices]  # type: ignore[attr-defined]
        limit = filesizeformat(MAX_BYTES)
        file.help_text = _("CSV、XLSX、JSON Lines 或 Parquet，不超过 %(limit)s。") % {"limit": limit}
        if too_large:
            file.error_messages["required"] = _("文件超过 %(limit)s，没有收下。请分成几个文件报送。") % {"limit": limit}
        self.initial.setdefault("token", uuid4().hex)

    @property
    def idempotency_key(self) -> str:
        """The same for the same form and file, another for another file sent by going back."""
        file: UploadedFile = self.cleaned_data["file"]
        start = hashlib.sha256(file.read(_SAMPLE)).hexdigest()[:16]
        file.seek(0)
        return f"page-{self.cleaned_data['token']}-{start}-{file.size}"


class ReturnForm(forms.Form):
    """Why a batch is given back."""

    reason = forms.CharField(
        label=gettext_lazy("退回的原因"),
        help_text=gettext_lazy("报送人要据此修改：写明哪一行、哪里不对、应该怎样。"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=500,
        error_messages={"required": gettext_lazy("请写明退回的原因，报送人要据此修改。")},
    )


class SettleForm(forms.Form):
    """On what grounds a doubt is confirmed or withdrawn."""

    reason = forms.CharField(
        label=gettext_lazy("凭什么"),
        help_text=gettext_lazy("例如：已核对决定书原件，文号和金额无误；或者：同一文号报了两次，这一条是误报。"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=500,
        error_messages={"required": gettext_lazy("请写明凭什么这样处理，例如核对了哪一份原件。")},
    )


class SheetForm(forms.Form):
    """The list of doubts that somebody has filled in."""

    file = forms.FileField(
        label=gettext_lazy("填好的清单"),
        help_text=gettext_lazy("CSV 或 XLSX，一次最多处理 5,000 行。没有填「处理」的行不动。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={
            "required": gettext_lazy("请选择填好的清单。"),
            "empty": gettext_lazy("这个文件是空的，请确认存盘成功后再选。"),
        },
    )


class FilterForm(forms.Form):
    """Which batches to list; an unknown value lists all."""

    state = forms.ChoiceField(label=gettext_lazy("状态"), required=False)
    item = forms.ChoiceField(label=gettext_lazy("目录项"), required=False)
    source = forms.ChoiceField(label=gettext_lazy("信源单位"), required=False)
    month = forms.RegexField(
        r"^\d{4}-\d{2}$", label=gettext_lazy("月份"), required=False, widget=forms.TextInput(attrs={"type": "month"})
    )

    def __init__(self, *args: object, items: Pairs, sources: Pairs, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        every = [("", _("全部"))]
        self.fields["state"].choices = every + list(State.choices)  # type: ignore[attr-defined]
        self.fields["item"].choices = every + items  # type: ignore[attr-defined]
        self.fields["source"].choices = every + sources  # type: ignore[attr-defined]
        if len(sources) < 2:
            del self.fields["source"]

    def lookups(self) -> dict[str, str]:
        """Model lookups of what was chosen and understood."""
        self.is_valid()
        names = {"state": "state", "item": "item", "source": "source_id", "month": "month"}
        return {names[k]: v for k, v in self.cleaned_data.items() if v}


class DoubtFilterForm(forms.Form):
    """Which doubts to list; an unknown value lists all."""

    item = forms.ChoiceField(label=gettext_lazy("目录项"), required=False)
    source = forms.ChoiceField(label=gettext_lazy("信源单位"), required=False)

    def __init__(self, *args: object, items: Pairs, sources: Pairs, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        every = [("", _("全部"))]
        self.fields["item"].choices = every + items  # type: ignore[attr-defined]
        self.fields["source"].choices = every + sources  # type: ignore[attr-defined]
        if len(sources) < 2:
            del self.fields["source"]

    def lookups(self) -> dict[str, str]:
        """Model lookups of what was chosen and understood."""
        self.is_valid()
        return {k: v for k, v in self.cleaned_data.items() if v}


class QualityForm(forms.Form):
    """A month to look at, and whose part of it."""

    month = forms.CharField(label=gettext_lazy("月份"), widget=forms.TextInput(attrs={"type": "month"}))
    source = forms.ChoiceField(label=gettext_lazy("信源单位"), required=False)
    item = forms.ChoiceField(label=gettext_lazy("目录项"), required=False)

    def __init__(self, *args: object, items: Pairs, sources: Pairs, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        every = [("", _("全部"))]
        self.fields["item"].choices = every + items  # type: ignore[attr-defined]
        self.fields["source"].choices = every + sources  # type: ignore[attr-defined]
        if len(sources) < 2:
            del self.fields["source"]


class BulletinForm(forms.Form):
    """Which month is reported on, and what the centre says before the figures."""

    month = forms.CharField(label=gettext_lazy("月份"), widget=forms.TextInput(attrs={"type": "month"}))
    foreword = forms.CharField(
        label=gettext_lazy("前言"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("写在数字前面的话，例如本月的工作重点。"),
    )  # fmt: skip


class CatalogueForm(forms.Form):
    """Which items to list."""

    q = forms.CharField(label=gettext_lazy("名称或编号"), required=False, max_length=50)
    source = forms.ChoiceField(label=gettext_lazy("信源单位"), required=False)
    public = forms.ChoiceField(label=gettext_lazy("公示"), required=False)

    def __init__(self, *args: object, sources: Pairs, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["source"].choices = [("", _("全部")), *sources]  # type: ignore[attr-defined]
        kinds = [("both", _("双公示")), ("public", _("公示")), ("closed", _("不公示"))]
        self.fields["public"].choices = [("", _("全部")), *kinds]  # type: ignore[attr-defined]
        self.is_valid()

    def keeps(self, item: Item, packs: Policies) -> bool:
        """Whether the item is among what was asked for."""
        given = self.cleaned_data
        words, source, kind = given.get("q", ""), given.get("source", ""), given.get("public", "")
        names = f"{item.id} {item.label} {item.label_en}".lower()
        if words and words.lower() not in names:
            return False
        if source and not any(a.id == source and a.may_submit(item.id) for a in packs.agencies):
            return False
        kinds = {"both": item.double_publicity, "public": item.disclosure == "public"}
        return not kind or kinds.get(kind, item.disclosure != "public")
