"""What a batch query and a credit review hand out: a file with a manifest that proves it whole (R-113, W-08, G-10).

The file is a ZIP of `data.jsonl` (one line a subject) and `manifest.json` (who, for what, on what basis, how many, and the
SHA-256 and SM3 of the data); it is kept like evidence, by its hash. Each subject's look is written down.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes
from django.utils.translation import gettext_noop as _

from chengxin.accounts.rules import public_body
from chengxin.audit.actions import record as trace
from chengxin.cases.errors import CaseRefused
from chengxin.cases.models import Attachment, Case
from chengxin.policy.policies import UnknownPolicy
from chengxin.registry import evidence, looks
from chengxin.registry.disclosure import Audience
from chengxin.registry.models import Record, Standing, Subject
from chengxin.registry.packs import policies
from chengxin.registry.queries import disclosed, records_of

MATERIAL = "result"
_HEAD = {"item", "record", "standing"}
"""What the result says of a record beside its fields."""
_FIXED = (1980, 1, 1, 0, 0, 0)


def seal(case: Case, actor: str, day: date) -> Attachment:
    """The batch query's result: every record that a department may see by duty, of every subject of the list."""
    return _hand_out(case, actor, day, lambda subject: {"records": _records(subject, case, day)})


def review(case: Case, actor: str, day: date) -> Attachment:
    """The credit review's result: of every applicant how many records of which item and degree stand, and nothing more."""
    return _hand_out(case, actor, day, _summary)


def _hand_out(case: Case, actor: str, day: date, told: Callable[[Subject], dict[str, Any]]) -> Attachment:
    if not public_body(case.source):
        raise CaseRefused(
            _("批量查询和信用审查依职权办理，只供行政机关和信用信息中心使用；其他单位请凭信用主体的授权查询。")
        )
    listed = case.form["subjects"]
    known = {s.code: s for s in Subject.objects.filter(code__in=listed)}
    rows = [{"code": code, "name": known[code].name, **told(known[code])} for code in listed if code in known]
    purpose = case.form.get("purpose", "")
    for row in rows:
        trace(actor, "subject.look", "subject", row["code"], purpose=purpose, case=case.number)
    ask = looks.Ask(Audience.DUTY, purpose, case.number, case.source)
    looks.note_all(actor, [_looked(row) for row in rows], ask)
    data = b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE, default=str) for row in rows)
    manifest = {
        "case": case.number,
        "procedure": case.procedure,
        "requested_by": case.source,
        "approved_by": actor,
        "day": day,
        "purpose": case.form.get("purpose", ""),
        "basis": case.form.get("basis", ""),
        "subjects": len(rows),
        "unknown": [code for code in listed if code not in known],
        "sha256": hashlib.sha256(data).hexdigest(),
        "sm3": _sm3(data),
    }
    kept = evidence.keep(
        io.BytesIO(_zip([("data.jsonl", data), ("manifest.json", orjson.dumps(manifest, default=str))]))
    )
    return Attachment.objects.create(
        case=case,
        material=MATERIAL,
        file_name=f"{case.procedure}-{case.pk}.zip",
        media="application/zip",
        sha256=kept.sha256,
        size=kept.size,
        added_by=actor,
    )


def _looked(row: dict[str, Any]) -> looks.Looked:
    """What the file says of one subject, as the subject is told it: of which items, and which fields."""
    records: list[dict[str, Any]] = row.get("records", [])
    items = {r["item"] for r in records} | {found.partition(":")[0] for found in row.get("found", ())}
    fields = {name for r in records for name in r} - _HEAD
    return looks.Looked(row["code"], len(records) or sum(row.get("found", {}).values()), items, fields)


def _records(subject: Subject, case: Case, day: date) -> list[dict[str, Any]]:
    """What the requesting department sees, record by record, by duty and for the stated purpose (R-093)."""
    told = []
    for view in records_of(subject):
        try:
            item, shown = disclosed(
                view, subject, policies(), audience=Audience.DUTY, purpose=case.form.get("purpose", ""), day=day
            )
        except UnknownPolicy:
            continue
        if shown.visible:
            told.append({"item": item.id, "record": view.head.pk, "standing": view.standing, **shown.fields})
    return told


def _summary(subject: Subject) -> dict[str, Any]:
    standing = Record.objects.filter(
        subject=subject, standing__in=(Standing.ACTIVE, Standing.DISPUTED), held=False
    ).values_list("item", "severity")
    counted = Counter(f"{item}:{severity}" if severity else item for item, severity in standing)
    return {"found": dict(sorted(counted.items()))}


def _zip(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A ZIP whose bytes depend on nothing but its content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, _FIXED), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _sm3(data: bytes) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize().hex()
