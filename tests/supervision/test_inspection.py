"""Random inspection by grade, whose draw anybody can run again; results become records; the year's bounds (F-12)."""

from __future__ import annotations

import hashlib
import hmac
import importlib.util
import json
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.engine.session import open_session
from chengxin.registry.models import Subject
from chengxin.standards.hashing import sm3_hex
from chengxin.standards.uscc import make_uscc
from chengxin.supervision.inspection.actions import draw, plan, publish, recuse, register_inspector
from chengxin.supervision.inspection.drawing import hmac_sql
from chengxin.supervision.inspection.pool import place
from chengxin.supervision.inspection.queries import document, result_rows, verify
from chengxin.supervision.inspection.refusals import NotPossible
from chengxin.supervision.inspection.results import enter_results, handed_over
from chengxin.supervision.models import Plan

from .helpers import ANNA, AUTHORITY, BORIS, CHEN, penalty, row, send, subject

DEPARTMENT = POLICY = MODEL = "ecology-environment"
TODAY = timezone.localdate()
QUARTER = (max(date(TODAY.year, 1, 1), TODAY - timedelta(days=5)), date(TODAY.year, 12, 31))
CODES = [make_uscc("9", "1", "320500", f"MA1PXX{n:02d}") for n in range(40)]


def verifier() -> ModuleType:
    """The few lines that stand in the documents, as a citizen would run them."""
    path = Path(__file__).parents[2] / "docs" / "verify_draw.py"
    spec = importlib.util.spec_from_file_location("verify_draw", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def pool(store: object, graded: list[tuple[int, str, str, int, date]]) -> None:
    """Forty polluters: four green, one black, one yellow, the others not graded."""
    old = date(2024, 1, 5)
    send(*(penalty(n, code, f"单位{n}", f"{n}号", decided_on=old) for n, code in enumerate(CODES)))
    for n, grade in enumerate(["green"] * 4 + ["black", "yellow"]):
        graded.append((subject(CODES[n]).pk, MODEL, grade, 0, old))
    for number in ("E01", "E02", "E03"):
        register_inspector(ANNA, DEPARTMENT, number, f"检查员{number}")


def made() -> Plan:
    return plan(ANNA, POLICY, "四季度排污单位双随机抽查", *QUARTER)


@given(st.binary(min_size=32, max_size=32), st.text(max_size=200).filter(lambda t: "\0" not in t))
@settings(max_examples=50, deadline=None)
def test_the_draws_hash_is_the_hmac_that_everybody_has(seed: bytes, message: str) -> None:
    with open_session(threads=1) as con:
        (found,) = con.execute(f"SELECT {hmac_sql(seed.hex(), '?')}", [message]).fetchone()  # type: ignore[misc]
    assert found == hmac.new(seed, message.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


@pytest.mark.usefixtures("pool")
def test_a_plan_commits_before_it_draws_and_the_public_can_draw_again(tmp_path: Path) -> None:
    """R-157: pool, class snapshot, ratio, seed, inspectors; both hashes of the seed before, the seed after."""
    p = made()
    before = document(p)
    assert "seed" not in before and "drawn" not in before and len(before["pool"]) == 40
    with pytest.raises(NotPossible, match="还没有抽取"):
        publish(BORIS, p)
    count = draw(ANNA, p, "3D 20261121: 4 7 1")
    after = document(p)
    assert after["commitment"] == before["commitment"] and after["pool"] == before["pool"]
    seed = bytes.fromhex(after["seed"])
    assert hashlib.sha256(seed).hexdigest() == before["commitment"]["seed_sha256"]
    assert sm3_hex(seed) == before["commitment"]["seed_sm3"]
    # green 1 % of 4, black all, yellow 20 % of 1 and due once a year, blue 5 % of 34
    by_stratum = {s["id"]: (s["size"], s["k"]) for s in after["strata"]}
    assert by_stratum == {"green": (4, 1), "black": (1, 1), "yellow": (1, 1), "blue": (34, 2)}
    assert count == 5 and {d["stratum"] for d in after["drawn"]} == set(by_stratum)
    assert all(len(set(d["inspectors"])) == 2 for d in after["drawn"])
    assert verify(p) == [] and verifier().faults(json.loads(json.dumps(after))) == []
    with pytest.raises(NotPossible, match="不能再抽"):
        draw(ANNA, p)
    with pytest.raises(NotPossible, match="另一位审核员"):
        publish(ANNA, p)
    assert publish(BORIS, p).published_by == "boris"


@pytest.mark.usefixtures("pool")
@pytest.mark.parametrize("change", ["drawn", "pool", "seed", "k", "inspectors", "swap"])
def test_a_changed_draw_is_found_by_the_few_lines(change: str) -> None:
    p = made()
    draw(ANNA, p)
    told = document(p)
    if change == "drawn":
        told["drawn"].pop()
    elif change == "pool":
        told["pool"].pop()
    elif change == "seed":
        told["seed"] = "00" * 32
    elif change == "k":
        told["strata"][0]["k"] += 1
    elif change == "inspectors":
        told["drawn"][0]["inspectors"] = ["E01", "E99"]
    else:
        others = sorted({c for c, s, *_ in told["pool"] if s == "blue"} - {d["code"] for d in told["drawn"]})
        next(d for d in told["drawn"] if d["stratum"] == "blue")["code"] = others[0]
    assert verifier().faults(told)


@pytest.mark.usefixtures("pool")
def test_whoever_changes_the_kept_pool_or_the_tasks_is_found() -> None:
    p = made()
    draw(ANNA, p)
    task = p.tasks.first()
    assert task is not None
    p.tasks.filter(pk=task.pk).update(inspectors=["E99", "E98"])
    assert verify(p) == [task.code]
    pl.read_parquet(place(p.pool)).with_columns(capped=pl.lit(True)).write_parquet(place(p.pool))
    with pytest.raises(NotPossible, match="被改动过"):
        verify(p)


@pytest.mark.usefixtures("pool")
def test_nobody_inspects_their_own_house_and_never_the_same_two_twice_running() -> None:
    """Recusal by employer and by declared interest; the pair changes; too few inspectors stop the draw."""
    black = CODES[4]
    first = made()
    draw(ANNA, first)
    pair = sorted(first.tasks.get(code=black).inspectors)
    second = made()
    draw(ANNA, second)
    assert sorted(second.tasks.get(code=black).inspectors) != pair
    register_inspector(ANNA, DEPARTMENT, "E04", "检查员四", employers=[black])
    for number in ("E02", "E03"):
        kept_away = register_inspector(ANNA, DEPARTMENT, number, f"检查员{number}")
        recuse(ANNA, kept_away, black, "近亲属在该单位任职")
    third = made()
    with pytest.raises(NotPossible, match=f"检查人员不足.*{black}"):
        draw(ANNA, third)
    register_inspector(ANNA, DEPARTMENT, "E05", "检查员五")
    draw(ANNA, third)
    assert sorted(third.tasks.get(code=black).inspectors) == ["E01", "E05"]
    assert "近亲属" not in json.dumps(document(third), ensure_ascii=False)
    assert verifier().faults(document(third)) == []


@pytest.mark.usefixtures("pool")
def test_the_years_most_and_least_count_what_stands_in_the_register_and_what_is_under_way() -> None:
    """R-158: a green subject that had its one random inspection of the year is passed over; a black one is due."""
    content = {"inspection_kind": "双随机检查", "authority_name": AUTHORITY, "inspection_number": "1"}
    day = date(TODAY.year, 1, 2)
    done = [
        row(n, c, f"单位{n}", f"j{n}", content=content | {"inspection_number": str(n)}, severity="", decided_on=day)
        for n, c in enumerate(CODES[:4])
    ]
    send(*done, item="inspection")
    p = made()
    rows = {code: (stratum, obliged, capped) for code, stratum, obliged, capped in document(p)["pool"]}
    assert all(rows[c] == ("green", 0, 1) for c in CODES[:4]) and rows[CODES[4]] == ("black", 1, 0)
    draw(ANNA, p)
    assert not p.tasks.filter(code__in=CODES[:4]).exists() and verifier().faults(document(p)) == []


@pytest.mark.usefixtures("pool")
def test_results_are_entered_as_a_whole_and_go_to_the_register_as_rows_of_the_item() -> None:
    """R-157, R-164, R-166: what was found becomes inspection records by the road of all data."""
    p = made()
    draw(ANNA, p)
    codes = list(p.tasks.values_list("code", flat=True))

    def results(**change: object) -> pl.DataFrame:
        base = {"result": "未发现问题", "inspected_on": TODAY, "findings": "", "matters": ["排污许可证执行情况"]}
        rows = [{"code": c, **base} for c in codes]
        rows[0] |= change
        return pl.DataFrame(rows)

    for change, words in [
        ({"code": "91320000000000000X"}, "不在计划"),
        ({"result": "很好"}, "未发现问题"),
        ({"inspected_on": TODAY + timedelta(days=1)}, "检查日期"),
        ({"matters": ["聊天"]}, "排污许可证执行情况"),
    ]:
        with pytest.raises(NotPossible, match=words):
            enter_results(ANNA, p, results(**change))
    assert not p.tasks.exclude(result="").exists(), "all or nothing"
    assert enter_results(ANNA, p, results(result="发现问题已责令改正", findings="台账不全")) == len(codes)
    item, sent, file = result_rows(p, TODAY.isoformat())
    lines = [json.loads(line) for line in file.decode().splitlines()]
    assert (item, sent) == ("inspection", sorted(codes)) and len(lines) == len(codes)
    assert {line["检查机关"] for line in lines} == {AUTHORITY}
    assert {line["检查事项"] for line in lines} == {"排污许可证执行情况"}
    assert handed_over(p, sent, "202611-000001") == len(codes)
    with pytest.raises(NotPossible, match="没有待报送"):
        result_rows(p, TODAY.isoformat())
    with pytest.raises(NotPossible, match="已经报送"):
        enter_results(CHEN, p, results())


@pytest.mark.usefixtures("pool")
def test_the_new_are_tolerated_the_exempt_left_out_and_the_distrusted_are_neither(policy_copy: Path) -> None:
    """R-160 tolerance never for the tier increased; control exemption as the pack says; pools that are not public stay so."""
    file = policy_copy / "departments/ecology-environment/inspection.toml"
    exempt = (
        '[[exemption]]\nid = "exempt"\nlabel = "管控豁免"\nlabel_en = "Exempt"\nbasis = "方案"\n'
        'when = [{ grade = { model = "ecology-environment", in = "green" } }]\n\n[[matter]]'
    )
    text = file.read_text("utf-8").replace("[[matter]]", exempt, 1).replace("pool_public = true", "pool_public = false")
    file.write_text(text, "utf-8")
    Subject.objects.filter(code__in=CODES[4:8]).update(registered_on=TODAY - timedelta(days=60))
    p = made()
    rows = {code: stratum for code, stratum, *_ in document(p, whole=True)["pool"]}
    assert not set(CODES[:4]) & set(rows) and rows[CODES[4]] == "black" and rows[CODES[5]] == "yellow"
    assert {rows[c] for c in CODES[6:8]} == {"blue.start-up"} and rows[CODES[8]] == "blue"
    draw(ANNA, p)
    public = document(p)
    assert "pool" not in public and public["strata"] == [] and "stratum" not in public["drawn"][0]
    assert verifier().faults(public) == ["the pool is not public: only the seed could be checked"]
    assert verifier().faults(document(p, whole=True)) == []
