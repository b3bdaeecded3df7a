"""Work of bench (g): a subject with many penalties, and its report again and again."""

from __future__ import annotations

import json
import statistics
import time
from datetime import date, timedelta
from typing import Any

from benchmarks.measure import set_up, timed

CODE = "91320505QX26A0011U"
FACTS = "检查发现，当事人未按照排污许可证的规定开展自行监测，总排口化学需氧量、氨氮浓度超过许可排放浓度。"


def issue(records: str, times: str) -> dict[str, Any]:
    """The median issue after the first, the setting of its pages alone, and the verification of an altered file."""
    set_up()
    from django.core.management import call_command
    from django.utils import timezone

    from chengxin.accounts.actors import operator
    from chengxin.reports import actions, pdffile, queries, typesetting, verifying
    from chengxin.reports.asking import Request

    call_command("migrate", verbosity=0)
    _fill(int(records))
    ask = Request("full", (CODE,), purpose="性能测量")
    first, _ = timed(lambda: actions.issue(operator("bench"), ask))
    worked = time.process_time()
    taken = [timed(lambda: actions.issue(operator("bench"), ask)) for _ in range(int(times))]
    worked = (time.process_time() - worked) / len(taken)
    report = taken[-1][1]
    data, pdf = report.snapshot.encode(), queries.pdf_of(report)
    setting, _ = timed(lambda: typesetting.render(data))
    at = pdf.index(b"/Filter/FlateDecode>>\nstream\n") + 60
    altered = pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]
    verify, verdict = timed(lambda: verifying.by_file(altered, timezone.localdate()))
    assert verdict.state == "altered"
    told = sum(len(c["records"]) for c in json.loads(data)["chapters"])
    issued = statistics.median(seconds for seconds, _ in taken)
    return {
        "seconds": 0.0, "first": first, "issue": issued, "cpu": worked, "setting": setting, "verify": verify,
        "records": told, "bytes": len(pdf), "data": len(data), "pages": len(pdffile.page_digests(pdf)),
    }  # fmt: skip


def _fill(records: int) -> None:
    from django.utils import timezone

    from chengxin.registry.models import Record, RecordVersion, Subject

    now = timezone.now()
    subject = Subject.objects.create(
        code=CODE, kind="organisation", name="苏州云岭精密机械有限公司", name_key="苏州云岭精密机械", provisional=False,
        updated_at=now,
    )  # fmt: skip
    days = [date(2026, 2, 2) + timedelta(days=n) for n in range(records)]
    heads = [
        Record(
            pk=n + 1, item="penalty", source="ecology-environment", key=f"k{n}", key_hash=f"{n:032x}", subject=subject,
            change=n + 1, content_hash=f"{n:032x}", severity="general", decided_on=day, publish=True,
        )
        for n, day in enumerate(days)
    ]  # fmt: skip
    versions = [
        RecordVersion(
            pk=n + 1, record_id=n + 1, number=1, action="created", standing="active", held=False, severity="general",
            subject_id_then=subject.pk, payload=json.dumps(_payload(n, day), ensure_ascii=False),
            content_hash=f"{n:032x}", item_version="2026.1", actor="bench", recorded_at=now,
        )
        for n, day in enumerate(days)
    ]  # fmt: skip
    Record.objects.bulk_create(heads)
    RecordVersion.objects.bulk_create(versions)


def _payload(n: int, day: date) -> dict[str, Any]:
    return {
        "subject_name": "苏州云岭精密机械有限公司", "subject_code": CODE, "document_number": f"苏环罚〔2026〕{n + 1}号",
        "violation": "超标排放水污染物", "facts": FACTS * (1 + n % 4), "legal_basis": "《水污染防治法》第八十三条",
        "penalty_kinds": ["罚款"], "content": "罚款人民币 12 万元。", "fine_amount": "120000", "procedure": "普通程序",
        "decided_on": str(day), "authority_name": "江苏省生态环境厅", "source_name": "江苏省生态环境厅",
    }  # fmt: skip
