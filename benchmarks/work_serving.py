"""Work of bench (g): which addresses are asked for, and a client for machines without wrk."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from benchmarks.measure import set_up
from benchmarks.work_looking import names_of, sampled


def questions(folder: str, asked: str, often: str) -> dict[str, Any]:
    """Write the addresses: bare.txt, profile.txt, often.txt (a few of them), again.txt (with the tag of what the asker
    has), search.txt."""
    set_up()
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    place, client = Path(folder), Client(headers={"host": "127.0.0.1"})
    # The database gives them by their place, and the first subjects have the most records: any part of the list is a sample.
    codes = np.random.default_rng(11).permutation(list(dict.fromkeys(sampled(int(asked))))).tolist()
    names = [n[(at := i % max(1, len(n) - 1)) : at + 2] for i, n in enumerate(names_of(int(asked)))]
    pages = [client.get(f"/subjects/{code}") for code in codes[: int(often)]]
    assert all(p.status_code == 200 for p in pages), pages[0].status_code
    (place / "bare.txt").write_text("/\n")
    (place / "profile.txt").write_text("".join(f"/subjects/{c}\n" for c in codes))
    (place / "often.txt").write_text("".join(f"/subjects/{c}\n" for c in codes[: int(often)]))
    tagged = zip(codes, pages, strict=False)
    (place / "again.txt").write_text("".join(f"/subjects/{c} {p.headers['ETag']}\n" for c, p in tagged))
    (place / "search.txt").write_text("".join(f"/search?q={quote(n)}\n" for n in dict.fromkeys(names)))
    return {"seconds": 0.0, "profiles": len(codes), "names": len(set(names)), **_mix(pages, list(dict.fromkeys(names)))}


def _mix(pages: list[Any], names: list[str]) -> dict[str, Any]:
    """What is asked for, by a sample: how long a page of how many records is, and how many subjects a search finds."""
    from chengxin.registry.search import MOST, find

    records = [page.content.count(b'<article class="record"') for page in pages]
    found = [len(find(name).found) for name in names[: len(pages)]]
    return {
        "bytes": sum(len(p.content) for p in pages) // len(pages),
        "records": sum(records) / len(records), "most_records": max(records),
        "found": sum(found) / len(found), "full": sum(n >= MOST for n in found) / len(found),
    }  # fmt: skip


def ask(port: str, paths: str, seconds: str, connections: str) -> dict[str, Any]:
    """Ask over some connections that stay open, one question after the other on each, for so many seconds."""
    lines = [line.partition(" ") for line in Path(paths).read_text().splitlines()]
    asked = [_question(path, tag) for path, _space, tag in lines]
    until = time.monotonic() + float(seconds)
    counts: list[tuple[int, int]] = []
    threads = [
        threading.Thread(target=lambda n=n: counts.append(_one(int(port), asked, n * 1237, until)))
        for n in range(int(connections))
    ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - started
    answers, bad = sum(c[0] for c in counts), sum(c[1] for c in counts)
    return {"seconds": took, "rate": answers / took, "answers": answers, "bad": bad}


def _question(path: str, tag: str) -> bytes:
    more = f"If-None-Match: {tag}\r\n" if tag else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{more}\r\n".encode()


def _one(port: int, asked: list[bytes], offset: int, until: float) -> tuple[int, int]:
    answers = bad = 0
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        while time.monotonic() < until:
            line.sendall(asked[(offset + answers) % len(asked)])
            bad += not _read(line)
            answers += 1
    return answers, bad


def _read(line: socket.socket) -> bool:
    """Take one answer off the line; whether it was 200 or 304."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += line.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    status, lower = head[9:12], head.lower()
    if status == b"304":
        return True
    if b"content-length:" in lower:
        left = int(lower.split(b"content-length:")[1].split(b"\r\n")[0]) - len(body)
        while left > 0:
            left -= len(line.recv(min(left, 1 << 20)))
        return status == b"200"
    while not body.endswith(b"0\r\n\r\n"):
        body += line.recv(65536)
    return status == b"200"
