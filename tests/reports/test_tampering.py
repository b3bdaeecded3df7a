"""Whatever is changed in a report is named, by the platform and by the single file that needs no platform (anchors 4.2 T16)."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import re
import zlib
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from types import ModuleType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.audit.canonical import canonical
from chengxin.audit.keys import open_log
from chengxin.audit.models import Checkpoint
from chengxin.audit.sealing import seal
from chengxin.paths import repo_root
from chengxin.policy.reports import Report as Template
from chengxin.registry.packs import policies
from chengxin.reports import actions, differing, keys, pdffile, queries, sealing, verifying

from . import world as w


def single_file() -> ModuleType:
    """docs/verify_report.py, as somebody else would run it."""
    path = (repo_root() or w.__file__) / "docs" / "verify_report.py"
    spec = importlib.util.spec_from_file_location("verify_report", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


alone = single_file()


def judged(content: bytes, today: date = w.TODAY) -> tuple[str, str, int, str]:
    """State and sentences of the platform, exit code and sentences of the single file."""
    verdict = verifying.by_file(content, today)
    try:
        code, lines = alone.check(content, json.loads(json.dumps(keys.published())), today)
    except alone.Unreadable as error:
        code, lines = alone.UNREADABLE, [str(error)]
    return verdict.state, "\n".join((*verdict.faults, *verdict.notes)), code, "\n".join(lines)


def edited(package: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    told = json.loads(package)
    change(told)
    return canonical(told)


def test_what_was_altered_in_the_data_is_named(store) -> None:
    w.settle()
    report, other = w.issue(), w.issue("concise")
    package, theirs = actions.package(report), json.loads(actions.package(other))

    def fine(told: dict) -> None:
        record = next(c for c in told["report"]["chapters"] if c["id"] == "penalties")["records"][1]
        next(f for f in record["fields"] if f["id"] == "fine_amount")["value"] = "1.2"

    def drop(told: dict) -> None:
        next(c for c in told["report"]["chapters"] if c["id"] == "penalties")["records"].pop()

    def sign(told: dict) -> None:
        first = told["seal"]["signatures"][0]
        raw = bytearray(base64.b64decode(first["signature"]))
        raw[5] ^= 1
        first["signature"] = base64.b64encode(raw).decode()

    cases: list[tuple[str, Callable[[dict], Any], str, str]] = [
        ("a value", fine, "行政处罚信息 › [2] 1-1 › 罚款金额（万元）", "行政处罚信息 › [2] 1-1 › 罚款金额（万元）"),
        ("a record left out", drop, "行政处罚信息 › [2]", "行政处罚信息 › [2]"),
        ("the name", lambda t: t["report"]["subject"].update(name="别的公司"), "主体 › 名称", "subject › name"),
        ("the template", lambda t: t["report"]["template"].update(version="2027.1"), "模板 › 版本", "template › version"),
        ("the term", lambda t: t["report"].update(valid_until="2036-01-01"), "有效期", "valid_until"),
        ("a signature", sign, "签名与本报告不符：Ed25519", "signature Ed25519: not of this report"),
        ("all signatures", lambda t: t["seal"].update(signatures=[]), "签名与本报告不符", "there is no signature"),
        ("another's signatures", lambda t: t["seal"].update(signatures=theirs["seal"]["signatures"]),
         "签名与本报告不符：Ed25519", "signature Ed25519: not of this report"),
        ("another's seal", lambda t: t.update(seal=theirs["seal"]), f"另一份报告（{other.number}）", f"({other.number})"),
        ("the statement", lambda t: t["seal"]["statement"].update(valid_until="2036-01-01"), "有效期", "not of this report"),
    ]  # fmt: skip
    for what, change, here, there in cases:
        state, said, code, lines = judged(edited(package, change))
        assert (state, code) == ("altered", alone.ALTERED), f"{what}: {said} / {lines}"
        assert here in said and there in lines, f"{what}: {said} / {lines}"
    assert judged(package)[::2] == ("genuine", alone.GENUINE)
    assert judged(json.dumps(json.loads(package), indent=1).encode())[::2] == ("genuine", alone.GENUINE), (
        "only laid out anew"
    )
    assert judged(package[:-40])[::2] == ("unknown", alone.UNREADABLE)


def test_a_code_that_points_elsewhere_and_an_older_checkpoint_are_named(store) -> None:
    """T16: the address of another report's QR code, and a state of the log that was not the one."""
    open_log("operator")
    w.settle()
    seal()
    report, other = w.issue(), w.issue("concise")
    package = actions.package(report)
    assert json.loads(report.snapshot)["checkpoint"]["size"] == Checkpoint.objects.get().size > 0
    cases: list[tuple[Callable[[dict], Any], str, str]] = [
        (lambda t: t["report"].update(verify=json.loads(other.snapshot)["verify"]), "核验地址", "verify"),
        (lambda t: t["report"]["checkpoint"].update(size=1), "日志检查点 › 大小", "checkpoint › size"),
        (lambda t: t["report"].update(number=other.number), "核验码不是这个编号的", "of another report"),
    ]
    for change, here, there in cases:
        state, said, code, lines = judged(edited(package, change))
        assert (state, code) == ("altered", alone.ALTERED) and here in said and there in lines, f"{said} / {lines}"


def test_what_was_altered_in_the_pdf_is_named(store) -> None:
    """T16: a page, a font, the data, the signature, the seal of another report."""
    w.settle()
    report, other = w.issue(), w.issue("concise")
    whole = queries.pdf_of(report)
    pages, seal = pdffile.parted(whole)
    _, foreign = pdffile.parted(queries.pdf_of(other))
    assert judged(whole)[::2] == ("genuine", alone.GENUINE)

    second = page_stream(pages, 2)
    text = zlib.decompress(second)
    moved = zlib.compress(text.replace(b" Tm", b" tm", 1), 9)
    cases = [
        ("a byte of page 2", flip(whole, whole.find(second) + 40), "第 2 页的内容被改动", "page 2 was altered"),
        ("other text on page 2", replaced(pages, second, moved) + whole[len(pages) :], "第 2 页", "page 2 was altered"),
        ("a byte of a font", flip(whole, whole.index(b"/FontFile") - 20), "其他部分", "another part of the file"),
        ("a byte of the signature", flip(whole, whole.rfind(b'"signature":"') + 20), "签名", "not of this report"),
        ("a broken seal", whole.replace(b'"signature":"', b'"signature":"A', 1), "签名", "seal"),
        ("another's seal", pdffile.with_seal(pages, foreign), other.number, other.number),
        ("something behind", whole + b"%more\n", "附加", "behind the seal"),
    ]
    for what, content, here, there in cases:
        state, said, code, lines = judged(content)
        assert (state, code) == ("altered", alone.ALTERED), f"{what}: {state} {said} / {lines}"
        assert here in said and there in lines, f"{what}: {said} / {lines}"
    state, said, code, _ = judged(pages)
    assert (state, code) == ("altered", alone.UNREADABLE) and "签名被去掉" in said
    assert seal == pdffile.parted(whole)[1]

    forged = json.loads(report.snapshot)
    forged["subject"]["name"] = "别的公司"
    swapped = attached_anew(pages, canonical(forged))
    state, said, code, lines = judged(pdffile.with_seal(swapped, seal))
    assert (state, code) == ("altered", alone.ALTERED) and "主体 › 名称" in said and "subject › name" in lines


def page_stream(pdf: bytes, number: int) -> bytes:
    """The packed content of a page, found by the digest that the seal holds of it."""
    wanted = pdffile.page_digests(pdf)[number - 1]
    starts = [m.end() for m in re.finditer(rb"stream\n", pdf)]
    streams = [pdf[a : pdf.index(b"\nendstream", a)] for a in starts if b"\nendstream" in pdf[a:]]
    return next(s for s in streams if hashlib.sha256(s).hexdigest() == wanted)


def flip(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def replaced(pdf: bytes, old: bytes, new: bytes) -> bytes:
    """A forger's edit: another stream of its own length, the file otherwise as it was."""
    head = b"/Length %d/Filter/FlateDecode>>\nstream\n"
    return pdf.replace(head % len(old) + old, head % len(new) + new)


def attached_anew(pdf: bytes, data: bytes) -> bytes:
    packed = zlib.compress(data)
    at = pdf.index(b"/Type/EmbeddedFile")
    opening = pdf.index(b"stream\n", at) + 7
    length = re.search(rb"/Length (\d+)", pdf[pdf.rfind(b" 0 obj", 0, at) : opening])
    assert length
    head = pdf[pdf.rfind(b" 0 obj", 0, at) : opening]
    new = re.sub(rb"/Length \d+", b"/Length %d" % len(packed), head)
    return pdf.replace(head + pdf[opening : opening + int(length[1])], new + packed)


def test_number_and_code_tell_a_stranger_no_more_than_the_verdict(store) -> None:
    w.settle()
    old = w.issue()
    assert verifying.by_number(old.number, old.code.lower(), w.TODAY).state == "genuine"
    for number, code in ((old.number, "AAAAAAAA"), ("QB20269999999", old.code), ("", "")):
        assert verifying.by_number(number, code, w.TODAY) == verifying.Verdict("unknown")
    new = w.issue()
    replaced_by = verifying.by_number(old.number, old.code, w.TODAY)
    assert replaced_by.state == "replaced" and str(new.day) in replaced_by.notes[0]
    assert verifying.by_number(new.number, new.code, w.TODAY).state == "genuine"
    late = date(2027, 1, 1)
    assert verifying.by_number(new.number, new.code, late).state == "expired"
    assert judged(queries.pdf_of(new), late)[::2] == ("expired", alone.EXPIRED)
    assert (replaced_by.name, replaced_by.day) == (w.NAME, w.TODAY)


def test_nobody_finds_values_out_by_guessing(store) -> None:
    """A file with a number but without its code learns nothing of what differs."""
    w.settle()
    package = actions.package(w.issue())
    verdict = verifying.by_file(edited(package, lambda t: t["report"].update(code="AAAAAAAA", purpose="?")), w.TODAY)
    assert (
        verdict.state == "altered" and len(verdict.faults) == 1 and "核验码" in verdict.faults[0] and not verdict.name
    )


def test_a_template_changed_without_a_new_version_is_noted(store, monkeypatch) -> None:
    w.settle()
    report = w.issue()
    packs = policies()
    changed = [t.model_copy(update={"valid_days": 99}) for t in packs.of(Template)]

    class Altered:
        def of(self, _kind: object) -> list[Template]:
            return changed

    monkeypatch.setattr(verifying, "policies", Altered)
    assert "模板后来被改动" in verifying.by_number(report.number, report.code, w.TODAY).notes[0]


def test_a_replaced_key_still_vouches_for_what_it_sealed(store) -> None:
    w.settle()
    old = w.issue()
    keys.replace("Ed25519", "operator")
    new = w.issue("concise")
    for report in (old, new):
        assert judged(actions.package(report))[::2] == ("genuine", alone.GENUINE)
    code, lines = alone.check(
        actions.package(old), [k for k in keys.published() if k["algorithm"] != "Ed25519"], w.TODAY
    )
    assert code == alone.ALTERED and "none of keys.json" in lines[0]


LEAVES = st.recursive(
    st.text(max_size=6) | st.integers(0, 99) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=4), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=4), LEAVES, min_size=1, max_size=4), st.data())
def test_any_change_is_found_by_both_and_no_other_is(snapshot: dict, data: st.DataObject) -> None:
    shadow = sealing.shadow(snapshot)
    assert not list(differing.differences(snapshot, deepcopy(snapshot)))
    assert not list(alone.altered(shadow, deepcopy(snapshot)))
    changed = deepcopy(snapshot)
    key = data.draw(st.sampled_from(sorted(changed)))
    changed[key] = [changed[key]] if isinstance(changed[key], dict) else {"changed": changed[key]}
    assert len(list(differing.differences(snapshot, changed))) == 1
    assert len(list(alone.altered(shadow, changed))) == 1


def test_other_files_are_told_apart_without_a_fault(store) -> None:
    for content in (
        b"",
        b"%PDF-1.7 nothing",
        b"{}",
        b"[]",
        b'{"report":[],"seal":1}',
        b"[" * 5000,
        b"%PDF-1.7\n" + b"/Type/Pages" * 90_000,
        b"%PDF-1.7\n" + b"\n1 0 obj\n<</Type/ChengxinSeal/Length 9>>\nstream\n" * 9,
    ):
        assert verifying.by_file(content, w.TODAY).state == "unknown", content[:30]
