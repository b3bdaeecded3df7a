"""How often: fixed windows a key, a person or an address, told in every answer (anchors.md, table "API")."""

from __future__ import annotations

import threading
import time
from collections import Counter

import pytest
from django.db import connections

from chengxin.accounts import limits
from chengxin.accounts.limits import Rate, count

from .client import Api
from .world import World


@pytest.fixture
def strict(world: World, settings: object, monkeypatch: pytest.MonkeyPatch) -> World:
    settings.API_RATES = {"key": "5/3600", "address": "3/3600"}  # type: ignore[attr-defined]
    now = time.time() // 3600 * 3600 + 10  # never at the end of a window
    monkeypatch.setattr(limits.time, "time", lambda: now)
    return world


def test_every_answer_says_what_is_left_and_the_last_says_when(strict: World) -> None:
    answers = [strict["nobody"].get("/catalogue/no-such-item") for _ in range(4)]
    assert [a.status_code for a in answers] == [404, 404, 404, 429]
    assert [a.headers["RateLimit-Remaining"] for a in answers] == ["2", "1", "0", "0"]
    last = answers[-1]
    assert (last.headers["RateLimit-Limit"], last.headers["RateLimit-Policy"]) == ("3", "3;w=3600")
    assert last.headers["Retry-After"] == last.headers["RateLimit-Reset"] == "3590"
    assert "Retry-After" not in answers[0].headers
    assert last.json()["error"]["code"] == "too-many-requests"


def test_keys_people_and_addresses_are_counted_apart(strict: World) -> None:
    for name in ("reporter", "auditor"):
        assert Counter(strict[name].get("/batches").status_code for _ in range(6)) == {200: 5, 429: 1}
    session = Api(user=strict.users["reporter"])
    assert session.get("/batches").status_code == 200
    here = [Api().get("/catalogue").status_code for _ in range(4)]
    there = Api(REMOTE_ADDR="192.0.2.7").get("/catalogue").status_code
    assert (here, there) == ([200, 200, 200, 429], 200)


def test_trying_keys_is_counted_by_address(strict: World) -> None:
    tries = [Api(f"{n:012x}.guess").get("/batches").status_code for n in range(5)]
    assert tries == [401, 401, 401, 429, 429]


def test_a_new_window_begins_anew(strict: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [strict["nobody"].get("/catalogue").status_code for _ in range(4)][-1] == 429
    later = limits.time.time() + 3600
    monkeypatch.setattr(limits.time, "time", lambda: later)
    assert strict["nobody"].get("/catalogue").status_code == 200


def test_no_limit_and_no_headers(world: World, settings: object) -> None:
    settings.API_RATES = {"key": "0/60", "address": "0/60"}  # type: ignore[attr-defined]
    assert "RateLimit-Limit" not in world["nobody"].get("/catalogue").headers


def test_only_our_own_proxies_are_believed(strict: World, settings: object) -> None:
    def ask(forwarded: str) -> int:
        return Api(HTTP_X_FORWARDED_FOR=forwarded).get("/catalogue").status_code  # type: ignore[arg-type]

    assert [ask(f"198.51.100.{n}") for n in range(4)][-1] == 429
    settings.PROXIES = 1  # type: ignore[attr-defined]
    assert [ask(f"203.0.113.{n}, 198.51.100.9") for n in range(4)][-1] == 429
    assert ask("203.0.113.1, 198.51.100.10") == 200


def test_an_ipv6_network_counts_as_one(strict: World) -> None:
    asked = [Api(REMOTE_ADDR=f"2001:db8:1:2::{n}").get("/catalogue").status_code for n in range(4)]
    assert asked[-1] == 429
    assert Api(REMOTE_ADDR="2001:db8:1:3::1").get("/catalogue").status_code == 200


def test_threads_count_together(strict: World) -> None:
    used, rate = [], Rate(1000, 3600)

    def hits() -> None:
        try:
            used.extend(count("many", rate).hits for _ in range(50))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=hits) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(used) == list(range(1, 201))


def test_a_counter_that_cannot_be_reached_lets_people_in(strict: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise OSError("no space left on device")

    monkeypatch.setattr(limits, "_hit", broken)
    assert {strict["nobody"].get("/catalogue").status_code for _ in range(5)} == {200}


def test_old_windows_are_swept(strict: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(20):
        count(f"old {n}", Rate(5, 1))
    monkeypatch.setattr(limits, "_SWEEP_EVERY", 1)
    later = limits.time.time() + 7200
    monkeypatch.setattr(limits.time, "time", lambda: later)
    assert count("new", Rate(5, 60)).hits == 1
    assert _rows() == 1


def _rows() -> int:
    from pathlib import Path

    from django.conf import settings
    from django.db import connection

    sql = "SELECT count(*) FROM accounts_rate_window"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return int(cursor.fetchone()[0])
    return int(limits._side_file(Path(settings.HOME) / "limits.sqlite3").execute(sql).fetchone()[0])


@pytest.mark.parametrize("text", ["", "x", "-1/60", "5/0", "5/x"])
def test_a_rate_is_written_like_600_60(text: str) -> None:
    with pytest.raises(ValueError):
        Rate.parse(text)
    assert Rate.parse("600/60") == Rate(600, 60) == Rate.parse("600")
