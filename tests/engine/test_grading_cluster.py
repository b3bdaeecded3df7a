"""Spark distributes, DuckDB computes: the same grades to the last digit, also when a worker is killed (issue 3, part 5).

A standalone cluster of two workers on loopback. Where there is a Java these tests run; that pyspark is missing then is
a fault of the set-up and not a reason to skip.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from chengxin.engine.grading import cluster as clusters
from chengxin.engine.grading.cluster import Cluster, NotStarted, grade_on_cluster, java_home
from chengxin.engine.grading.run import Bucket, grade_bucket

from .test_grading import PLAN

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(java_home() is None, reason="there is no Java here"),
    pytest.mark.xdist_group("spark"),
]
TODAY = date(2026, 3, 31)
BUCKETS = 8


@dataclass
class Standalone:
    """A master and its workers, each in a process group of its own."""

    master: str
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def standalone(tmp_path_factory) -> Iterator[Standalone]:
    import pyspark

    home, folder = Path(pyspark.__file__).parent, tmp_path_factory.mktemp("spark")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    java = java_home()
    assert java is not None
    env = {
        **os.environ, "JAVA_HOME": java, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(folder),
        "PYSPARK_PYTHON": sys.executable, "SPARK_DAEMON_MEMORY": "256m",
    }  # fmt: skip
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> subprocess.Popen[bytes]:
        command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{words[0]}", *words[1:]]
        log = (folder / f"{len(started)}.log").open("wb")
        started.append(subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True))
        return started[-1]

    start("master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
    until = time.monotonic() + 40
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    address = f"spark://127.0.0.1:{port}"
    place = ("--host", "127.0.0.1", "--webui-port", "0", "--cores", "1", "--memory", "1g", address)
    yield Standalone(address, [start("worker.Worker", *place) for _ in range(2)])
    for process in started:
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """The whole group: a worker with its executor and the executor's Python."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait(timeout=20)


def buckets(folder: Path, name: str) -> list[Bucket]:
    found = []
    for n in range(BUCKETS):
        parts = [str(folder / f"{part}-{n}.parquet") for part in ("s", "r")]
        found.append(Bucket(*parts, str(folder / f"{name}-{n}.parquet")))
    return found


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Eight buckets of invented records, and their grades made in one process."""
    folder = tmp_path_factory.mktemp("buckets")
    with duckdb.connect() as con:
        for n in range(BUCKETS):
            con.execute(
                f"""COPY (SELECT {n} + {BUCKETS} * (i % 20000) AS subject_id, {n} * 1000000 + i AS change,
                ['penalty', 'tax'][1 + i % 2] AS item, DATE '{TODAY}' - CAST(hash(i, {n}) % 900 AS INTEGER) AS decided_on,
                CAST(NULL AS DATE) AS expires_on, ['minor', 'serious'][1 + i % 3 % 2] AS severity, '' AS source,
                '' AS region, 'active' AS standing, CAST((hash(i, {n}) % 99991) / 7 AS DECIMAL(18, 2)) AS amount,
                ['A', 'D', 'Q'][1 + i % 3] AS word FROM range(200000) t(i)) TO '{folder}/r-{n}.parquet'"""
            )
            con.execute(
                f"""COPY (SELECT {n} + {BUCKETS} * i AS subject_id, 'organisation' AS kind, '' AS region, '' AS industry,
                '' AS status, DATE '2010-01-01' AS registered_on FROM range(20000) t(i)) TO '{folder}/s-{n}.parquet'"""
            )
    for bucket in buckets(folder, "here"):
        assert grade_bucket(PLAN, TODAY, bucket) == 20000
    return folder


def same(folder: Path, name: str) -> bool:
    with duckdb.connect() as con:
        here, there = (f"read_parquet('{folder}/{n}-*.parquet')" for n in ("here", name))
        rows = con.sql(f"SELECT count(*) FROM {there}").fetchall()[0][0]
        differ = con.sql(
            f"(FROM {here} EXCEPT FROM {there}) UNION ALL (FROM {there} EXCEPT FROM {here}) LIMIT 3"
        ).fetchall()
    return rows == BUCKETS * 20000 and not differ


def test_the_same_to_the_last_digit_although_a_worker_is_killed(standalone, data) -> None:
    done: list[object] = []

    def run() -> None:
        try:
            done.append(grade_on_cluster(PLAN, TODAY, buckets(data, "there"), Cluster(standalone.master)))
        except Exception as error:
            done.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    until = time.monotonic() + 60
    while not list(data.glob("there-*.parquet*")) and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.02)
    finished = len(list(data.glob("there-*.parquet")))
    _kill(standalone.workers[0])
    thread.join(timeout=80)
    assert done == [[20000] * BUCKETS]
    assert finished < BUCKETS  # it was killed in the middle
    assert same(data, "there")


def test_what_no_worker_can_give_is_said_within_a_minute(standalone, data) -> None:
    started = time.monotonic()
    with pytest.raises(NotStarted, match="64g"):
        grade_on_cluster(PLAN, TODAY, buckets(data, "never"), Cluster(standalone.master, memory="64g", wait=8))
    assert time.monotonic() - started < 60 and not list(data.glob("never-*"))


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Cluster("spark://127.0.0.1:9"), "is the master running"),
        (Cluster(memory="lots"), "such as 512m"),
        (Cluster(cores=0), "at least 1"),
    ],
)
def test_a_wrong_request_is_refused_at_once(data, wanted, said) -> None:
    with pytest.raises(NotStarted, match=said):
        grade_on_cluster(PLAN, TODAY, buckets(data, "never"), wanted)


def test_without_java_it_says_what_to_do(data, monkeypatch) -> None:
    monkeypatch.setattr(clusters, "java_home", lambda: None)
    with pytest.raises(NotStarted, match="JAVA_HOME"):
        grade_on_cluster(PLAN, TODAY, buckets(data, "never"), Cluster())
