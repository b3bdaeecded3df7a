"""Programs' keys: limited to operations, items and networks, signed by SM2 or HMAC-SM3, each request good once (R-077)."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts.actions import KeyTooLong, Limits, make_api_key, make_user
from chengxin.accounts.models import ApiKey, Role
from chengxin.accounts.request_signing import HMAC, SM2, text_of
from chengxin.audit.models import Event
from chengxin.standards.hashing import hmac_sm3
from chengxin.standards.signing import OpenSSLSM2Provider

pytestmark = pytest.mark.usefixtures("store")
PATH = "/api/v1/batches"


def key(**limits: Any) -> str:
    user = make_user("lin", "林知夏", None, [("ecology-environment", Role.REPORTER)])
    return make_api_key(user, "审批系统", limits=Limits(**limits))


def get(made: str, path: str = PATH, address: str = "127.0.0.1", **headers: str) -> int:
    response = Client().get(path, headers={"Authorization": f"Bearer {made}", **headers}, REMOTE_ADDR=address)
    return response.status_code


def test_a_key_is_good_for_its_operations_only() -> None:
    made = key(scopes=("list_batches",))
    assert get(made) == 200
    assert get(made, "/api/v1/quality") == 403
    assert Event.objects.get(action="access.denied").actor == "lin"


@pytest.mark.parametrize(
    ("network", "address", "status"),
    [("10.1.0.0/16", "10.1.2.3", 200), ("10.1.0.0/16", "10.2.2.3", 401), ("10.1.2.3", "10.1.2.3", 200),
     ("2001:db8:1::/48", "2001:db8:1:2::5", 200), ("2001:db8:1::/48", "10.1.2.3", 401), ("10.0.0.0/8", "rubbish", 401)],
)  # fmt: skip
def test_a_key_works_from_its_networks_only(network: str, address: str, status: int) -> None:
    assert get(key(addresses=(network,)), address=address) == status


@pytest.mark.parametrize(
    "limits", [{"addresses": ("nonsense",)}, {"signing": "MD5"}, {"signing": SM2}, {"public": b"x"}]
)
def test_limits_that_mean_nothing_are_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Limits(**limits)


def test_a_key_holds_as_long_as_the_pack_says_and_no_longer(settings: Any) -> None:
    """The kind `sign-in` has both numbers; page, API and command line end in the same verb."""
    rule = settings.SIGN_IN.key.model_copy(update={"days": 40, "max_days": 90})
    settings.SIGN_IN = settings.SIGN_IN.model_copy(update={"key": rule})
    made = ApiKey.objects.get(prefix=key().partition(".")[0])
    assert timedelta(days=39) < made.expires_at - timezone.now() <= timedelta(days=40)
    assert make_api_key(made.user, "x", 90)
    with pytest.raises(KeyTooLong, match="91 天，最长 90 天"):
        make_api_key(made.user, "x", 91)


@pytest.mark.parametrize("kind", [HMAC, SM2])
def test_a_signed_request_is_good_once_and_only_as_it_was_signed(kind: str) -> None:
    pair = OpenSSLSM2Provider().generate()
    made = key(signing=kind, public=pair.public if kind == SM2 else None)
    secret = hashlib.sha256(made.partition(".")[2].encode()).hexdigest().encode()

    def signed(path: str = PATH, *, at: float = 0, nonce: str = "", body: bytes = b"") -> dict[str, str]:
        moment, once = str(int(time.time() + at)), nonce or secrets.token_hex(8)
        text = text_of("GET", path, moment, once, body)
        mark = hmac_sm3(secret, text) if kind == HMAC else OpenSSLSM2Provider().signer(pair.private).sign(text)
        return {"Chengxin-Timestamp": moment, "Chengxin-Nonce": once,
                "Chengxin-Signature": base64.b64encode(mark).decode()}  # fmt: skip

    assert get(made) == 401, "without a signature"
    once = signed()
    assert get(made, **once) == 200
    assert get(made, **once) == 401, "a replay"
    assert get(made, **{**signed(), "Chengxin-Nonce": "another-nonce"}) == 401
    assert get(made, **signed(f"{PATH}?item=x")) == 401, "signed for another address"
    assert get(made, f"{PATH}?limit=5", **signed(f"{PATH}?limit=5")) == 200
    assert get(made, **signed(body=b"x")) == 401
    for late in (-600, 600):  # F7: the window holds both ways
        assert get(made, **signed(at=late)) == 401
    assert get(made, **signed(at=-60)) == 200
    assert get(made, **{**signed(), "Chengxin-Signature": "%%%"}) == 401
