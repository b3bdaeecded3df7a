"""Messages of visitors who have not signed in (门户留言): a case without a name, found again by a code (R-340, issue 5).

Nothing is asked about who writes. The code is the only way to the answer; the case keeps its digest alone.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import date

from django.utils import timezone

from chengxin.accounts.actors import Actor
from chengxin.cases.actions import Opening, open_case
from chengxin.cases.errors import KeyReused
from chengxin.cases.models import Case, CaseEvent
from chengxin.cases.packs import procedure_of, serving
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.procedures import Procedure

VISITOR = Actor("门户访客（未登录）")
"""Whoever writes without signing in; the brackets keep it from being anybody's sign-in name. Holds no role anywhere."""


def rules(day: date) -> Procedure:
    """The procedure of messages in force. Raises `UnknownPolicy`."""
    found = serving("message", day)
    if found is None:
        raise UnknownPolicy(f"no procedure in force on {day} serves messages")
    return found


def new_code() -> str:
    """A code that nobody guesses, short enough to be copied by hand."""
    return secrets.token_hex(8)


def leave(kind: str, text: str, code: str) -> str:
    """Take a message; the answer is its code. The same message twice with one code is one message, another one (a form
    that was sent, gone back to and changed) gets a code of its own. Raises `CaseRefused`."""
    form, procedure = {"kind": kind, "text": text}, rules(timezone.localdate()).id
    try:
        open_case(VISITOR, Opening(procedure, form=form, key=_key(code)))
    except KeyReused:
        code = new_code()
        open_case(VISITOR, Opening(procedure, form=form, key=_key(code)))
    return code


def found(code: str) -> Case | None:
    """The message that was left with this code."""
    return Case.objects.filter(opened_by=VISITOR.name, key=_key(code.strip().lower())).first()


def answer_of(case: Case) -> str:
    """What the centre said to it: the answer, or why it is not for this platform; empty while it waits."""
    if not procedure_of(case).state(case.state).end:
        return ""
    last = CaseEvent.objects.filter(case=case, kind="step").order_by("-number").first()
    return str(case.form.get("answer") or (last.reason if last else ""))


def _key(code: str) -> str:
    return f"code:{hashlib.sha256(code.encode()).hexdigest()}"
