"""Work of bench (c): fill a register by sets, then ask it for profiles and names."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from benchmarks.measure import set_up, timed

STEP = 250_000
WHEN = "2026-11-20 08:00:00+00:00"


def load(subjects: str, records: str) -> dict[str, Any]:
    """Make the store and fill it with subjects, names, records and versions, then index the names."""
    set_up()
    from django.core.management import call_command

    from chengxin.registry import search

    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    with _without_indexes("registry_record", "registry_recordversion", "registry_name_grams"):
        _subjects(int(subjects))
        _records(int(subjects), int(records))
        index, _ = timed(search.follow)
    _analyse()
    return {"seconds": time.perf_counter() - started, "index": index}


def profile(asked: str) -> dict[str, Any]:
    """Public profiles of random subjects against the same rows fetched by bare SQL."""
    set_up()
    from chengxin.registry.models import Record, Subject
    from chengxin.registry.profile import public_profile

    codes = sampled(int(asked))
    floor = _timings(_bare(), codes)
    ours = _timings(public_profile, codes)
    counts = [len((public_profile(c) or {"records": []})["records"]) for c in codes[:200]]
    busiest = Record.objects.filter(subject_id=1).count() if Subject.objects.exists() else 0
    return {"seconds": 0.0, "floor": floor, "ours": ours, "records": float(np.mean(counts)), "most": busiest}


def names(asked: str) -> dict[str, Any]:
    """Searches by two characters anywhere in a name, by trade words, and by the commonest pairs of all."""
    set_up()
    from chengxin.registry import search

    rng = np.random.default_rng(7)
    some = names_of(int(asked))
    pairs = [(n, int(rng.integers(0, max(1, len(n) - 1)))) for n in some]
    two = [n[at : at + 2] for n, at in pairs]
    trade = ["云岭", "澄砚", "泊禾", *(n[2:4] for n in some[: int(asked) // 4])]
    common = ["有限", "公司", "科技", "苏州", "南京", "贸易", "江苏", "机械"] * 5
    found = [len(search.search(q)) for q in two[:200]]
    return {
        "seconds": 0.0,
        "two": {**_timings(search.search, two), "hits": float(np.mean(found))},
        "trade": _timings(search.search, trade),
        "common": _timings(search.search, common),
    }


def _timings(ask: Callable[[str], Any], questions: Sequence[str]) -> dict[str, float]:
    for question in questions[:20]:
        ask(question)
    took = [timed(lambda q=question: ask(q))[0] * 1000 for question in questions]
    return {name: float(np.percentile(took, share)) for name, share in (("p50", 50), ("p95", 95), ("p99", 99))}


def _bare() -> Callable[[str], Any]:
    """The subject and its records with their present version, by index, with the driver alone."""
    from django.db import connection

    connection.ensure_connection()
    mark = "%s" if connection.vendor == "postgresql" else "?"
    cursor = connection.connection.cursor()
    subject = f"SELECT id, name, code, region, status FROM registry_subject WHERE code = {mark}"
    rows = f"""SELECT r.*, v.* FROM registry_record r JOIN registry_recordversion v ON v.id = r.change
               WHERE r.subject_id = {mark}"""

    def ask(code: str) -> Any:
        found = cursor.execute(subject, [code]).fetchone()
        return cursor.execute(rows, [found[0]]).fetchall()

    return ask


def sampled(asked: int) -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM registry_record")
        newest = cursor.fetchone()[0]
        ids = np.random.default_rng(3).integers(1, newest, asked).tolist()
        cursor.execute(
            f"""SELECT s.code FROM registry_record r JOIN registry_subject s ON s.id = r.subject_id
                WHERE r.id IN ({", ".join(map(str, ids))})"""
        )
        return [r[0] for r in cursor.fetchall()]


def names_of(asked: int) -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM registry_subject")
        ids = np.random.default_rng(5).integers(1, cursor.fetchone()[0], asked).tolist()
        cursor.execute(f"SELECT name FROM registry_subject WHERE id IN ({', '.join(map(str, ids))})")
        return [r[0] for r in cursor.fetchall()]


def _subjects(n: int) -> None:
    import polars as pl

    from benchmarks.files import names as generated

    frame = generated(n).select(
        pl.int_range(1, n + 1, dtype=pl.Int64).alias("id"), "code", "organisation_code", "name", "region", "address",
        pl.col("kind").replace_strict({"个体工商户": "individual_business"}, default="organisation").alias("kind"),
        pl.col("name").str.replace_many(["（", "）"], ["(", ")"]).alias("name_key"),
    )  # fmt: skip
    for start in range(0, n, STEP):
        _insert(
            frame.slice(start, STEP),
            f"""INSERT INTO registry_subject (id, scheme, code, organisation_code, kind, name, name_key, provisional, region,
                    industry, status, address, updated_at)
                SELECT id, 'uscc', code, organisation_code, kind, name, name_key, false, region, '', '存续', address, '{WHEN}'
                FROM {{stage}}""",
            """INSERT INTO registry_subjectname (subject_id, name, name_key, current)
                SELECT id, name, name_key, true FROM {stage} ORDER BY id""",
        )


def _records(subjects: int, n: int) -> None:
    """Records whose subjects are drawn with a skew, each with one version that holds a payload as departments send it."""
    import polars as pl

    payloads = _payloads()
    for start in range(0, n, STEP):
        count = min(STEP, n - start)
        rng = np.random.default_rng(start)
        who = (rng.random(count) ** 1.6 * subjects).astype(np.int64) + 1
        frame = pl.DataFrame(
            {"id": np.arange(start + 1, start + count + 1), "subject_id": who, "days": rng.integers(0, 900, count)}
        ).with_columns(
            payloads[rng.integers(0, len(payloads), count)].alias("payload"),
            (pl.date(2024, 5, 1) + pl.duration(days="days")).cast(pl.Date).alias("decided_on"),
        )
        frame = frame.with_columns(
            pl.concat_str(pl.lit("苏环罚〔2026〕"), "id", pl.lit("号|11320500")).alias("key"),
            pl.col("id").hash(1).cast(pl.String).str.zfill(32).alias("key_hash"),
            pl.col("payload").hash(2).cast(pl.String).str.zfill(32).alias("content_hash"),
        ).drop("days")
        _insert(
            frame,
            """INSERT INTO registry_record (id, item, source, key, key_hash, variant, subject_id, change, number, content_hash,
                    standing, held, confirmed_hash, severity, region, decided_on, publish, public_until)
                SELECT id, 'penalty', 'ecology-environment', key, key_hash, '', subject_id, id, 1, content_hash, 'active',
                    false, '', 'general', '320500', decided_on, true, '2029-12-31' FROM {stage}""",
            f"""INSERT INTO registry_recordversion (id, record_id, number, action, standing, held, severity, subject_id_then,
                    payload, content_hash, item_version, batch, "row", "case", actor, reason, recorded_at)
                SELECT id, id, 1, 'created', 'active', false, 'general', subject_id, payload, content_hash, '2026.1', 1, id, '',
                    'bench', '', '{WHEN}' FROM {{stage}}""",
        )


def _payloads() -> Any:
    import polars as pl

    from benchmarks.files import SEED
    from chengxin.tools.generator.penalties import penalties
    from chengxin.tools.generator.stock import headings
    from chengxin.tools.generator.subjects import subjects

    frame = penalties(subjects(1000, SEED), 2000, SEED).rename(headings()["penalty"]["2018"])
    return frame.select(pl.struct(pl.all()).struct.json_encode().alias("payload")).to_series()


def _insert(frame: Any, *statements: str) -> None:
    from django.db import connection

    from chengxin.registry.lock import writing
    from chengxin.registry.staging import staged

    with (
        staged(frame.to_arrow(compat_level=_oldest()).cast(_schema(frame))) as stage,
        writing(),
        connection.cursor() as cursor,
    ):
        for statement in statements:
            cursor.execute(_adapted(statement.format(stage=stage)))


def _adapted(statement: str) -> str:
    from django.db import connection

    if connection.vendor == "postgresql":
        return statement.replace(", '2029-12-31' FROM", ", date '2029-12-31' FROM").replace(
            f"'{WHEN}'", f"timestamptz '{WHEN}'"
        )
    return statement


def _oldest() -> Any:
    import polars as pl

    return pl.CompatLevel.oldest()


def _schema(frame: Any) -> Any:
    import polars as pl
    import pyarrow as pa

    kinds = {pl.Int64: pa.int64(), pl.Date: pa.date32(), pl.String: pa.string()}
    return pa.schema([(name, kinds[type(kind)]) for name, kind in frame.schema.items()])


@contextmanager
def _without_indexes(*tables: str) -> Iterator[None]:
    """Indexes and unique constraints of tables that are filled from nothing are made once at the end (PostgreSQL only).

    Primary keys stay: what follows joins by them.
    """
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    names = ", ".join(f"'{t}'::regclass" for t in tables)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
                WHERE conrelid IN ({names}) AND contype = 'u'"""
        )
        unique = cursor.fetchall()
        for table, name, _definition in unique:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute(
            f"""SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
                WHERE indrelid IN ({names}) AND NOT indisprimary"""
        )
        plain = cursor.fetchall()
        for name, _definition in plain:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for _name, definition in plain:
            cursor.execute(definition)
        for table, name, definition in unique:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        # Index-only scans and cheap visibility checks, as the autovacuum of a register in use would have left it.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
