"""The page where everybody verifies a report: by number and code, or by the file itself (F-08, anchors.md 4.2 T16)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.guards import public
from chengxin.accounts.limits import Rate, address_of, count
from chengxin.audit.actions import record as trace
from chengxin.collection.uploads import was_too_large
from chengxin.paths import docs_dir
from chengxin.reports import keys, verifying
from chengxin.reports.verifying import ALTERED, EXPIRED, GENUINE, REPLACED, UNKNOWN, Verdict

_PROGRAMS = ("verify_draw", "verify_log", "verify_report")
_LOOKS = {GENUINE: "good", EXPIRED: "warn", REPLACED: "warn", ALTERED: "bad", UNKNOWN: "bad"}


# It changes nothing; without a token in the form, the public page sets no cookie.
@public("whoever is shown a report may verify it; name, number, days and verdict are told, nothing else")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """A form for number and code, one for the file, and the verdict on either."""
    number, code = (request.GET.get(name, "").strip()[:40] for name in ("number", "code"))
    told: dict[str, Any] = {"number": number, "code": code}
    if request.method == "POST" or number or code:
        used = count(f"verify {address_of(request)}", Rate.parse(settings.API_RATES["address"]))
        if used.exceeded:
            told["problem"] = _("核验得太频繁，请在 %(seconds)s 秒后再试。") % {"seconds": used.wait}
            response = render(request, "portal/verify.html", told, status=429)
            response.headers["Retry-After"] = str(used.wait)
            return response
        told |= _of_file(request) if request.method == "POST" else _of_number(number, code)
    return render(request, "portal/verify.html", told)


@public("public keys are for everybody who verifies without us")
@require_safe
def keys_json(request: HttpRequest) -> JsonResponse:
    """The keys that reports are sealed with, for docs/verify_report.py."""
    return JsonResponse({"keys": keys.published()}, json_dumps_params={"indent": 1})


@public("the programs with which everybody verifies without us")
@require_safe
def program(request: HttpRequest, name: str) -> FileResponse:
    """A single-file program of `docs/` that checks a draw, the log or a report on one's own machine (G-18)."""
    place = docs_dir() / f"{name}.py"
    if name not in _PROGRAMS or not place.is_file():
        raise Http404(_("这里没有这个核验程序。它在本平台的源代码里，docs 文件夹下。"))
    return FileResponse(place.open("rb"), as_attachment=True, filename=place.name, content_type="text/x-python")


def _of_number(number: str, code: str) -> dict[str, Any]:
    if not number or not code:
        return {"problem": _("请同时填写报告编号和核验码，两者都在报告第一页。")}
    return _told(verifying.by_number(number, code, timezone.localdate()), "number")


def _of_file(request: HttpRequest) -> dict[str, Any]:
    file = request.FILES.get("file")
    if was_too_large(request) or (file is not None and (file.size or 0) > verifying.LARGEST):
        return {"problem": _("文件太大：报告不超过 %(most)s MB。") % {"most": verifying.LARGEST // 2**20}}
    if file is None:
        return {"problem": _("请选择要核验的 PDF 或者 JSON 文件。")}
    return _told(verifying.by_file(file.read(), timezone.localdate()), "file")


def _told(verdict: Verdict, by: str) -> dict[str, Any]:
    """What the page says; an altered file is an event of the trail, a typing error is not."""
    if verdict.state == ALTERED:
        trace("anonymous", "report.altered", "report", verdict.number, by=by, faults=len(verdict.faults))
    headline = {
        GENUINE: _("真实有效"),
        EXPIRED: _("真实，但已过有效期"),
        REPLACED: _("真实，但已有更新的报告"),
        ALTERED: _("被改动过，不可采信"),
        UNKNOWN: _("不是本平台出具的报告，或者编号、核验码有误"),
    }[verdict.state]
    shown = replace(verdict, name="", label="") if verdict.state == ALTERED else verdict
    return {"verdict": shown, "headline": headline, "look": _LOOKS[verdict.state]}
