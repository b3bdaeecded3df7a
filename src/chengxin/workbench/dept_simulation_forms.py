"""What is filled in to try a draft: a file, or a version of the packs, and what it is held against."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengxin.workbench.department import Pairs
from chengxin.workbench.dept_forms import some

MOST_BYTES = 1_000_000
"""So long is a draft at most."""


class AgainstForm(forms.Form):
    """What a draft is held against."""

    against = forms.ChoiceField(
        label=gettext_lazy("与哪个版本对照"),
        help_text=gettext_lazy("对照才看得出谁会变动；不选就只算草案自己的分布。"),
        required=False,
    )

    def __init__(self, *args: Any, versions: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["against"].choices = some(_("不对照"), versions)  # type: ignore[attr-defined]


class DraftForm(AgainstForm):
    """A draft as a file."""

    file = forms.FileField(
        label=gettext_lazy("草案文件"),
        help_text=gettext_lazy("评价模型的 TOML 文件，和政策包里的写法一样，不超过 1 MB。"),
        error_messages={
            "required": gettext_lazy("请选择草案文件。"),
            "empty": gettext_lazy("这个文件是空的，请确认保存后再选。"),
        },
    )
    field_order = ("file", "against")

    def clean_file(self) -> Any:
        """A model is a page or two of text."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("文件超过 1 MB，不像是一个评价模型，请确认选对了文件。"))
        return file


class VersionForm(AgainstForm):
    """A version that the packs hold already, such as one that is not in force yet."""

    draft = forms.ChoiceField(
        label=gettext_lazy("试哪个版本"), error_messages={"required": gettext_lazy("请选择试哪个版本。")}
    )
    field_order = ("draft", "against")

    def __init__(self, *args: Any, versions: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, versions=versions, **kwargs)
        self.fields["draft"].choices = some(_("请选择"), versions)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A version beside itself says nothing."""
        given = self.cleaned_data
        if given.get("draft") and given.get("draft") == given.get("against"):
            raise forms.ValidationError(_("两个版本相同，没有可比的。"))
        return given
