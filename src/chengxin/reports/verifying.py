"""Is this report genuine? By number and code, or by the file itself, held against what was issued (F-08, T16).

A stranger learns name, number, days and verdict. Where a file was altered, the places are named and no value is told; and
only to somebody whose file has the report's own code, so that nobody finds values out by guessing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from chengxin.policy.reports import Report as Template
from chengxin.registry.evidence import place
from chengxin.registry.packs import policies
from chengxin.reports import pdffile
from chengxin.reports.actions import same_code
from chengxin.reports.differing import differences, said
from chengxin.reports.models import Report
from chengxin.reports.sealing import wrong_signatures
from chengxin.reports.snapshot import template_digest
from chengxin.standards.masking import mask

GENUINE, ALTERED, UNKNOWN, REPLACED, EXPIRED = "genuine", "altered", "unknown", "replaced", "expired"
LARGEST = 20 * 1024 * 1024
_AT_MOST = 50
"""Places named; whoever has more than that has another report."""


@dataclass(frozen=True)
class Verdict:
    """`state` is the strongest of the words above; `faults` say what was altered, `notes` what else one should know."""

    state: str
    number: str = ""
    name: str = ""
    label: str = ""
    day: date | None = None
    valid_until: date | None = None
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def by_number(number: str, code: str, today: date) -> Verdict:
    """The verdict on a number and the code beside it; a wrong code is as unknown as a wrong number."""
    found = Report.objects.filter(number=number.strip().upper()[:20]).first()
    return _told(found, (), today) if found and same_code(found, code) else Verdict(UNKNOWN)


def by_file(content: bytes, today: date) -> Verdict:
    """The verdict on a PDF or a JSON file as it was handed on."""
    if content.lstrip()[:5] == b"%PDF-":
        return _of_pdf(content, today)
    try:
        told = json.loads(content)
        snapshot, seal = told["report"], told["seal"]
        number, code = str(snapshot["number"]), str(snapshot["code"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return Verdict(UNKNOWN, notes=(_("这个文件既不是本平台的 PDF 报告，也不是它的 JSON 数据。"),))
    found, near = _claimed(number, code)
    if found is None:
        return near
    return _told(found, (*_data_faults(found, snapshot), *_seal_faults(found, seal)), today)


def _of_pdf(content: bytes, today: date) -> Verdict:
    whole = Report.objects.filter(pdf_sha256=hashlib.sha256(content).hexdigest()).first()
    if whole is not None:
        return _told(whole, (), today)
    try:
        snapshot = json.loads(pdffile.attached(content))
        number, code = str(snapshot["number"]), str(snapshot["code"])
    except (ValueError, TypeError, KeyError, RecursionError):
        snapshot, (number, code) = None, _sealed_number(content)
    found, near = _claimed(number, code)
    if found is None:
        return near
    return _told(found, tuple(_pdf_faults(found, content, snapshot)), today)


def _sealed_number(content: bytes) -> tuple[str, str]:
    """The number in the seal of a file whose data cannot be read; the seal does not hold the code."""
    try:
        return str(json.loads(pdffile.parted(content)[1])["statement"]["number"]), ""
    except (ValueError, TypeError, KeyError, RecursionError):
        return "", ""


def _claimed(number: str, code: str) -> tuple[Report | None, Verdict]:
    """The report a file says it is, or the verdict when it cannot be that one."""
    found = Report.objects.filter(number=number[:20]).first()
    if found is None:
        return None, Verdict(UNKNOWN)
    if not same_code(found, code):
        fault = _("文件里的核验码不是这个编号的，或者数据已经损坏；不再说明其他不同之处。")
        return None, Verdict(ALTERED, number=found.number, faults=(fault,))
    return found, Verdict(UNKNOWN)


def _pdf_faults(report: Report, content: bytes, snapshot: Any) -> Iterator[str]:
    """What of the file is not as it was issued: data, pages, seal, or something else in it."""
    kept = place(report.pdf_sha256).read_bytes()
    pages, seal = pdffile.parted(kept)
    faults = list(_data_faults(report, snapshot)) if snapshot is not None else [_("附在文件里的数据读不出来。")]
    right, found = pdffile.page_digests(pages), pdffile.page_digests(content)
    if len(right) != len(found):
        faults.append(_("应有 %(right)s 页，文件里有 %(found)s 页。") % {"right": len(right), "found": len(found)})
    altered = [n for n, (a, b) in enumerate(zip(right, found, strict=False), 1) if a != b]
    faults += [_("第 %(page)s 页的内容被改动。") % {"page": n} for n in altered]
    try:
        body, given = pdffile.parted(content)
    except pdffile.NotOurs:
        body, given = content, b""
        faults.append(_("文件末尾的签名被去掉。"))
    if given and given != seal:
        faults += _seal_faults(report, _json(given)) or [_("签名部分被改动。")]
    if not faults and body != pages:
        faults.append(_("页面内容和数据未变，文件的其他部分（字体、目录、附加的内容）被改动。"))
    yield from faults or [_("文件末尾附加了内容。")]


def _data_faults(report: Report, snapshot: Any) -> Iterator[str]:
    found = sorted({said(p) for p in differences(json.loads(report.snapshot), snapshot)})
    for text in found[:_AT_MOST]:
        yield _("数据被改动：%(place)s") % {"place": text or "—"}
    if len(found) > _AT_MOST:
        yield _("还有 %(count)s 处改动没有列出。") % {"count": len(found) - _AT_MOST}


def _seal_faults(report: Report, seal: Any) -> list[str]:
    if not isinstance(seal, dict) or not isinstance(seal.get("statement"), dict):
        return [_("签名部分读不出来。")]
    right = json.loads(report.seal)
    statement = seal["statement"]
    if statement.get("number") != report.number:
        return [_("签名是另一份报告（%(number)s）的。") % {"number": str(statement.get("number"))[:20]}]
    faults = [
        _("签名所附的说明被改动：%(place)s") % {"place": text}
        for text in sorted({said(p) for p in differences(right["statement"], statement)})[:_AT_MOST]
    ]
    if seal.get("signatures") != right["signatures"]:
        wrong = wrong_signatures({**right, "signatures": _listed(seal.get("signatures"))})
        faults += [_("签名与本报告不符：%(algorithm)s") % {"algorithm": a[:20]} for a in wrong] or [
            _("签名部分被改动。")
        ]
    return faults


def _listed(given: Any) -> list[dict[str, Any]]:
    return [s for s in given if isinstance(s, dict)][:5] if isinstance(given, list) else []


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _told(report: Report, faults: tuple[str, ...], today: date) -> Verdict:
    notes = []
    same = Report.objects.filter(template=report.template, subject_code=report.subject_code, choices=report.choices)
    newer = same.filter(pk__gt=report.pk).order_by("-pk").first()
    expired = today > report.valid_until
    if newer:
        notes.append(_("同样的报告在 %(day)s 重新出具过，请以新的为准。") % {"day": newer.day})
    if expired:
        notes.append(_("有效期到 %(day)s 为止，此后登记库可能已有变化。") % {"day": report.valid_until})
    if wrong := wrong_signatures(json.loads(report.seal)):
        faults = (*faults, _("留存的签名验证不通过：%(algorithm)s") % {"algorithm": "、".join(wrong)})
    if _template_altered(report):
        notes.append(_("这一版模板后来被改动过，版本号却没有变；本报告是按原来的模板出具的。"))
    state = ALTERED if faults else REPLACED if newer else EXPIRED if expired else GENUINE
    snapshot = json.loads(report.snapshot)
    name = mask("name", report.subject_name) if report.personal else report.subject_name
    return Verdict(
        state, report.number, name, snapshot["template"]["label"], report.day, report.valid_until, faults, tuple(notes)
    )


def _template_altered(report: Report) -> bool:
    """Whether the packs now say something else under the version that the report was issued by."""
    issued = json.loads(report.snapshot)["template"]["digest"]
    for made in policies().of(Template):
        if (made.id, made.version) == (report.template, report.template_version):
            return template_digest(made) != issued
    return False
