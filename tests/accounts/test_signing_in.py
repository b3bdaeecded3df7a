"""Signing in: two factors for staff, lock-out, sessions that end, the password once more before what counts (8.1)."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import time
from base64 import b32decode, b32encode
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.password_validation import validate_password
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from chengxin.accounts import factors, sessions
from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Membership, Organisation, Role, Telephone, User
from chengxin.accounts.real_name import LocalProvider
from chengxin.accounts.store_key import sealer
from chengxin.audit.models import Event
from chengxin.collection.models import Batch, State
from chengxin.paths import policies_dir
from chengxin.policy.sign_in import NoSignIn, in_force
from chengxin.standards.sealing import SealError, sealed_key_id

from ..conftest import REPO, Store

PASSWORD = "a-long-pass-phrase"


@pytest.fixture
def staff(store: object, settings: Any) -> User:
    settings.SECOND_FACTOR_EXEMPT = []
    return make_user("lin", "林知夏", PASSWORD, [("ecology-environment", Role.AUDITOR)])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    moved = [0.0]
    real = time.time
    monkeypatch.setattr(sessions.time, "time", lambda: real() + moved[0])
    yield moved


def sign_in(client: Client, password: str = PASSWORD, name: str = "lin") -> Any:
    return client.post("/sign-in", {"username": name, "password": password})


def code(user: User, steps: int | None = None) -> str:
    """The code of now, or the one so many steps after the last that was used (a slow machine may be a step late)."""
    device = Telephone.objects.get(user=user)
    shown = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    shown.time = time.time() if steps is None else (device.last_t + steps - device.drift) * device.step
    return f"{shown.token():06d}"


def enrol(client: Client, user: User) -> list[str]:
    sign_in(client)
    page = client.get("/account/factor").content.decode()
    typed = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert "<svg" in page and typed, "a QR code, and the key as authenticators take it"
    assert b32decode(typed[1].replace(" ", "")) == Telephone.objects.get(user=user).bin_key
    told = client.post("/account/factor", {"code": code(user)}).content.decode()
    codes = re.findall(r"<code>([a-z2-7]{8})</code>", told)
    assert len(codes) == StaticToken.objects.filter(device__user=user).count() > 0
    return codes


def unthrottled() -> None:
    """As if the wait that a wrong code costs were over."""
    for device in (Telephone, StaticDevice):
        device.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)


def trail(action: str) -> int:
    return Event.objects.filter(action=action).count()


def test_staff_get_no_further_than_the_enrolment_without_a_telephone(staff: User) -> None:
    client = Client()
    assert sign_in(client)["Location"] == "/workbench"
    assert client.get("/workbench")["Location"] == "/account/factor"
    assert client.get("/api/v1/batches").status_code == 401
    wrong = client.post("/account/factor", {"code": "000000"})
    assert wrong.status_code == 422 and not factors.enrolled(staff)
    unthrottled()
    enrol(client, staff)
    assert client.get("/workbench").status_code == 200
    assert trail("account.factor") == 1


def test_the_second_step_wants_a_fresh_code_of_that_telephone(staff: User) -> None:
    codes = enrol(Client(), staff)
    client = Client()
    assert sign_in(client)["Location"] == "/sign-in/code"
    assert client.get("/workbench")["Location"].startswith("/sign-in"), "the password alone is not enough"
    used = code(staff, 0)
    assert client.post("/sign-in/code", {"code": used}).status_code == 422, "the code of the enrolment is used up"
    assert trail("account.sign-in-failed") == 1
    unthrottled()
    assert client.post("/sign-in/code", {"code": code(staff, 1)})["Location"] == "/workbench"
    assert client.get("/workbench").status_code == 200

    other = Client()
    sign_in(other)
    assert other.post("/sign-in/code", {"code": codes[0]})["Location"] == "/workbench"
    again = Client()
    sign_in(again)
    assert again.post("/sign-in/code", {"code": codes[0]}).status_code == 422, "a recovery code is good once"
    assert Client().post("/sign-in/code", {"code": codes[1]})["Location"] == "/sign-in", "no first step, no second"


def test_the_database_never_holds_the_secret_of_a_telephone(staff: User, store: Store) -> None:
    """Sealed with a key that stands in a file (domain.md 8.2), for this person only; a row put elsewhere opens nothing."""
    enrol(Client(), staff)
    device = Telephone.objects.get(user=staff)
    secret = device.bin_key
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM otp_totp_totpdevice")
        told = str(cursor.fetchall())
    for form in (secret.hex(), b32encode(secret).decode(), base64.b64encode(secret).decode(), repr(secret)):
        assert form.lower() not in told.lower()
    key = store.home / "keys" / "fields-1.key"
    assert key.stat().st_mode & 0o777 == 0o600 and key.read_text().strip() not in told
    other = make_user("gu", "顾", PASSWORD, [("water", Role.AUDITOR)])
    moved = Telephone.objects.create(user=other, name="totp", confirmed=True, key=device.key)
    with pytest.raises(SealError):
        _ = moved.bin_key
    assert factors.check(other, code(staff, 1)) == "", "and lets nobody in"


def test_without_the_stores_key_only_a_recovery_code_lets_in_and_a_new_key_opens_what_it_seals(
    staff: User, store: Store
) -> None:
    codes = enrol(Client(), staff)
    right = code(staff, 1)
    kept = (store.home / "keys" / "fields-1.key").read_text()
    (store.home / "keys" / "fields-1.key").unlink()
    assert factors.check(staff, right) == ""
    unthrottled()
    assert factors.check(staff, codes[0]) == "recovery"
    (store.home / "keys" / "fields-1.key").write_text(kept)
    (store.home / "keys" / "fields-2.key").write_text(base64.b64encode(b"n" * 16).decode())
    unthrottled()
    assert factors.check(staff, right) == "totp", "a key that came later does not close what an earlier one sealed"
    assert sealer().is_current(sealer().seal(b"x", b"")) and sealed_key_id(sealer().seal(b"x", b"")) == "2"
    (store.home / "keys" / "fields-2.key").write_text("rubbish")
    with pytest.raises(SealError, match="restore it from the backup"):
        sealer()


def test_recovery_codes_cannot_be_read_from_the_database_and_those_of_before_keep_working(staff: User) -> None:
    codes = enrol(Client(), staff)
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert len(kept) == len(codes) and not any(code in told for code in codes for told in kept)
    assert factors.check(staff, next(iter(kept))) == "", "what is kept is no code"
    unthrottled()
    StaticToken.objects.create(device=StaticDevice.objects.get(user=staff), token="abcdefgh")
    move = import_module("chengxin.accounts.migrations.0007_kept_codes")
    for _ in range(2):
        move.keep(apps, None)
    assert not StaticToken.objects.filter(token="abcdefgh").exists()
    assert factors.check(staff, "abcdefgh") == factors.check(staff, codes[3]) == "recovery"
    unthrottled()
    assert factors.check(staff, codes[3]) == "", "each is good once"


def test_telephones_of_before_are_sealed_once_and_keep_working(staff: User) -> None:
    secret = b"s" * 20
    old = TOTPDevice.objects.create(user=staff, name="totp", confirmed=True, key=secret.hex())
    move = import_module("chengxin.accounts.migrations.0006_sealed_telephones")
    for _ in range(2):
        move.seal(apps, None)
    kept = TOTPDevice.objects.get(pk=old.pk).key
    assert secret.hex() not in kept and Telephone.objects.get(pk=old.pk).bin_key == secret
    assert factors.check(staff, code(staff)) == "totp"
    move.unseal(apps, None)
    assert TOTPDevice.objects.get(pk=old.pk).key == secret.hex()


def test_the_numbers_of_signing_in_stand_in_the_packs(settings: Any, tmp_path: Path) -> None:
    """No attempt, minute or length in Python: what the shipped pack says is what the libraries are told."""
    said = in_force(policies_dir(), date(2026, 11, 21))
    assert said.basis and all(p.basis for p in (said.lock, said.session, said.password, said.signature))
    told = settings.AXES_FAILURE_LIMIT, settings.AXES_COOLOFF_TIME, settings.SESSION_IDLE_SECONDS
    assert told == (said.lock.attempts, timedelta(minutes=said.lock.minutes), said.session.idle_minutes * 60)
    assert (
        said.session.hours * 3600,
        said.session.step_up_minutes * 60,
    ) == (settings.SESSION_COOKIE_AGE, settings.STEP_UP_SECONDS)
    assert (
        said.password.history,
        said.signature.window_minutes * 60,
    ) == (settings.PASSWORD_HISTORY, settings.SIGNATURE_WINDOW)
    shipped = (policies_dir() / "jiangsu" / "sign-in.toml").read_text("utf-8")
    (tmp_path / "city").mkdir()
    mine = tmp_path / "city" / "sign-in.toml"
    with pytest.raises(NoSignIn, match="no file"):
        in_force(tmp_path, date(2026, 11, 21))
    mine.write_text(shipped.replace("attempts = 5", "attempts = 3").replace("2026-01-01", "2026-05-01"), "utf-8")
    assert in_force(tmp_path, date(2026, 11, 21)).lock.attempts == 3
    code = "from django.conf import settings as s; print(s.AXES_FAILURE_LIMIT)"
    env = {**os.environ, "CHENGXIN_POLICIES": str(tmp_path), "PYTHONPATH": str(REPO / "src")}
    assert subprocess.check_output([sys.executable, "-c", code], env=env, text=True).strip() == "3"
    with pytest.raises(NoSignIn, match="in force on 2026-04-30"):
        in_force(tmp_path, date(2026, 4, 30))
    mine.write_text(shipped.replace("attempts = 5", "attempts = 0"), "utf-8")
    with pytest.raises(NoSignIn, match="attempts"):
        in_force(tmp_path, date(2026, 11, 21))


def test_a_session_of_before_the_enrolment_cannot_replace_the_telephone(staff: User) -> None:
    stolen = Client()
    sign_in(stolen)
    enrol(Client(), staff)
    assert stolen.get("/account/factor")["Location"] == "/sign-in"


def test_those_who_speak_for_a_subject_sign_in_by_password(store: object, settings: Any) -> None:
    settings.SECOND_FACTOR_EXEMPT = []
    make_user("boss", "法人代表", PASSWORD, [])
    client = Client()
    sign_in(client, name="boss")
    claim = {"code": "91320505MA1YUNL16X", "name": "苏州云岭精密机械有限公司", "person": "何青"}
    assert client.post("/account/claim", {**claim, "token": "0" * 16}).status_code == 422
    token = LocalProvider().token(claim["code"], claim["name"], claim["person"])
    assert client.post("/account/claim", {**claim, "person": "别人", "token": token}).status_code == 422
    assert client.post("/account/claim", {**claim, "token": token}).status_code == 302
    assert Membership.objects.get().role == Role.REPRESENTATIVE
    assert Organisation.objects.get(code=claim["code"]).kind == "subject"
    assert client.get("/workbench").status_code == 200 and trail("account.real-name") == 1


def test_five_wrong_passwords_lock_the_name_from_that_address(staff: User, settings: Any) -> None:
    settings.SECOND_FACTOR_EXEMPT = ["*"]
    client = Client()
    assert [sign_in(client, "wrong").status_code for _ in range(5)][:4] == [200] * 4
    assert sign_in(client).status_code == 429, "the right one does not help now"
    assert sign_in(Client(REMOTE_ADDR="10.1.1.1")).status_code == 302, "nor does it lock the person out elsewhere"
    assert trail("account.locked") >= 1 and trail("account.sign-in-failed") >= 5
    sign_in(client, "x", name="my-password-in-the-wrong-field")
    assert not Event.objects.filter(actor__startswith="my-password").exists()


@pytest.mark.parametrize(("seconds", "reason"), [(31 * 60, "idle"), (9 * 3600, "age")])
def test_a_session_ends_when_idle_or_old(
    staff: User, settings: Any, clock: list[float], seconds: int, reason: str
) -> None:
    settings.SECOND_FACTOR_EXEMPT = ["*"]
    client = Client()
    sign_in(client)
    if reason == "age":
        for minutes in range(20, seconds // 60 - 20, 20):
            clock[0] = minutes * 60
            client.get("/workbench")
    clock[0] = seconds
    assert client.get("/workbench")["Location"].startswith("/sign-in")
    assert Event.objects.filter(action="account.session-ended", detail__reason=reason).count() == 1


def test_the_session_has_a_new_key_after_signing_in(staff: User, settings: Any) -> None:
    settings.SECOND_FACTOR_EXEMPT = ["*"]
    client = Client()
    client.get("/sign-in")
    client.cookies["sessionid"] = "a" * 32
    sign_in(client)
    assert client.cookies["sessionid"].value != "a" * 32


def test_publishing_wants_the_password_once_more(staff: User, settings: Any, clock: list[float]) -> None:
    settings.SECOND_FACTOR_EXEMPT = ["*"]
    client = Client()
    sign_in(client)
    batch = Batch.objects.create(
        item="penalty", source_id="ecology-environment", channel="web", state=State.CHECKED, submitted_by="gu",
        month="2026-11", file_size=10**8,
    )  # fmt: skip
    clock[0] = 20 * 60
    client.get("/workbench")
    response = client.post(f"/workbench/batches/{batch.pk}/release")
    assert response["Location"].startswith("/account/confirm")
    batch.refresh_from_db()
    assert batch.state == State.CHECKED
    assert client.post(response["Location"], {"password": "wrong"}).status_code == 422
    assert client.post(response["Location"], {"password": PASSWORD}).status_code == 302
    client.post(f"/workbench/batches/{batch.pk}/release")
    batch.refresh_from_db()
    assert batch.state != State.CHECKED and trail("account.step-up") == 1


def test_a_password_is_long_uncommon_and_not_one_of_the_last_five(staff: User, settings: Any) -> None:
    settings.SECOND_FACTOR_EXEMPT = ["*"]
    for bad in ("short-1", "password1234", "1234567890123"):
        with pytest.raises(ValidationError):
            validate_password(bad, staff)
    client = Client()
    sign_in(client)
    old = PASSWORD
    for new in ("another-pass-phrase", "one-more-pass-phrase"):
        form = {"old_password": old, "new_password1": new, "new_password2": new}
        assert client.post("/account/password", form).status_code == 302
        old = new
    form = {"old_password": old, "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert "用过的密码" in client.post("/account/password", form).content.decode()
    assert trail("account.password") == 2


def test_an_exemption_from_the_second_factor_does_not_pass_the_deployment_check(settings: Any) -> None:
    settings.SECOND_FACTOR_EXEMPT = ["demo-*"]
    assert "chengxin.E001" in {m.id for m in run_checks(tags=["security"], include_deployment_checks=True)}
    settings.SECOND_FACTOR_EXEMPT = []
    assert "chengxin.E001" not in {m.id for m in run_checks(tags=["security"], include_deployment_checks=True)}
