"""What goes into a case and comes out of it: further evidence, the files as they were handed in, letters as PDF (G-10)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.guards import may
from chengxin.accounts.rules import Denied
from chengxin.accounts.words import english
from chengxin.cases import actions, pdf, queries
from chengxin.cases.applying import of_party
from chengxin.cases.errors import CaseRefused
from chengxin.cases.forms import kinds_of
from chengxin.cases.models import Case, Letter
from chengxin.cases.packs import procedure_of
from chengxin.design.shapes import Crumb
from chengxin.design.words import noted
from chengxin.own import speaking
from chengxin.own.pages import named, page
from chengxin.own.speaking import Place
from chengxin.policy.procedures import Procedure


class MaterialForm(forms.Form):
    """A further piece of evidence."""

    material = forms.ChoiceField(
        label=gettext_lazy("材料"), error_messages={"required": gettext_lazy("请选择是哪一种材料。")}
    )
    file = forms.FileField(
        label=gettext_lazy("文件"),
        error_messages={
            "required": gettext_lazy("请选择文件。"),
            "empty": gettext_lazy("这个文件是空的，请重新选择。"),
        },
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["material"].choices = choices  # type: ignore[attr-defined]


@may("own.enter", of=speaking.case)
@require_http_methods(["GET", "HEAD", "POST"])
def attach(request: HttpRequest, here: Place) -> HttpResponse:
    """Hand in a further material."""
    one: Case = here.thing
    procedure = procedure_of(one)
    choices = attachable(one, procedure)
    if not choices:
        raise Http404
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = MaterialForm(*given, choices=[(m, noted(label, kinds)) for m, label, kinds in choices])
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            actions.attach(here.actor, one.number, actions.Upload(form.cleaned_data["material"], file.name, file))
        except (CaseRefused, Denied) as refused:
            form.add_error("file", str(refused))
        else:
            messages.success(request, _("材料已提交。"))
            return redirect("own-case", here.code, one.number)
    return page(request, "attach", here, {
        "form": form, "case": one, "crumbs": [Crumb(one.number, reverse("own-case", args=[here.code, one.number]))],
    }, status=422 if form.errors else 200)  # fmt: skip


def _of_material(actor: Any, code: str, number: str, attachment: int) -> Place:
    here = speaking.case(actor, code, number)
    return speaking.with_thing(here, here.thing.attachments.get(pk=attachment))


@may("own.enter", of=_of_material)
@require_safe
def material(request: HttpRequest, here: Place) -> FileResponse:
    """A piece of evidence as it was handed in, never shown inline; the look is recorded (G-10)."""
    kept, lies = queries.evidence_of(here.actor, here.thing.case.number, here.thing.pk)
    return FileResponse(
        lies.open("rb"), as_attachment=True, filename=kept.file_name, content_type="application/octet-stream"
    )


def _of_letter(actor: Any, code: str, number: str, letter: int) -> Place:
    here = speaking.case(actor, code, number)
    return speaking.with_thing(here, here.thing.letters.get(pk=letter))


@may("own.enter", of=_of_letter)
@require_safe
def letter(request: HttpRequest, here: Place) -> HttpResponse:
    """A letter as PDF, the same bytes each time."""
    found: Letter = here.thing
    try:
        content = pdf.render(found, "en" if english() else "zh")
    except CaseRefused as refused:
        messages.error(request, str(refused))
        return redirect("own-case", here.code, found.case.number)
    name = {"Content-Disposition": f'attachment; filename="letter-{found.pk}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=name)


def attachable(one: Case, procedure: Procedure) -> list[tuple[str, str, str]]:
    """The materials that may still be handed in, with the kinds of file."""
    ours = {
        m for s in procedure.steps if of_party(s) for m in (*s.needs.materials, *(n for w in s.who for n in w.needs))
    }
    theirs = {m for s in procedure.steps if not of_party(s) for m in s.needs.materials} - ours
    fitting = [m for m in procedure.materials if m.after_end == bool(one.closed_on) and m.id not in theirs]
    return [(m.id, named(m), kinds_of(m)) for m in fitting]
