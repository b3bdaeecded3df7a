"""`chengxin backup` and `chengxin restore`: the database, the evidence and the keys, with a checksum for each file.

A backup holds keys and personal data: it is written for its owner only, and belongs into a safe. SQLite is copied while it
is used (its online backup); PostgreSQL by pg_dump. Nothing is restored over something (domain.md 8.1, F17).
"""

from __future__ import annotations

import json as json_module
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from chengxin.cli.common import need_store, out, print_json, refuse, setup, system_user
from chengxin.paths import home
from chengxin.standards.hashing import sha256_file

MANIFEST = "manifest.json"
_SQLITE = "chengxin.sqlite3"
_LEFT_OUT = ("static", "locale", "scratch", "private", "limits.sqlite3", _SQLITE)
"""What is made anew by itself, and the database, which is copied another way."""
Folder = Annotated[Path, typer.Argument(help="文件夹")]
Json = Annotated[bool, typer.Option("--json")]


def backup(folder: Folder, json: Json = False) -> None:
    """Copy the database, the evidence and the keys into a new folder, with checksums; the platform may go on running."""
    if folder.exists():
        refuse(f"{folder} 已经存在，请指定一个新文件夹。", as_json=json)
    setup()
    need_store(json)
    from django.db import connection

    from chengxin.audit.actions import record as trace

    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    kept = _dump(part, connection.vendor)
    _copy_files(home(), part / "home")
    files = {str(p.relative_to(part)): p for p in sorted(part.rglob("*")) if p.is_file()}
    sums = {name: {"bytes": p.stat().st_size, "sha256": sha256_file(p)} for name, p in files.items()}
    told = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"), "store": connection.vendor, "database": kept,
        "files": sums,
    }  # fmt: skip
    (part / MANIFEST).write_text(json_module.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    size = sum(p.stat().st_size for p in files.values())
    os.replace(part, folder)
    trace(system_user(), "system.backup", "system", folder.name, files=len(files), bytes=size)
    _tell(
        {"folder": str(folder), "files": len(files), "bytes": size}, json, f"✓ 备份了 {len(files)} 个文件，{size} 字节"
    )


def restore(folder: Folder, json: Json = False) -> None:
    """Put a backup into an empty CHENGXIN_HOME (and an empty PostgreSQL database); refuses anything else, and any file
    whose checksum is not the one of the backup."""
    told = _checked(folder, json)
    target = home()
    if target.exists() and any(target.iterdir()):
        refuse(f"{target} 不是空的：恢复只进行到空的 CHENGXIN_HOME。", as_json=json)
    url = os.environ.get("CHENGXIN_DATABASE_URL", "")
    if (told["store"] == "postgresql") != bool(url):
        refuse(f"备份的数据库是 {told['store']}，与现在的设置（CHENGXIN_DATABASE_URL）不一致。", as_json=json)
    if url:
        _need_empty(url, json)
        _run(["pg_restore", "--no-owner", "--exit-on-error", "--dbname", url, str(folder / told["database"])], json)
    if (folder / "home").is_dir():
        shutil.copytree(folder / "home", target, dirs_exist_ok=True)
    target.mkdir(parents=True, exist_ok=True)
    if not url:
        shutil.copyfile(folder / told["database"], target / _SQLITE)
    setup()
    from chengxin.audit.actions import record as trace

    trace(system_user(), "system.restore", "system", folder.name, made_at=told["made_at"])
    words = f"✓ 已恢复到 {target}（备份时间 {told['made_at']}）；请运行 chengxin audit verify 核对"
    _tell({"home": str(target), "made_at": told["made_at"], "files": len(told["files"])}, json, words)


def _dump(part: Path, vendor: str) -> str:
    from django.conf import settings

    if vendor == "postgresql":
        url = os.environ["CHENGXIN_DATABASE_URL"]
        _run(
            ["pg_dump", "--format=custom", "--no-owner", "--dbname", url, "--file", str(part / "database.dump")], False
        )
        return "database.dump"
    source = str(settings.DATABASES["default"]["NAME"])
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(part / _SQLITE)) as copy:
        live.backup(copy)
    (part / _SQLITE).chmod(0o600)
    return _SQLITE


def _copy_files(source: Path, target: Path) -> None:
    def left_out(folder: str, names: list[str]) -> list[str]:
        if Path(folder) != source:
            return []
        return [n for n in names if n in _LEFT_OUT or n.startswith((f"{_SQLITE}-", "limits.sqlite3-"))]

    if source.is_dir():
        shutil.copytree(source, target, ignore=left_out)


def _checked(folder: Path, json: bool) -> dict[str, Any]:
    """The manifest of a backup whose files are all there and unchanged."""
    try:
        told: dict[str, Any] = json_module.loads((folder / MANIFEST).read_text("utf-8"))
        files: dict[str, dict[str, Any]] = told["files"]
    except (OSError, ValueError, KeyError):
        refuse(f"{folder} 里没有备份清单 {MANIFEST}，或者读不懂。", as_json=json)
    for name, wanted in files.items():
        found = folder / name
        if not found.is_file() or sha256_file(found) != wanted["sha256"]:
            refuse(f"备份里的 {name} 缺失或与清单不符，没有恢复任何内容。", as_json=json)
    return told


def _need_empty(url: str, json: bool) -> None:
    import psycopg

    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if found is not None and found[0]:
        refuse(f"数据库 {urlsplit(url).path.lstrip('/')} 不是空的：恢复只进行到空的数据库。", as_json=json)


def _run(words: list[str], json: bool) -> None:
    if shutil.which(words[0]) is None:
        refuse(f"这台机器上没有 {words[0]}，请安装 PostgreSQL 客户端程序。", as_json=json)
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        refuse(f"{words[0]} 没有成功：{done.stderr.strip()[:500]}", as_json=json)


def _tell(told: dict[str, Any], json: bool, words: str) -> None:
    print_json(told) if json else out.print(words, highlight=False, soft_wrap=True)
