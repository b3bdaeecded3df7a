"""Measure what each SQL macro costs: ``python -m tests.standards.speed [--rows 1000000] [--threads 2]``.

The values are made up and mostly right, as in a real file: one in a hundred is wrong, one name in ten has full-width
brackets and a blank. Prints the table that stands in README.md.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import duckdb

from chengxin.standards.calendar import WorkCalendar
from chengxin.standards.citizen_id import citizen_id_check_character
from chengxin.standards.organisation_code import make_organisation_code
from chengxin.standards.registration_number import make_registration_number
from chengxin.standards.sql import macro_statements
from chengxin.standards.uscc import make_uscc

HOLIDAYS = Path(__file__).resolve().parents[2] / "policies" / "national" / "codes" / "holidays.csv"
DIFFERENT = 20_000
REPEATS = 5

EXPRESSIONS = [
    "strlen(uscc) = 18",
    "clean_text(name)", "clean_code(uscc)", "is_filler(uscc)", "is_filler(name)", "name_key(name)",
    "document_number_key(document)",
    "uscc_ok(uscc)", "uscc_problem(uscc)", "uscc_inner_ok(uscc)", "uscc_ok(clean_code(uscc))",
    "organisation_code_ok(organisation)", "citizen_id_ok(citizen, DATE '2026-11-21')",
    "registration_number_ok(registration)", "tax_number_ok(tax)",
    "parse_date(iso)", "parse_date(compact)", "parse_date(slashed)", "parse_date(chinese)", "parse_date(moment)",
    "parse_date_or_serial(serial)",
    "parse_amount(yuan)", "parse_amount(wan, unit := '万元')", "parse_amount(written)",
    "add_months(day, 3)", "add_working_days(day, 7)", "working_days_between(day, day + 30)",
    "working_days_late(day, day + 30, 7)",
]  # fmt: skip


def sample(number: int) -> tuple[str, ...]:
    """Make one row of texts; one in a hundred has a wrong check character."""
    wrong = number % 100 == 99
    uscc = make_uscc("9", "1", f"32{number % 13:02d}00", f"MA{number:06d}")
    organisation = make_organisation_code(f"{number * 37 % 10**8:08d}")
    born = f"19{50 + number % 50}{1 + number % 12:02d}{1 + number % 28:02d}"
    citizen = f"320102{born}{number % 1000:03d}"
    citizen += citizen_id_check_character(citizen)
    registration = make_registration_number(f"320100{number:08d}")
    codes = [uscc, organisation, citizen, registration, "320102" + organisation]
    return tuple(code[:-1] + ("0" if code[-1] != "0" else "1") if wrong else code for code in codes)


def load(connection: duckdb.DuckDBPyConnection, rows: int) -> None:
    """Make the table to measure on."""
    codes = [sample(number) for number in range(DIFFERENT)]
    connection.execute("CREATE TABLE code (i INTEGER, uscc VARCHAR, organisation VARCHAR, citizen VARCHAR, "
                       "registration VARCHAR, tax VARCHAR)")  # fmt: skip
    columns = list(zip(*codes, strict=True))
    connection.execute(
        "INSERT INTO code SELECT unnest(range($n)), unnest($a), unnest($b), unnest($c), unnest($d), unnest($e)",
        {"n": DIFFERENT, **{name: list(column) for name, column in zip("abcde", columns, strict=True)}},
    )
    connection.execute(f"""
        CREATE TABLE t AS SELECT code.*,
            CASE WHEN r.i % 10 = 0 THEN '南京（江宁）科技 有限公司' ELSE '南京市玄武区科技发展有限公司' END
            || r.i AS name,
            '苏环罚〔2024〕' || r.i || '号' AS document,
            DATE '2019-01-01' + CAST(r.i % 2800 AS INTEGER) AS day,
            strftime(day, '%Y-%m-%d') AS iso, strftime(day, '%Y%m%d') AS compact, strftime(day, '%Y/%m/%d') AS slashed,
            strftime(day, '%Y年%m月%d日') AS chinese, iso || ' 08:30:00' AS moment,
            CAST(43466 + r.i % 2800 AS VARCHAR) AS serial,
            (r.i % 100000) || '.' || (10 + r.i % 90) AS yuan, (r.i % 1000) || '.' || (100000 + r.i % 900000) AS wan,
            format('{{:,}}', CAST(r.i AS BIGINT)) || '元' AS written
        FROM (SELECT CAST(range AS INTEGER) AS i FROM range({rows})) r JOIN code ON code.i = r.i % {DIFFERENT}""")


def measure(connection: duckdb.DuckDBPyConnection, expression: str) -> tuple[float, float]:
    """Give the best of some runs: seconds passed, and processor seconds of all threads (bent less by a busy machine).

    Hashing makes sure that every value is computed.
    """
    walls, processors = [], []
    for _ in range(REPEATS):
        wall, processor = time.perf_counter(), time.process_time()
        connection.execute(f"SELECT bit_xor(hash({expression})) FROM t").fetchall()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return min(walls), min(processors)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    connection = duckdb.connect()
    connection.execute(f"SET threads = {options.threads}")
    for statement in macro_statements(WorkCalendar.from_csv(HOLIDAYS)):
        connection.execute(statement)
    load(connection, options.rows)
    title = f"DuckDB {duckdb.__version__}, {options.rows:,} values, {options.threads} threads"
    print(f"| {title} | seconds | processor seconds |\n|---|---|---|")
    for expression in EXPRESSIONS:
        wall, processor = measure(connection, expression)
        print(f"| `{expression}` | {wall:.3f} | {processor:.3f} |", flush=True)


if __name__ == "__main__":
    main()
