"""The draw itself (双随机): so simple that anybody can run it again with a few lines (docs/verify_draw.py).

    key of a subject    HMAC-SHA256(seed, "plan|beacon|stratum|code")            ascending, the first k of a stratum
    key of a pair       HMAC-SHA256(seed, "plan|beacon|inspectors|code|number")  ascending, the first of those not recused

k is the stratum's ratio of all its members, rounded up. Subjects that have had their most inspections of the year are
passed over; those whose least is not reached by now are inspected besides. Where the first inspectors are exactly the
ones of the last time, the last of them gives way to the next. All of it runs as SQL over tables of a million rows.
"""

from __future__ import annotations

import hashlib
import secrets

import duckdb

from chengxin.standards.hashing import sm3_hex

ALGORITHM = "chengxin-draw-1: HMAC-SHA256(seed, message), hex, ascending; message = plan|beacon|stratum|code"
_BLOCK = 64


def new_seed() -> tuple[str, str, str]:
    """A fresh seed and what is published before the draw: (hex, its SHA-256, its SM3)."""
    seed = secrets.token_bytes(32)
    return seed.hex(), hashlib.sha256(seed).hexdigest(), sm3_hex(seed)


def hmac_sql(seed: str, message: str) -> str:
    """HMAC-SHA256 as an expression of DuckDB, 64 hex digits (RFC 2104); `message` is an expression of type VARCHAR."""
    key = bytes.fromhex(seed).ljust(_BLOCK, b"\0")
    inner, outer = (bytes(b ^ pad for b in key).hex() for pad in (0x36, 0x5C))
    return f"sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode({message}))))"


def pool_digest(con: duckdb.DuckDBPyConnection) -> str:
    """SHA-256 over the table `pool`: one line "code|stratum|obliged|capped" a subject, in the order of the codes."""
    line = "concat(code, '|', stratum, '|', CAST(obliged AS INT), '|', CAST(capped AS INT))"
    digest = con.sql(f"SELECT sha256(coalesce(string_agg({line}, chr(10) ORDER BY code), '')) FROM pool").fetchall()
    return str(digest[0][0])


def draw_subjects(con: duckdb.DuckDBPyConnection, seed: str, plan: str, beacon: str) -> None:
    """Make `drawn` (subject_id, code, stratum, obliged) from `pool` and `strata` (id, k)."""
    key = hmac_sql(seed, "concat(?, '|', ?, '|', p.stratum, '|', p.code)")
    con.execute(
        f"""CREATE TABLE drawn AS
        SELECT subject_id, code, stratum, place > k AS obliged FROM (
            SELECT p.subject_id, p.code, p.stratum, p.obliged, s.k,
                   row_number() OVER (PARTITION BY p.stratum ORDER BY {key}, p.code) AS place
            FROM pool p JOIN strata s ON s.id = p.stratum WHERE NOT p.capped)
        WHERE place <= k OR obliged ORDER BY code""",
        [plan, beacon],
    )


def draw_inspectors(con: duckdb.DuckDBPyConnection, seed: str, plan: str, beacon: str, together: int) -> None:
    """Make `tasks` (subject_id, code, stratum, obliged, inspectors) from `drawn`, `inspectors` (number), `recused` (code,
    number) and `last` (code, numbers sorted); `inspectors` is NULL where too few may go."""
    key = hmac_sql(seed, "concat(?, '|', ?, '|inspectors|', d.code, '|', i.number)")
    con.execute(
        f"""CREATE TABLE tasks AS
        WITH ranked AS (
            SELECT d.code, list(i.number ORDER BY {key}, i.number) AS numbers
            FROM drawn d CROSS JOIN inspectors i
            WHERE NOT EXISTS (SELECT 1 FROM recused r WHERE r.code = d.code AND r.number = i.number)
            GROUP BY d.code
        ), chosen AS (
            SELECT r.code, CASE WHEN list_sort(r.numbers[1:{together}]) IS DISTINCT FROM l.numbers
                                THEN r.numbers[1:{together}]
                                ELSE list_append(r.numbers[1:{together - 1}], r.numbers[{together + 1}]) END AS numbers
            FROM ranked r LEFT JOIN last l ON l.code = r.code
        )
        SELECT d.*, CASE WHEN len(list_filter(c.numbers, lambda n: n IS NOT NULL)) = {together} THEN c.numbers END
               AS inspectors
        FROM drawn d LEFT JOIN chosen c ON c.code = d.code ORDER BY d.code""",
        [plan, beacon],
    )
