"""An application on its way: one thing a page, kept in the session until it is sent, sent once (F-26, F6).

Which pages there are, what each asks and what must be at hand comes from the procedure and the form that is made of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from chengxin.accounts.words import english
from chengxin.cases import drafts
from chengxin.cases.actions import Opening
from chengxin.cases.applying import Offer
from chengxin.cases.forms import Entry, Part, StepForm, label_of, materials, questions
from chengxin.cases.packs import signed_template
from chengxin.design.shapes import Fact
from chengxin.own.pages import named
from chengxin.own.speaking import Place
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.procedures import Ask
from chengxin.registry.disclosure import Audience
from chengxin.registry.looks import Ask as LookAsk
from chengxin.registry.looks import NoBasis, look
from chengxin.registry.models import Record, RecordVersion
from chengxin.registry.packs import policies

_KEPT = "own-applications"
_SENT = "own-sent"
_MOST = 10
"""So many applications may be under way at once in one session; the oldest is forgotten."""
CHECK = "check"


@dataclass
class Application:
    """What somebody is applying for, and what they have answered so far."""

    here: Place
    offer: Offer
    record: Record | None
    session: SessionBase

    @property
    def name(self) -> str:
        return f"{self.here.code} {self.offer.procedure.id} {self.record.pk if self.record else ''}"

    @property
    def draft(self) -> dict[str, Any]:
        """token, answers and files so far."""
        kept: dict[str, Any] = self.session.get(_KEPT, {}).get(self.name) or {}
        return kept or {"token": "", "answers": {}, "files": {}, "done": []}

    def write(self, draft: Mapping[str, Any]) -> None:
        """Keep the draft; the oldest of too many is forgotten with its files."""
        every = {k: v for k, v in self.session.get(_KEPT, {}).items() if k != self.name}
        while len(every) >= _MOST:
            drafts.forget(every.pop(next(iter(every)))["token"])
        self.session[_KEPT] = {**every, self.name: {**draft, "token": draft["token"] or uuid4().hex}}

    @property
    def sent(self) -> str:
        """The number of the case that was sent last for the same matter, for whoever clicks twice."""
        return str(self.session.get(_SENT, {}).get(self.name, ""))

    def forget(self, number: str) -> None:
        """It was sent under this number: what was kept is not needed any more."""
        self.session[_SENT] = {self.name: number}
        every = dict(self.session.get(_KEPT, {}))
        if found := every.pop(self.name, None):
            drafts.forget(found["token"])
            self.session[_KEPT] = every

    @property
    def parts(self) -> tuple[str, ...]:
        """The pages, in their order; the last one is for checking the answers."""
        procedure, opening = self.offer.procedure, self.offer.procedure.opening
        asked = questions(procedure, opening)
        found = ["questions"] if any(a.type != "changes" for a, _needed in asked) else []
        found += ["changes"] if self.record and any(a.type == "changes" for a, _needed in asked) else []
        found += ["materials"] if materials(procedure, opening, self.offer.who) else []
        return (*found, CHECK)

    def missing(self) -> str:
        """The first page that has not been gone through; empty when all have."""
        return next((p for p in self.parts if p != CHECK and p not in self.draft["done"]), "")

    def form(self, part: Part, data: Any = None, files: Any = None) -> StepForm:
        """The form of one page, filled with what was answered before."""
        draft = self.draft
        entries = self._entries(values=True) if part == "changes" else ()
        return StepForm(
            data, files, procedure=self.offer.procedure, step=self.offer.procedure.opening, who=self.offer.who,
            parts=(part,), entries=entries, there=frozenset(draft["files"]), initial=self._initial(draft["answers"]),
        )  # fmt: skip

    def keep(self, part: Part, form: StepForm) -> None:
        """Put a valid page into the draft. Raises `CaseRefused` for a file that is not taken."""
        draft = self.draft
        token = draft["token"] or uuid4().hex
        files = dict(draft["files"])
        for upload in form.uploads():
            files[upload.material] = drafts.told(drafts.put(token, self.offer.procedure, upload))
        answers = draft["answers"]
        if part != "materials":
            mine = {
                a.id
                for a, _n in questions(self.offer.procedure, form.step)
                if (a.type == "changes") == (part == "changes")
            }
            answers = {k: v for k, v in answers.items() if k not in mine} | form.answers()
        done = [*(p for p in draft["done"] if p != part), part]
        self.write({"token": token, "answers": answers, "files": files, "done": done})

    def opening(self) -> Opening:
        """What is sent; the token is the key, so that sending twice is one case."""
        draft = self.draft
        about = self.offer.procedure.about
        return Opening(
            self.offer.procedure.id, record=self.record.pk if self.record else None,
            subject="" if self.record or about == "none" else self.here.held_code, form=draft["answers"],
            materials=drafts.uploads(draft["token"], draft["files"]) if draft["files"] else (), key=draft["token"],
        )  # fmt: skip

    def summary(self) -> Iterator[tuple[str, list[Fact]]]:
        """Page by page what was answered."""
        draft = self.draft
        asked = [a for a, _n in questions(self.offer.procedure, self.offer.procedure.opening)]
        labels = {e.id: e.label for e in self._entries(values=False)} if self.record else {}
        for part in self.parts[:-1]:
            if part == "questions":
                facts = [Fact(label_of(a), self._said(a, draft["answers"][a.id])) for a in asked
                         if a.type != "changes" and a.id in draft["answers"]]  # fmt: skip
            elif part == "changes":
                given = [draft["answers"].get(a.id) or {} for a in asked if a.type == "changes"]
                facts = [
                    Fact(labels.get(k, k), _("改为：%(value)s") % {"value": v}) for one in given for k, v in one.items()
                ]
            else:
                facts = [Fact(label_of(m), draft["files"][m.id]["file_name"]) for m, _n in materials(
                    self.offer.procedure, self.offer.procedure.opening, self.offer.who) if m.id in draft["files"]]  # fmt: skip
            yield part, facts

    def _said(self, ask: Ask, answer: Any) -> str:
        if ask.templates and (template := signed_template(str(answer))):
            return template.title_en if english() else template.title
        if ask.type == "agency":
            try:
                return named(policies().agency(str(answer)), "name")
            except UnknownPolicy:
                return str(answer)
        return "\n".join(answer) if isinstance(answer, list) else str(answer)

    def _initial(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for ask in self.offer.procedure.asks:
            given = answers.get(ask.id)
            if isinstance(given, Mapping):
                found |= {f"change_{ask.id}_{k}": v for k, v in given.items()}
            elif given is not None:
                found[f"ask_{ask.id}"] = "\n".join(given) if isinstance(given, list) else given
        return found

    def _entries(self, *, values: bool) -> list[Entry]:
        assert self.record is not None
        return entries_of(self.here, self.record, values=values)


def entries_of(here: Place, record: Record, *, values: bool = True) -> list[Entry]:
    """The fields of the record a correction may name, and what they say now as far as the actor may see it; what is sealed
    is corrected by its source unit (`cases.answers.without_sealed`)."""
    item = policies().versions(record.item)[-1]
    now = _values(here, record) if values else {}
    return [Entry(f.id, named(f), _shown(f, now.get(f.id))) for f in item.kept_fields if not f.sealed]


def _values(here: Place, record: Record) -> Mapping[str, Any]:
    assert here.subject is not None
    try:
        ask = LookAsk(Audience.SELF, gettext_noop("提出更正"), unit=here.unit, items=frozenset({record.item}))
        seen = look(here.actor, here.subject, ask)
    except NoBasis:  # a mandate for the procedure alone: the fields are named, their values are not shown
        return {}
    return next((s.shown.fields for s in seen if s.view.head.pk == record.pk), {})


def _shown(field: Any, value: Any) -> str:
    """A value of a record as it was written, lists joined."""
    if value in (None, ""):
        return ""
    if field.type == "amount":
        return str(field.as_written(value))
    return _("、").join(map(str, value)) if isinstance(value, list) else str(value)


def title_of(record: Record) -> str:
    """How a record is called: its item, and its title where the item has one."""
    item = policies().versions(record.item)[-1]
    payload = json.loads(RecordVersion.objects.values_list("payload", flat=True).get(pk=record.change))
    title = payload.get(item.record.title) if item.record.title else ""
    return f"{named(item)} {title or record.key}"
