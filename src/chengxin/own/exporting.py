"""The archive of a subject's data (PIPL 45): one JSON file a matter, and the records and looks as CSV besides.

Each part is what the rooms tell the subject's own pages; nothing is in it that those pages would not show.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chengxin.accounts.models import Authorisation
from chengxin.cases.applying import cases_of
from chengxin.cases.queries import told
from chengxin.evaluation.public import own_grades
from chengxin.evaluation.queries import history
from chengxin.own import dossier
from chengxin.own.lookbook import as_csv, lines, plain
from chengxin.own.speaking import Place
from chengxin.registry.looks import looks_at
from chengxin.reports.models import Report
from chengxin.reports.queries import line_of
from chengxin.supervision.alerts.queries import copies
from chengxin.supervision.lists.queries import described, told_to

_AUTHORISED = ("number", "grantee_id", "purpose", "items", "fields", "since", "until", "single", "given_by", "given_at",
               "used_at", "revoked_at")  # fmt: skip
_LOOKED = ("at", "actor", "for_whom", "audience", "basis", "purpose", "items", "fields", "records", "refused")


def _profile(here: Place) -> Any:
    return dossier.held(here, timezone.localdate()) if here.subject else {}


def _grades(here: Place) -> Any:
    found = own_grades(here.subject, timezone.localdate()) if here.subject else []
    return [{**g, "history": history(here.held_code, g["model"])} for g in found]


def _listings(here: Place) -> Any:
    return [described(x, timezone.localdate()) for x in told_to(here.subject)] if here.subject else []


def _alerts(here: Place) -> Any:
    rows = copies(receiver="subject", to=here.held_code)
    return [
        {"rule": c.alert.rule, "found_on": c.alert.found_on, "text": c.alert.text, "seen_on": c.seen_on} for c in rows
    ]


def _cases(here: Place) -> Any:
    rows = cases_of(here.actor, here.held_code, here.unit).prefetch_related("terms").order_by("pk")
    return [told(case, here.actor) for case in rows]


def _authorisations(here: Place) -> Any:
    return list(Authorisation.objects.filter(subject=here.held_code).order_by("pk").values(*_AUTHORISED))


def _looks(here: Place) -> Any:
    return list(looks_at(here.held_code).values(*_LOOKED))


def _reports(here: Place) -> Any:
    return [line_of(r) for r in Report.objects.filter(subject_code=here.held_code).order_by("pk")]


PARTS: dict[str, tuple[Any, Callable[[Place], Any]]] = {
    "profile": (_("登记信息和全部信用信息，包括不公开的"), _profile),
    "grades": (_("信用评价等级和历史"), _grades),
    "listings": (_("名单"), _listings),
    "alerts": (_("提醒"), _alerts),
    "cases": (_("办件：申请、经过、文书"), _cases),
    "authorisations": (_("授权"), _authorisations),
    "looks": (_("谁看过"), _looks),
    "reports": (_("出具过的信用报告"), _reports),
}
"""File of the archive -> what is in it, and how it is put together."""


def archive_of(here: Place) -> bytes:
    """The archive as a ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        made = {name: make(here) for name, (_told, make) in PARTS.items()}
        for name, content in made.items():
            text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
            archive.writestr(f"{name}.json", text)
        archive.writestr("records.csv", "".join(_records_csv(made["profile"].get("records", []))))
        archive.writestr("looks.csv", "".join(as_csv(lines(looks_at(here.held_code)))))
    return out.getvalue()


def _records_csv(records: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """One line a field, so that records of every item fit into one table."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["record", "item", "source", "standing", "public", "field", "label", "value"])
    for r in records:
        for f in r["fields"]:
            cells = [
                r["id"],
                r["item_label"],
                r["source_name"],
                r["standing_label"],
                r["public"],
                f["id"],
                f["label"],
                f["value"],
            ]
            writer.writerow([plain(c) for c in cells])
    return ["\ufeff", out.getvalue()]
