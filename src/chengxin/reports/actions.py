"""The verbs of reports: issue one, order many. An issued report is never changed; a newer one replaces it (R-112)."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import require
from chengxin.audit.actions import record as trace
from chengxin.audit.canonical import canonical
from chengxin.policy.reports import templates
from chengxin.registry.evidence import keep
from chengxin.registry.models import RecordVersion, SubjectKind
from chengxin.registry.packs import policies
from chengxin.reports import looking, pdffile, review, sealing, snapshot, typesetting
from chengxin.reports.asking import Granted, Request, granted, spend_authorisation
from chengxin.reports.errors import ReportRefused
from chengxin.reports.keys import signers
from chengxin.reports.models import Order, OrderLine, Report
from chengxin.reports.numbers import next_number, short_code


def issue(
    actor: Actor, request: Request, *, on: date | None = None, also: Callable[[Report], None] | None = None
) -> Report:
    """Make, seal and store one report; who asked, for whom and to which end is an event of the trail.

    `also` is called with the report inside of its transaction: what it raises takes the report back. Raises `Denied` and
    `ReportRefused`. The register is read before the number is taken: others wait for one setting only.
    """
    packs, day = policies(), on or timezone.localdate()
    asked = granted(request, actor, packs, day)
    signers()  # the first keys are made outside of the transaction that takes the number
    before = RecordVersion.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    body = review.of_list(asked, packs) if asked.subject is None else snapshot.of_subject(asked, packs)
    body["feed"] = max(before, body["feed"])
    with transaction.atomic():
        spend_authorisation(asked)
        number, code = next_number(asked.template.word, day.year), short_code()
        given = {
            "number": number,
            "code": code,
            "issued_at": timezone.localtime().isoformat(timespec="seconds"),
            "valid_until": str(day + timedelta(days=asked.template.valid_days)),
            "address": address_of(number, code),
        }
        made = _store(asked, snapshot.frame(asked, packs, body, given), actor)
        if also:
            also(made)
    return made


def _store(asked: Granted, whole: dict[str, Any], actor: Actor) -> Report:
    data = canonical(whole)
    pages, missing = typesetting.render(data)
    seal = sealing.seal(sealing.statement(whole, data, pages))
    sealed = canonical(seal)
    file = keep(io.BytesIO(pdffile.with_seal(pages, sealed)))
    subject = asked.subject
    made = Report.objects.create(
        number=whole["number"],
        code=whole["code"],
        template=asked.template.id,
        template_version=asked.template.version,
        subject_code=subject.code if subject else "",
        subject_name=subject.name if subject else "",
        personal=subject is not None and subject.kind == SubjectKind.NATURAL_PERSON,
        day=asked.day,
        valid_until=date.fromisoformat(str(whole["valid_until"])),
        language=asked.request.language,
        choices=asked.same,
        purpose=asked.request.purpose,
        authorisation=asked.request.authorisation,
        asked_as=asked.asked_as,
        issued_by=actor.name,
        issued_at=timezone.now(),
        feed_position=whole["feed"],
        snapshot=data.decode(),
        seal=sealed.decode(),
        pdf_sha256=file.sha256,
        unprintable=" ".join(f"U+{ord(c):04X}" for c in missing)[:300],
    )
    looking.note(made, asked, whole)
    version = f"{made.template} {made.template_version}"
    trace(
        actor.name, "report.issue", "report", made.number,
        template=version, asked_as=made.asked_as, language=made.language, pdf=made.pdf_sha256,
    )  # fmt: skip
    return made


def order(
    actor: Actor,
    template: str,
    codes: Iterable[str],
    *,
    purpose: str = "",
    authorisation: str = "",
    language: str = "zh",
) -> Order:
    """Ask for a report of each of these subjects, each once; the worker makes them (`jobs.work`).

    Raises `Denied`, and `ReportRefused` for no subject, for a template that is not in force or is about a list.
    """
    require(actor, "report.issue-many", None)
    wanted = list(dict.fromkeys(c.strip()[:64] for c in codes if c.strip()))
    known = [t.id for t in templates(policies(), timezone.localdate()) if t.about == "subject"]
    if template not in known:
        raise ReportRefused(
            _("没有报告模板「%(id)s」；可用的有：%(known)s。"), id=template[:60], known="、".join(known)
        )
    if not wanted:
        raise ReportRefused(_("没有写明是哪一个主体的报告。"))
    with transaction.atomic():
        made = Order.objects.create(
            template=template, purpose=purpose, authorisation=authorisation, language=language, ordered_by=actor.name,
            ordered_at=timezone.now(), total=len(wanted), by_operator=actor.operator,
        )  # fmt: skip
        OrderLine.objects.bulk_create(
            [OrderLine(order=made, place=n, subject_code=c) for n, c in enumerate(wanted, 1)], batch_size=1000
        )
        trace(actor.name, "report.order", "report-order", made.pk, template=template, count=len(wanted))
    return made


def address_of(number: str, code: str) -> str:
    """Where the report is verified; it stands in the QR code."""
    return f"{settings.PUBLIC_URL}/verify?{urlencode({'number': number, 'code': code})}"


def package(report: Report) -> bytes:
    """The report for programs: its data and its seal as one JSON file, for docs/verify_report.py and the page /verify."""
    return canonical({"report": json.loads(report.snapshot), "seal": json.loads(report.seal)}) + b"\n"


def same_code(report: Report, code: str) -> bool:
    """Whether `code` is the report's, compared in constant time."""
    return secrets.compare_digest(report.code.encode(), code.strip().upper().encode())
