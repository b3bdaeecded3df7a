"""Signatures verify for exactly what was signed, with both algorithms behind the same interface."""

from __future__ import annotations

import base64
import gc
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chengxin.standards import _libcrypto
from chengxin.standards.signing import Ed25519Provider, OpenSSLSM2Provider, SignatureProvider, SigningError

SM2 = OpenSSLSM2Provider()
needs_sm2 = pytest.mark.skipif(not SM2.available(), reason=f"no SM2 here: {SM2.available().reason}")
PROVIDERS = [Ed25519Provider(), pytest.param(SM2, marks=needs_sm2)]

# The signature example of GB/T 32918.5-2017, appendix A.2, on the recommended curve.
STANDARD_X = "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
STANDARD_Y = "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
STANDARD_R = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
STANDARD_S = "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
SM2_PUBLIC_HEAD = "3059301306072a8648ce3d020106082a811ccf5501822d03420004"


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.algorithm)
def test_a_signature_is_right_for_its_message_and_key_and_for_nothing_else(provider: SignatureProvider) -> None:
    assert provider.available()
    pair, other = provider.generate(), provider.generate()
    signer, verifier = provider.signer(pair.private), provider.verifier(pair.public)
    assert signer.algorithm == verifier.algorithm == provider.algorithm
    for message in (b"", b"grade A", b"x" * 100_000):
        signature = signer.sign(message)
        assert verifier.verify(message, signature)
        assert not verifier.verify(message + b"!", signature)
        assert not verifier.verify(message, signature + b"\0")
        assert not verifier.verify(message, signature[:-1])
        assert not verifier.verify(message, b"")
        assert not provider.verifier(other.public).verify(message, signature)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.algorithm)
def test_every_altered_bit_of_a_signature_is_noticed(provider: SignatureProvider) -> None:
    pair = provider.generate()
    signature, verifier = provider.signer(pair.private).sign(b"grade A"), provider.verifier(pair.public)
    for place in range(len(signature)):
        altered = signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
        assert not verifier.verify(b"grade A", altered)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.algorithm)
def test_a_private_key_is_not_printed_and_a_foreign_key_not_taken(provider: SignatureProvider) -> None:
    pair = provider.generate()
    assert "private" not in repr(pair)
    foreign = Ed25519Provider() if provider is SM2 else SM2
    keys = [b"", b"no key", pair.private[:-1]]
    if foreign.available():
        keys += [foreign.generate().private, foreign.generate().public]
    for key in keys:
        with pytest.raises(SigningError):
            provider.signer(key)
        with pytest.raises(SigningError):
            provider.verifier(key)
    with pytest.raises(SigningError):
        provider.verifier(pair.private)


def test_a_missing_or_foreign_library_is_named_with_the_reason() -> None:
    missing = OpenSSLSM2Provider("/nowhere/libcrypto.so.3")
    assert not missing.available()
    assert "/nowhere/libcrypto.so.3" in (missing.available().reason or "")
    with pytest.raises(SigningError, match="/nowhere"):
        missing.generate()


@pytest.mark.skipif(sys.platform != "linux", reason="takes the C library for a foreign one")
def test_a_library_that_is_not_openssl_is_refused() -> None:
    reason = OpenSSLSM2Provider("libc.so.6").available().reason
    assert reason is not None and "no usable libcrypto" in reason


def test_an_old_libcrypto_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_libcrypto, "OLDEST", 0x9000_0000)
    _libcrypto.load.cache_clear()
    reason = OpenSSLSM2Provider().available().reason
    _libcrypto.load.cache_clear()
    assert reason is not None and ("needs 3.0 or newer" in reason or "libcrypto" in reason)


def test_sm2_is_there_wherever_the_openssl_of_this_machine_has_it() -> None:
    openssl = shutil.which("openssl")
    if openssl is None or sys.platform != "linux":
        pytest.skip("asks the openssl command of a Linux system")
    made = subprocess.run([openssl, "genpkey", "-algorithm", "SM2"], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("the openssl command here has no SM2")
    # Otherwise a fault of ours would look like a machine without SM2, and every test below would be skipped.
    assert SM2.available(), SM2.available().reason


@needs_sm2
def test_sm2_verifies_the_example_of_its_standard() -> None:
    public = bytes.fromhex(SM2_PUBLIC_HEAD + STANDARD_X + STANDARD_Y)
    signature = bytes.fromhex("3046022100" + STANDARD_R + "022100" + STANDARD_S)
    assert SM2.verifier(public).verify(b"message digest", signature)
    assert not SM2.verifier(public).verify(b"message Digest", signature)
    assert not OpenSSLSM2Provider(signer_id=b"ALICE123@YAHOO.COM").verifier(public).verify(b"message digest", signature)


@needs_sm2
def test_sm2_agrees_with_the_openssl_command(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl command here")
    pair = SM2.generate()
    (tmp_path / "message").write_bytes(b"grade A")
    (tmp_path / "private.pem").write_text(pem("PRIVATE KEY", pair.private))
    (tmp_path / "public.pem").write_text(pem("PUBLIC KEY", pair.public))
    (tmp_path / "ours").write_bytes(SM2.signer(pair.private).sign(b"grade A"))
    common = [openssl, "pkeyutl", "-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678", "-in", "message"]
    verify = [*common, "-verify", "-pubin", "-inkey", "public.pem", "-sigfile", "ours"]
    verified = subprocess.run(verify, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Signature Verified Successfully" in verified.stdout, verified.stderr
    sign = [*common, "-sign", "-inkey", "private.pem", "-out", "theirs"]
    subprocess.run(sign, cwd=tmp_path, capture_output=True, check=True)
    assert SM2.verifier(pair.public).verify(b"grade A", (tmp_path / "theirs").read_bytes())


@needs_sm2
def test_sm2_keys_are_freed_with_their_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    lib = _libcrypto.load(None)
    freed: list[int] = []
    free = lib.EVP_PKEY_free

    def counting_free(handle: int) -> None:
        freed.append(handle)
        free(handle)

    monkeypatch.setattr(lib, "EVP_PKEY_free", counting_free)
    pair = SM2.generate()
    for _ in range(10):
        SM2.verifier(pair.public).verify(b"", SM2.signer(pair.private).sign(b""))
    gc.collect()
    assert len(freed) == 1 + 10 * 2


@needs_sm2
@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory use of a Linux process")
def test_sm2_does_not_leak_memory() -> None:
    script = (
        "import resource\n"
        "from chengxin.standards.signing import OpenSSLSM2Provider\n"
        "provider = OpenSSLSM2Provider(); pair = provider.generate(); message = b'x' * 1000\n"
        "def use(times):\n"
        "    for _ in range(times):\n"
        "        signature = provider.signer(pair.private).sign(message)\n"
        "        verifier = provider.verifier(pair.public)\n"
        "        assert verifier.verify(message, signature) and not verifier.verify(b'', b'no signature')\n"
        "use(200)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "use(1000)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    environment = {"PYTHONPATH": str(Path(_libcrypto.__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )  # fmt: skip
    # 1,000 rounds make 2,000 keys and 2,000 digest contexts; losing one kind would cost 500 KB and more.
    assert int(done.stdout) < 400


def pem(label: str, der: bytes) -> str:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n"
