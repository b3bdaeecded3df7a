"""The archive of a subject's data (PIPL 45): one JSON file a matter, and the records and looks as CSV besides.

Each part is what the rooms tell the subject's own pages; nothing is in it that those pages would not show: an agent takes
only what the mandate covers, officials stand by their unit, not by name.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chengxin.accounts.models import Authorisation, Matter
from chengxin.cases.applying import cases_of
from chengxin.cases.looking import looks_at
from chengxin.cases.models import Case
from chengxin.cases.queries import told
from chengxin.evaluation.public import own_grades
from chengxin.evaluation.queries import history
from chengxin.own import dossier
from chengxin.own.lookbook import as_csv, lines
from chengxin.own.speaking import Place
from chengxin.reports.models import Report
from chengxin.reports.queries import line_of
from chengxin.standards.cells import csv_lines
from chengxin.supervision.alerts.grounds import bases_of
from chengxin.supervision.alerts.queries import copies
from chengxin.supervision.lists.queries import told_to
from chengxin.supervision.lists.telling import told_to_subject

_AUTHORISED = ("number", "grantee_id", "purpose", "items", "fields", "since", "until", "single", "given_by", "given_at",
               "used_at", "revoked_at")  # fmt: skip
_LOOKED = ("at", "actor", "for_whom", "audience", "basis", "purpose", "items", "fields", "records", "refused")


def _profile(here: Place) -> Any:
    return dossier.held(here, timezone.localdate()) if here.subject else {}


def _grades(here: Place) -> Any:
    found = own_grades(here.subject, timezone.localdate()) if here.subject else []
    return [{**g, "history": history(here.held_code, g["model"])} for g in found]


def _listings(here: Place) -> Any:
    return [told_to_subject(x, timezone.localdate()) for x in told_to(here.subject)] if here.subject else []


def _alerts(here: Place) -> Any:
    rows = list(copies(receiver="subject", to=here.held_code))
    bases = bases_of(c.alert for c in rows)
    return [
        {
            "rule": c.alert.rule,
            "basis": bases[c.alert.rule, c.alert.version],
            "found_on": c.alert.found_on,
            "text": c.alert.text,
            "seen_on": c.seen_on,
        }
        for c in rows
    ]


def _cases(here: Place) -> Any:
    rows = cases_of(here.actor, here.held_code, here.unit).prefetch_related("terms").order_by("pk")
    return [_without_names(told(case, here.actor), case) for case in rows]


def _without_names(found: dict[str, Any], case: Case) -> dict[str, Any]:
    """The case as its page tells it: the party's own people by name, officials by the unit in which they acted."""
    ours = set(case.events.filter(party=True).values_list("actor", flat=True))
    lines = [
        {**line, "actor": line["actor"] if line["actor"] in ours else None,
         "detail": {"organisation": line["detail"]["organisation"]} if line["detail"].get("organisation") else {}}
        for line in found["timeline"]
    ]  # fmt: skip
    opened = found["opened_by"] if found["opened_by"] in ours | {None} else None
    return found | {"timeline": lines, "opened_by": opened}


def _authorisations(here: Place) -> Any:
    return list(Authorisation.objects.filter(subject=here.held_code).order_by("pk").values(*_AUTHORISED))


def _looks(here: Place) -> Any:
    return list(looks_at(here.held_code).values(*_LOOKED))


def _reports(here: Place) -> Any:
    return [line_of(r) for r in Report.objects.filter(subject_code=here.held_code).order_by("pk")]


@dataclass(frozen=True)
class Part:
    """A file of the archive: what is in it, how it is put together, and what a mandate must cover to take it."""

    told: Any
    make: Callable[[Place], Any]
    matter: Matter = Matter.LOOK


PARTS: dict[str, Part] = {
    "profile": Part(_("登记信息和全部信用信息，包括不公开的"), _profile),
    "grades": Part(_("信用评价等级和历史"), _grades),
    "listings": Part(_("名单"), _listings),
    "alerts": Part(_("提醒"), _alerts),
    "cases": Part(_("办件：申请、经过、文书"), _cases),
    "authorisations": Part(_("授权"), _authorisations, Matter.AUTHORISE),
    "looks": Part(_("谁看过"), _looks),
    "reports": Part(_("出具过的信用报告"), _reports, Matter.REPORT),
}


def parts_for(here: Place) -> dict[str, Part]:
    """File of the archive -> its part, as far as this actor's mandate covers it."""
    return {name: part for name, part in PARTS.items() if here.covers(part.matter)}


def archive_of(here: Place) -> bytes:
    """The archive as a ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        made = {name: part.make(here) for name, part in parts_for(here).items()}
        for name, content in made.items():
            text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
            archive.writestr(f"{name}.json", text)
        archive.writestr("records.csv", "".join(_records_csv(made["profile"].get("records", []))))
        archive.writestr("looks.csv", "".join(as_csv(lines(looks_at(here.held_code), natural=here.natural))))
    return out.getvalue()


def _records_csv(records: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """One line a field, so that records of every item fit into one table."""
    heads = ["record", "item", "source", "standing", "public", "field", "label", "value"]
    rows = (
        [r["id"], r["item_label"], r["source_name"], r["standing_label"], r["public"], f["id"], f["label"], f["value"]]
        for r in records
        for f in r["fields"]
    )
    return csv_lines(heads, rows)
