"""A report of what is not public is a look at its subject: noted like any other, and seen by the subject (G-10, R-093)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_noop

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import CITIZENS
from chengxin.audit.models import Look
from chengxin.policy.reports import Report as Template
from chengxin.registry.disclosure import Audience
from chengxin.registry.looks import note_shown
from chengxin.registry.packs import policies
from chengxin.reports.asking import Granted, own_units
from chengxin.reports.models import Order, Report

TAKEN, ORDERED = gettext_noop("下载信用报告"), gettext_noop("查看批量出具的进展")


def note(report: Report, asked: Granted, body: Mapping[str, Any]) -> None:
    """One row for the subject of the report, or for each known applicant of a sheet; none for what everybody may see."""
    if asked.template.audience == "public":
        return
    if asked.subject is not None:
        told = [r for c in body["chapters"] for r in c["records"]]
        fields = sorted({f["id"] for r in told for f in r["fields"]})
        looks = [_look(report, asked, asked.subject.code, sorted({r["item"] for r in told}), fields, len(told))]
    else:
        items = sorted(asked.template.items)
        looks = [
            _look(report, asked, line["code"], items, [], len(line["findings"]))
            for line in body["applicants"]
            if line["outcome"] != "unknown"
        ]
    Look.objects.bulk_create(looks, batch_size=500)


def _look(report: Report, asked: Granted, code: str, items: list[str], fields: list[str], records: int) -> Look:
    own = asked.asked_as == "subject"  # it rests on no authorisation when the subject takes its own
    return Look(
        actor=report.issued_by, subject=code, audience=Audience.SELF if own else asked.template.audience, purpose=report.purpose,
        basis=(report.authorisation or f"{asked.asked_as} {report.number}")[:100],
        items=items, fields=fields, records=records, for_whom=asked.unit,
    )  # fmt: skip


def note_lines(actor: Actor, order: Order, codes: Iterable[str]) -> None:
    """Whose reports were ordered, and which were refused why: shown to whoever opens the order."""
    note_shown(actor, (("", code) for code in codes), ORDERED, f"report order {order.pk}", ("report",))


def note_order(actor: Actor, order: Order, reports: Iterable[Report]) -> None:
    """All reports of an order were taken at once: the same look as `note_taken`, in a few statements however many there are."""
    told = (("", r.subject_code) for r in reports if not _everybodys(r))
    note_shown(actor, told, TAKEN, f"report order {order.pk}", ("report",))


def note_taken(actor: Actor, report: Report) -> None:
    """A report that is fetched again by somebody else than its subject: one row a day for each whom it names."""
    if _everybodys(report) or any(
        set(CITIZENS) & actor.roles.get(u, frozenset()) for u in own_units(report.subject_code)
    ):
        return
    lines = [] if report.subject_code else json.loads(report.snapshot).get("applicants", [])
    codes = [report.subject_code] if report.subject_code else [x["code"] for x in lines if x["outcome"] != "unknown"]
    others = [("", code) for code in codes]
    basis = f"{report.asked_as} {report.number}"
    note_shown(actor, others, TAKEN, basis, ("report",))


def _everybodys(report: Report) -> bool:
    """Whether it says only what everybody may see."""
    made = (report.template, report.template_version)
    return any((t.id, t.version) == made and t.audience == "public" for t in policies().of(Template))
