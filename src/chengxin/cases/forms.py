"""The form of a step: its questions and materials as Django fields, made from the procedure and from nothing else.

Every face that lets people take a step uses it (the subject's space, the workbench); what may be answered, which answers
are taken and in which words one is refused is decided by `answers.checked`, so that page and API never differ.

    sheet = StepForm(request.POST, request.FILES, procedure=procedure, step=step, case=case)
    if sheet.is_valid():
        for upload in sheet.uploads(): actions.attach(actor, case.number, upload)
        actions.act(actor, case.number, step.id, reason=sheet.reason, form=sheet.answers(), expect=sheet.expect, key=sheet.key)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengxin.accounts.words import english
from chengxin.cases.answers import NO, YES, checked
from chengxin.cases.attaching import Upload
from chengxin.cases.errors import CaseRefused
from chengxin.cases.models import Attachment, Case
from chengxin.cases.packs import templates
from chengxin.policy.procedures import Ask, Material, Procedure, Step, Who
from chengxin.registry.packs import policies

Part = Literal["questions", "changes", "materials", "reason"]
EVERY: tuple[Part, ...] = ("questions", "changes", "materials", "reason")
_ONE_LINE = 200
"""A text of so many characters at most is one line; longer ones get a box."""
_FEW = 8
"""So many choices are all shown; more become a list to choose from."""
_ROWS = 5


@dataclass(frozen=True)
class Entry:
    """A field of the record a correction is about: what it is called and what it says now."""

    id: str
    label: str
    value: str


def questions(procedure: Procedure, step: Step) -> list[tuple[Ask, bool]]:
    """The questions put with a step, in the order of the form, and whether an answer is needed.

    At the opening, what a later step asks for is left to it.
    """
    needed, mine = frozenset(step.needs.asks), procedure.answerable(step)
    later = {name for s in procedure.steps if s.id != step.id for name in s.needs.asks}
    own = needed | frozenset(step.takes)
    return [(a, a.id in needed) for a in procedure.asks if a.id in mine and (a.id in own or a.id not in later)]


def materials(procedure: Procedure, step: Step, who: Who | None = None) -> list[tuple[Material, bool]]:
    """The materials that go with a step, and whether the step is refused without them.

    What only another step needs, only another person needs, or belongs after the end, is not asked for.
    """
    needed = frozenset((*step.needs.materials, *(who.needs if who else ())))
    others = {m for s in procedure.steps if s.id != step.id for m in s.needs.materials}
    others |= {m for s in procedure.steps for w in s.who for m in w.needs}
    offered = (lambda m: not m.after_end and m.id not in others) if _by_party(step) else (lambda m: False)
    return [(m, m.id in needed) for m in procedure.materials if m.id in needed or offered(m)]


def _by_party(step: Step) -> bool:
    return any(w.role in ("anyone", "representative", "agent") for w in step.who)


def label_of(thing: Ask | Material | Step) -> str:
    """Its label in the reader's language."""
    return thing.label_en if english() else thing.label


class StepForm(forms.Form):
    """A step as a form. `parts` shows some of it only, for procedures that ask one thing a page.

    `who` is the line under which the actor acts (an agent needs the mandate); `entries` are the fields that a question of
    the type `changes` may name. `expect` and `key` make the sending safe: against a case that moved on, and sent twice.
    """

    expect_field = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key_field = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        procedure: Procedure,
        step: Step,
        case: Case | None = None,
        who: Who | None = None,
        entries: Sequence[Entry] = (),
        parts: Sequence[Part] = EVERY,
        there: frozenset[str] = frozenset(),
        **more: Any,
    ) -> None:
        """`there` are materials that are at hand already, beside those attached to the case."""
        super().__init__(data, files, **more)
        self.procedure, self.step, self.parts = procedure, step, parts
        self._stated: set[str] = set()
        self.fields["expect_field"].initial = case.moves if case else None
        self.fields["key_field"].initial = uuid4().hex
        at_hand = there | _attached(case)
        for ask, needed in questions(procedure, step):
            if ask.type == "changes" and "changes" in parts:
                self._add_changes(ask, entries, case.form.get(ask.id) or {} if case else {})
            elif ask.type != "changes" and "questions" in parts:
                self.fields[f"ask_{ask.id}"] = _FIELDS[ask.type](ask, needed and not ask.term_of)
                if case and ask.id in case.form:
                    self.fields[f"ask_{ask.id}"].initial = _again(case.form[ask.id])
        if "materials" in parts:
            for material, needed in materials(procedure, step, who):
                self.fields[f"file_{material.id}"] = _file(material, needed and material.id not in at_hand)
        if "reason" in parts and (step.needs.reason or case is not None):
            self.fields["reason_field"] = _reason(step)

    def _add_changes(self, ask: Ask, entries: Sequence[Entry], before: Mapping[str, str]) -> None:
        self._stated |= {f"change_{ask.id}_{e.id}" for e in entries if e.value or e.id in before}
        for entry in sorted(entries, key=lambda e: not e.value):
            self.fields[f"change_{ask.id}_{entry.id}"] = forms.CharField(
                label=entry.label, required=False, max_length=ask.max_length, help_text=_now(entry.value),
                widget=forms.TextInput(attrs={"autocomplete": "off"}), initial=before.get(entry.id),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Each answer once more in the words of the engine, beside the question it belongs to."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        given = self.answers()
        for ask, needed in questions(self.procedure, self.step):
            field = f"ask_{ask.id}" if f"ask_{ask.id}" in self.fields else None
            said = {name: given[name] for name in (ask.id, ask.term_of) if name in given}
            if ask.id not in given and not ask.term_of:
                continue
            try:
                kept = checked(self.procedure, self.step, said, timezone.localdate())
            except CaseRefused as refused:
                self.add_error(field, str(refused))
                continue
            unnamed = ask.id not in kept  # neither the signer nor the template names a day
            if needed and ask.term_of and field and unnamed:
                self.add_error(field, _words(ask, needed)["error_messages"]["required"])
        return cleaned

    def answers(self) -> dict[str, Any]:
        """The answers that were given, as the verbs take them."""
        given = ((ask.id, self._answer(ask)) for ask, _needed in questions(self.procedure, self.step))
        return {name: answer for name, answer in given if answer not in ("", None, {})}

    def uploads(self) -> tuple[Upload, ...]:
        """The files that were handed in."""
        return tuple(
            Upload(material.id, file.name, file)
            for material in self.procedure.materials
            if (file := self.cleaned_data.get(f"file_{material.id}"))
        )

    @property
    def reason(self) -> str:
        return str(self.cleaned_data.get("reason_field") or "")

    @property
    def expect(self) -> int | None:
        found: int | None = self.cleaned_data.get("expect_field")
        return found

    @property
    def key(self) -> str:
        return str(self.cleaned_data.get("key_field") or "")

    def refuse(self, refused: Exception) -> None:
        """Put what the verb said into the summary of errors."""
        self.add_error(None, str(refused))

    def plain(self) -> Iterator[forms.BoundField]:
        """Everything but the fields of a correction."""
        return (f for f in self.shown() if not f.name.startswith("change_"))

    @property
    def has_silent(self) -> bool:
        return any(True for _field in self.silent())

    def stated(self) -> Iterator[forms.BoundField]:
        """The fields of a correction that say something now; `silent` are those that say nothing."""
        return (f for f in self.shown() if f.name in self._stated)

    def silent(self) -> Iterator[forms.BoundField]:
        return (f for f in self.shown() if f.name.startswith("change_") and f.name not in self._stated)

    def shown(self) -> Iterator[forms.BoundField]:
        """The fields a person fills in, in their order; for `{% field %}` one by one."""
        return (f for f in self if not f.is_hidden)

    def _answer(self, ask: Ask) -> Any:
        if ask.type == "changes":
            return self._changes(ask)
        found = self.cleaned_data.get(f"ask_{ask.id}")
        if ask.type == "date":
            return found.isoformat() if found else ""
        return (YES if found else "") if isinstance(found, bool) else found

    def _changes(self, ask: Ask) -> Mapping[str, str]:
        start = f"change_{ask.id}_"
        named = {n.removeprefix(start): v for n, v in self.cleaned_data.items() if n.startswith(start)}
        return {name: text.strip() for name, text in named.items() if text and text.strip()}


def _attached(case: Case | None) -> frozenset[str]:
    if case is None or not case.pk:
        return frozenset()
    return frozenset(Attachment.objects.filter(case=case).values_list("material", flat=True))


def _again(answer: Any) -> Any:
    return "\n".join(answer) if isinstance(answer, list) else answer


def _now(value: str) -> str:
    return (
        _("现在是：%(value)s。需要更正的才填写。") % {"value": value}
        if value
        else _("现在没有内容。需要补充的才填写。")
    )


def _words(ask: Ask, needed: bool) -> dict[str, Any]:
    """What every field says of itself."""
    label = label_of(ask)
    return {
        "label": label,
        "required": needed,
        "error_messages": {"required": _("请填写「%(label)s」。") % {"label": label}},
    }


def _text(ask: Ask, needed: bool) -> forms.Field:
    box = forms.TextInput() if ask.max_length <= _ONE_LINE else forms.Textarea(attrs={"rows": _ROWS})
    hint = "" if ask.max_length <= _ONE_LINE else _("不超过 %(n)d 字。") % {"n": ask.max_length}
    return forms.CharField(**_words(ask, needed), max_length=ask.max_length, widget=box, help_text=hint)


def _date(ask: Ask, needed: bool) -> forms.Field:
    words = _words(ask, needed)
    words["error_messages"]["invalid"] = _("请写成日期，如 2026-03-01。")
    box = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(**words, widget=box, input_formats=["%Y-%m-%d"])


def _yes(ask: Ask, needed: bool) -> forms.Field:
    """A box to tick where only one answer is taken, else both answers side by side."""
    words = _words(ask, needed)
    if ask.must == YES:
        words["error_messages"]["required"] = _("需要勾选「%(label)s」才能继续。") % {"label": label_of(ask)}
        return forms.BooleanField(**words)
    pairs = [(YES, _("是")), (NO, _("否"))]
    return forms.ChoiceField(**words, choices=pairs, widget=forms.RadioSelect)


def _choice(ask: Ask, needed: bool) -> forms.Field:
    pairs = _pairs(ask)
    return _one_of(ask, needed, pairs)


def _pairs(ask: Ask) -> list[tuple[str, str]]:
    in_english = english()
    if ask.templates:
        return [(t.id, t.title_en if in_english else t.title) for t in templates(timezone.localdate()).values()]
    if ask.table:
        return [(label, label) for label in policies().codes(ask.table).labels]
    return list(zip(ask.choices, (in_english and ask.choices_en) or ask.choices, strict=True))


def _one_of(ask: Ask, needed: bool, pairs: list[tuple[str, str]]) -> forms.Field:
    words = _words(ask, needed)
    words["error_messages"]["required"] = _("请选择「%(label)s」。") % {"label": label_of(ask)}
    if len(pairs) <= _FEW and needed:
        return forms.ChoiceField(**words, choices=pairs, widget=forms.RadioSelect)
    return forms.ChoiceField(**words, choices=[("", _("请选择")), *pairs])


def _agency(ask: Ask, needed: bool) -> forms.Field:
    in_english = english()
    pairs = [(a.id, (a.name_en if in_english else "") or a.name) for a in policies().agencies]
    return _one_of(ask, needed, pairs)


def _lines(ask: Ask, needed: bool) -> forms.Field:
    return forms.CharField(
        **_words(ask, needed), widget=forms.Textarea(attrs={"rows": 2 * _ROWS}), help_text=_("一行一个。")
    )


_FIELDS = {"text": _text, "date": _date, "yes": _yes, "choice": _choice, "agency": _agency, "lines": _lines}


def kinds_of(material: Material) -> str:
    """The kinds of file that are taken, in words."""
    names = {"pdf": "PDF", "image": _("图片"), "table": _("表格（XLSX、CSV）"), "document": _("Word 文档（DOCX）")}
    return _("、").join(str(names[t]) for t in material.types)


def _file(material: Material, needed: bool) -> forms.Field:
    label = label_of(material)
    return forms.FileField(
        label=label,
        required=needed,
        help_text=_("%(kinds)s，不超过 %(mb)d MB。") % {"kinds": kinds_of(material), "mb": material.max_mb},
        error_messages={
            "required": _("请附上「%(label)s」。") % {"label": label},
            "empty": _("「%(label)s」是空文件，请重新选择。") % {"label": label},
        },
    )


def _reason(step: Step) -> forms.Field:
    needed = step.needs.reason
    return forms.CharField(
        label=gettext_lazy("理由") if needed else gettext_lazy("说明"),
        required=needed,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": _ROWS}),
        error_messages={"required": gettext_lazy("请写明理由，当事人会在文书里看到。")},
    )
