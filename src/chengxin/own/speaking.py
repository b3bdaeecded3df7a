"""For whom somebody speaks: every page of the subject's space is about one subject, or about the person alone (R-094).

The address names the subject (`/my/<code>/…`); what the actor has no mandate for does not exist (404), what the mandate
does not cover is denied with a sentence (403). `me` in the place of a code are the person's own affairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import CITIZENS, Organisation, Role
from chengxin.accounts.persons import is_person_code
from chengxin.cases.applying import cases_of, mandate
from chengxin.cases.models import Case
from chengxin.registry.models import Record, Subject
from chengxin.registry.queries import find_subject

MYSELF = "me"


@dataclass(frozen=True)
class Place:
    """A subject and who speaks for it; `unit` is its organisation here, `subject` is None while no source speaks of it.

    `thing` is what a page is about beside the subject: a record, a case, a report.
    """

    actor: Actor
    code: str
    unit: str
    name: str
    subject: Subject | None
    thing: Any = None

    @property
    def personal(self) -> bool:
        return self.code == MYSELF

    @property
    def held_code(self) -> str:
        """The code under which the register and the cases know the subject; empty for one's own affairs."""
        return "" if self.personal else self.subject.code if self.subject else self.code

    @property
    def kind(self) -> str:
        """What kind of subject it is; empty for one's own affairs, and where no source has spoken of the subject yet."""
        return self.subject.kind if self.subject else ""

    @property
    def natural(self) -> bool:
        """Whether the pages speak to a person of their own archive (本人) instead of to people of an organisation (本单位)."""
        return is_person_code(self.code)

    @property
    def matters(self) -> frozenset[str] | None:
        """What an agent's mandate is limited to; None: nothing."""
        return None if self.personal else mandate(self.actor, self.unit)

    def covers(self, matter: str) -> bool:
        """Whether the pages of that matter are open to the actor."""
        return not self.personal and (self.matters is None or matter in self.matters)

    @property
    def represents(self) -> bool:
        """Whether the actor is the subject's representative, who alone may give mandates."""
        return not self.personal and Role.REPRESENTATIVE in self.actor.roles.get(self.unit, frozenset())

    def open_to(self, actor: Actor) -> bool:
        """Whether the actor may enter at all: somebody who is not anonymous, with any mandate of the subject."""
        return not actor.anonymous and (self.personal or bool(set(CITIZENS) & actor.roles.get(self.unit, frozenset())))


def subjects(actor: Actor) -> list[Organisation]:
    """The subjects for which somebody speaks, by name."""
    units = actor.organisations(Role.REPRESENTATIVE, Role.AGENT)
    return list(Organisation.objects.filter(pk__in=units).exclude(code="").order_by("name", "pk"))


def place(actor: Actor, code: str, **_more: Any) -> Place:
    """The subject with this code, if the actor speaks for it. Raises `Http404`, whether there is such a subject or not."""
    if code == MYSELF:
        return Place(actor, MYSELF, "", "", None)
    unit = next((u for u in subjects(actor) if u.code == code), None)
    if unit is None:
        raise Http404(
            _(
                "您登录的账号现在不代表代码为“%(code)s”的单位。代表它的，先在「我的信用」里实名核验；受它委托的，先由它的代表委托。"
            )
            % {"code": code[:18]}
        )
    found = find_subject(code)
    return Place(actor, code, unit.pk, found.name if found else unit.name, found)


def subject_place(actor: Actor, code: str, **_more: Any) -> Place:
    """The same for pages that a person without a subject has not."""
    found = place(actor, code)
    if found.personal:
        raise Http404
    return found


def with_thing(found: Place, thing: Any) -> Place:
    """The place with what its page is about."""
    return Place(found.actor, found.code, found.unit, found.name, found.subject, thing)


def record(actor: Actor, code: str, record: int) -> Place:
    """One record of the subject. Raises `Http404`, `DoesNotExist`."""
    found = subject_place(actor, code)
    return with_thing(found, Record.objects.select_related("subject").get(pk=record, subject=found.subject))


def case(actor: Actor, code: str, number: str, **_more: Any) -> Place:
    """One case of the subject that the actor may see. Raises `Http404`, `DoesNotExist`."""
    found = place(actor, code)
    rows: Any = cases_of(actor, found.held_code, found.unit)
    one: Case = rows.select_related("record__subject", "parent").prefetch_related("terms").get(number=number)
    return with_thing(found, one)
