"""T12 of anchors.md: an altered archive is found, with the file, the entry and the kind; packed anew it is the same.

Every alteration is asked of both: the platform's own check, which knows the keys and the digests in the trail, and the
single-file verifier, which has nothing but the files and a fingerprint from print (G-18, R-361).
"""

from __future__ import annotations

import base64
import importlib.util
import json
import random
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chengxin.audit import archiving, erasing, keys, sealing
from chengxin.audit.archive_checking import Fault, check, files
from chengxin.audit.archiving import MANIFEST, SIGNATURE, Archived, NotWhole, archive, latest, signature_over
from chengxin.audit.canonical import canonical
from chengxin.audit.models import Checkpoint, Event, LogKey
from chengxin.cli.app import app
from chengxin.standards.merkle import SUITES

from ..conftest import REPO
from . import book

Members = list[tuple[str, bytes]]


@pytest.fixture
def shelf(store: Any, tmp_path: Path, settings: Any) -> Path:
    """Three archives: of two checkpoints, of one whose key came anew, of one more."""
    settings.LOG = {**settings.LOG, "signature": "Ed25519"}
    folder = tmp_path / "archives"
    book.fill()
    archive("operator", folder)
    keys.rotate("keeper", "SM2-SM3")
    sealing.seal()
    book.write(40, 1000)
    sealing.seal()
    archive("operator", folder)
    book.write(5, 2000)
    sealing.seal()
    archive("operator", folder)
    return folder


def members(file: Path) -> Members:
    with zipfile.ZipFile(file) as zipped:
        return [(name, zipped.read(name)) for name in zipped.namelist()]


def pack(file: Path, content: Members, method: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(file, "w", method) as zipped:
        for name, data in content:
            zipped.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), data, method)


def by_us(shelf: Path) -> list[Fault]:
    told = {int(e.object): e.detail["digest"] for e in Event.objects.filter(action="log.archive")}
    return check(files([shelf]), {k.number: k for k in LogKey.objects.all()}, told).faults


def by_anybody(shelf: Path, capsys: pytest.CaptureFixture[str], *, printed: bool = True) -> tuple[int, str]:
    spec = importlib.util.spec_from_file_location("verify_log", REPO / "docs" / "verify_log.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    fingerprint = keys.fingerprint(bytes(LogKey.objects.get(number=1).public))
    words = ["archive", *map(str, files([shelf])), *(["--fingerprint", fingerprint] if printed else [])]
    return module.main(words), capsys.readouterr().out


def told(content: Members) -> dict[str, Any]:
    return dict(json.loads(dict(content)[MANIFEST]))


def with_manifest(content: Members, change: Callable[[dict[str, Any]], None], *, signed: bool) -> Members:
    """The manifest altered; `signed` by somebody who has the log's key."""
    manifest = told(content)
    change(manifest)
    raw = canonical(manifest)
    fresh = {MANIFEST: raw} | ({SIGNATURE: signature_over(raw)} if signed else {})
    return [(name, fresh.get(name, data)) for name, data in content]


def without(name: str) -> Callable[[Members], Members]:
    return lambda content: [(n, d) for n, d in content if n != name]


def bent(name: str, change: Callable[[bytes], bytes]) -> Callable[[Members], Members]:
    return lambda content: [(n, change(d) if n == name else d) for n, d in content]


def previous(value: str, *, signed: bool) -> Callable[[Members], Members]:
    return lambda content: with_manifest(content, lambda m: m.update(previous=value), signed=signed)


def resealed(change: Callable[[bytes], bytes]) -> Callable[[Members], Members]:
    """The first entry altered, and its digest and the signature made anew by somebody who has the log's key."""

    def work(content: Members) -> Members:
        name = next(n for n, _d in content if n.endswith(".jsonl"))
        altered = bent(name, change)(content)
        fresh = SUITES["sm3"].digest(dict(altered)[name]).hex()

        def mend(manifest: dict[str, Any]) -> None:
            next(e for e in manifest["entries"] if e["name"] == name)["digest"] = fresh

        return with_manifest(altered, mend, signed=True)

    return work


def another_commitment(data: bytes) -> bytes:
    """Of a record, whose content does not stand beside it."""
    rows = [json.loads(line) for line in data.splitlines()]
    next(r for r in rows if r["kind"] == "record")["commitment"] = "00" * 32
    return b"".join(canonical(r) + b"\n" for r in rows)


def exchange(content: Members) -> Members:
    """Two entries under each other's names."""
    names = [n for n, _d in content if n.endswith(".note")][:2]
    swapped = {names[0]: dict(content)[names[1]], names[1]: dict(content)[names[0]]}
    return [(n, swapped.get(n, d)) for n, d in content]


def lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    return lambda data: b"".join(change(data.splitlines(keepends=True)))


LEAVES, NOTE = "000000000000.jsonl", "{}.note"
Story = tuple[int, Callable[[Members], Members], str, str]
"""Which archive (1 to 3), what is done to its members, the entry and the kind that must be named."""
STORIES: dict[str, Story] = {
    "an entry is missing": (1, without(LEAVES), LEAVES, "entry-missing"),
    "the manifest is missing": (2, without(MANIFEST), MANIFEST, "unreadable"),
    "the signature is missing": (2, without(SIGNATURE), SIGNATURE, "entry-missing"),
    "an entry too many": (2, lambda c: [*c, ("000000009999.jsonl", b"{}")], "000000009999.jsonl", "entry-extra"),
    "an entry twice": (1, lambda c: [*c, (LEAVES, dict(c)[LEAVES])], LEAVES, "entry-extra"),
    "entries in another order": (1, lambda c: [c[1], c[0], *c[2:]], "{note0}", "entry-order"),
    "two entries exchanged": (1, exchange, "{note0}", "entry-changed"),
    "a line is missing": (1, bent(LEAVES, lines(lambda x: [*x[:5], *x[6:]])), LEAVES, "entry-changed"),
    "a line too many": (1, bent(LEAVES, lines(lambda x: [*x, x[-1]])), LEAVES, "entry-changed"),
    "two lines exchanged": (1, bent(LEAVES, lines(lambda x: [x[1], x[0], *x[2:]])), LEAVES, "entry-changed"),
    "an event says something else": (1, bent(LEAVES, lambda d: d.replace(b"p3", b"p4", 1)), LEAVES, "entry-changed"),
    "an event says something else, all signed anew": (
        1, resealed(lambda d: d.replace(b"p3", b"p4", 1)), LEAVES, "content",
    ),
    "a line is missing, all signed anew": (1, resealed(lines(lambda x: [*x[:5], *x[6:]])), LEAVES, "leaf"),
    "a commitment is another, all signed anew": (1, resealed(another_commitment), "{note1}", "root"),
    "another archive before it, unsigned": (2, previous("00" * 32, signed=False), SIGNATURE, "signature"),
    "another archive before it, signed": (2, previous("00" * 32, signed=True), MANIFEST, "previous"),
    "one before the first": (1, previous("00" * 32, signed=True), MANIFEST, "previous"),
    "another edge, signed": (
        3, lambda c: with_manifest(c, lambda m: m["edge"].__setitem__(0, "00" * 32), signed=True), MANIFEST, "continuity",
    ),
}  # fmt: skip


@pytest.mark.usefixtures("store")
def test_t12_every_alteration_is_named_by_file_entry_and_kind(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert by_us(shelf) == [] and by_anybody(shelf, capsys)[0] == 0
    missed: dict[str, Any] = {}
    for story, (number, change, entry, kind) in STORIES.items():
        file = shelf / f"chengxin-log-{number:06d}.zip"
        whole = file.read_bytes()
        content = members(file)
        notes = [n for n, _d in content if n.endswith(".note")]
        with pytest.warns(UserWarning) if story == "an entry twice" else nullcontext():
            pack(file, change(content))
        entry = entry.format(note0=notes[0], note1=notes[-1])
        ours = {(f.archive, f.entry, f.kind) for f in by_us(shelf)}
        code, said = by_anybody(shelf, capsys)
        file.write_bytes(whole)
        if (file.name, entry, kind) not in ours or code != 3 or f"{file.name}: {entry}: {kind}" not in said:
            missed[story] = (ours, said)
    assert not missed
    assert by_us(shelf) == [] and by_anybody(shelf, capsys)[0] == 0, "all put back, no alarm"


def test_t12_packed_anew_with_the_same_content_it_is_the_same(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Expected to pass: the digest speaks of contents, not of the bytes of the zip file, its dates or its compression."""
    for file in files([shelf]):
        before = file.read_bytes()
        pack(file, members(file), zipfile.ZIP_STORED)
        assert file.read_bytes() != before
        file.rename(file.with_name(file.name.replace("log-0", "log-9")))
    assert by_us(shelf) == []
    assert by_anybody(shelf, capsys) == (0, f"sound: 3 archives with {latest().end} leaves hold\n")
    backwards = files([shelf])[::-1]
    assert check(backwards, {k.number: k for k in LogKey.objects.all()}).faults == [], "files in any order"


@pytest.mark.parametrize("seed", range(2))
def test_t17_random_bits_of_archives_are_found_every_time(
    seed: int, shelf: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Single bits of what archives hold, each put back: all found, and no false alarm between."""
    chance = random.Random(seed)
    for _ in range(25):
        file = chance.choice(files([shelf]))
        whole, content = file.read_bytes(), members(file)
        place = chance.randrange(len(content))
        name, data = content[place]
        at = chance.randrange(len(data))
        flipped = data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
        pack(file, [*content[:place], (name, flipped), *content[place + 1 :]])
        assert by_us(shelf) and by_anybody(shelf, capsys)[0] == 3, (file.name, name, at)
        file.write_bytes(whole)
    assert by_us(shelf) == []


def test_t12_an_archive_left_out_doubled_or_put_in_is_found(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two, three = files([shelf])
    content = two.read_bytes()
    two.unlink()
    assert [(f.archive, f.kind) for f in by_us(shelf)] == [(three.name, "archive-missing")]
    assert f"{three.name}: {MANIFEST}: archive-missing" in by_anybody(shelf, capsys)[1]
    two.write_bytes(content)
    copy = shelf / "chengxin-log-000002b.zip"
    copy.write_bytes(content)
    assert ("archive-doubled", copy.name) in {(f.kind, f.archive) for f in by_us(shelf)}
    assert f"{copy.name}: {MANIFEST}: archive-doubled" in by_anybody(shelf, capsys)[1]
    copy.unlink()
    three.unlink()
    assert by_us(shelf) == [], "the beginning of the chain holds by itself"
    one.unlink()
    assert by_us(shelf) == [], "and so does a later part, whose manifest says where it begins"
    two.write_bytes(b"PK rubbish")
    assert [f.kind for f in by_us(shelf)] == ["unreadable"] and by_anybody(shelf, capsys)[0] == 3


def test_t12_a_manifest_that_nests_without_end_or_is_a_bomb_is_unreadable(
    shelf: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crafted file is a fault with a name, and no crash and no gigabytes: also where it is manifest or signature."""
    one, content = files([shelf])[0], members(files([shelf])[0])
    pack(one, [(n, b"[" * 100_000 if n == MANIFEST else d) for n, d in content])
    assert "unreadable" in {f.kind for f in by_us(shelf)}
    code, said = by_anybody(shelf, capsys)
    assert code == 3 and f"{one.name}: {MANIFEST}: unreadable" in said
    monkeypatch.setattr("chengxin.audit.archive_checking._LARGEST", 1 << 20)
    for name, kind, detail in ((SIGNATURE, "signature", "did not sign"), (MANIFEST, "unreadable", "larger than")):
        pack(one, [(n, d + b" " * (1 << 20) if n == name else d) for n, d in content])
        found = next(f for f in by_us(shelf) if f.archive == one.name)
        assert (found.entry, found.kind) == (name, kind) and detail in found.detail


def test_t12_history_rewritten_with_a_stolen_key_is_not_the_one_in_the_trail(
    shelf: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever has the key can sign another last archive: the trail, which the log proves, remembers its digest."""
    last = files([shelf])[-1]
    pack(last, with_manifest(members(last), lambda m: m["keys"][-1].update(until=10**6), signed=True))
    assert [(f.archive, f.kind) for f in by_us(shelf)] == [(last.name, "archive-unknown")]
    assert by_anybody(shelf, capsys)[0] == 0, "with the files alone nobody can tell; that is what the trail is for"


def test_t12_keys_are_believed_only_from_print_or_by_announcement(
    shelf: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second key is announced by an event that a checkpoint of the first one covers; a key of nobody's signs nothing."""
    assert LogKey.objects.count() == 2
    made = keys.provider("Ed25519").generate()
    last = files([shelf])[-1]
    content = members(last)

    manifest = told(content)
    for key in manifest["keys"]:
        key["public"] = base64.b64encode(made.public).decode()
    raw = canonical(manifest)
    signature = keys.provider("Ed25519").signer(made.private).sign(b"chengxin log archive\n" + raw)
    forged = canonical({"key": 1, "algorithm": "Ed25519", "signature": base64.b64encode(signature).decode()})
    pack(last, [(n, {MANIFEST: raw, SIGNATURE: forged}.get(n, d)) for n, d in content])
    assert "signature" in {f.kind for f in by_us(shelf)}
    code, said = by_anybody(shelf, capsys)
    assert code == 3 and f"{last.name}: {SIGNATURE}: signature" in said


def test_an_archive_holds_what_the_log_holds_and_nothing_of_records_or_of_what_was_erased(shelf: Path) -> None:
    whole = [(name, data.decode()) for file in files([shelf]) for name, data in members(file)]
    text = "".join(data for _name, data in whole)
    rows = [json.loads(line) for name, data in whole if name.endswith(".jsonl") for line in data.splitlines()]
    assert [r["index"] for r in rows] == list(range(latest().end))
    assert {r["kind"] for r in rows if "closed" in r} == {"event"} and {r["kind"] for r in rows} == {"event", "record"}
    assert "云岭" not in text and "苏环罚" not in text
    book.write(1, 7000)
    sealing.seal()
    newest = Event.objects.get(object="7000")
    assert erasing.erase_events("operator", [newest.pk], "依申请") == 1
    again = archive("operator", shelf)
    assert again is not None and again.path is not None and by_us(shelf) == []
    rows = [json.loads(line) for n, d in members(again.path) if n.endswith(".jsonl") for line in d.splitlines()]
    assert next(r for r in rows if r["ref"] == newest.pk and r["kind"] == "event").keys() == {
        "commitment", "index", "kind", "ref",
    }, "of what was erased only the commitment is left"  # fmt: skip


def test_nothing_new_makes_no_archive_and_a_log_that_is_not_whole_none_at_all(shelf: Path, store: Any) -> None:
    sealing.seal()
    assert archive("operator", shelf) is not None, "the last archive is an event of its own"
    assert archive("operator", shelf) is None
    book.write(3, 5000)
    sealing.seal()
    end = Checkpoint.objects.order_by("-pk")[0].size
    book.tamper("UPDATE audit_event SET actor = 'x' WHERE id = (SELECT max(ref) FROM audit_leaf WHERE kind = 'event')")
    with pytest.raises(NotWhole, match=f"leaf {end - 1}"):
        archive("operator", shelf)
    assert latest().number == 4 and len(files([shelf])) == 4


def test_of_two_who_archive_at_once_one_takes_the_number(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-361, G-18: no number stands for two files; who comes second throws its own away and finds nothing left to do."""
    sealing.seal()
    real = archiving._entries
    others: list[Archived | None] = []

    def slow(*words: Any) -> Any:
        if not others:  # while the first one writes, another one begins and ends
            others.append(None)
            others.append(archive("somebody-else", shelf))
        return real(*words)

    monkeypatch.setattr(archiving, "_entries", slow)
    assert archive("operator", shelf) is None
    assert isinstance(others[1], Archived) and others[1].number == 4
    told = list(Event.objects.filter(action="log.archive").order_by("pk").values_list("object", flat=True))
    assert told == ["1", "2", "3", "4"]
    assert sorted(p.name for p in shelf.iterdir()) == [f"chengxin-log-{n:06d}.zip" for n in (1, 2, 3, 4)]
    assert by_us(shelf) == []


def test_the_event_of_an_archive_is_not_erased_so_that_the_chain_goes_on(shelf: Path) -> None:
    sealing.seal()
    for action in ("log.archive", "log.key"):
        newest = Event.objects.filter(action=action).order_by("-pk")[0]
        with pytest.raises(erasing.Needed, match=f"{newest.pk}"):
            erasing.erase_events("operator", [newest.pk], "依申请")
    made = archive("operator", shelf)
    assert made is not None and made.number == 4 and by_us(shelf) == []


def test_the_command_line_archives_and_checks(store: Any, tmp_path: Path) -> None:
    def said(*words: str) -> tuple[int, Any]:
        done = CliRunner().invoke(app, ["audit", *words, "--json"])
        return done.exit_code, json.loads(done.stdout)

    assert said("archive")[0] == 2, "there is no log yet"
    book.fill()
    code, made = said("archive", "--out", str(tmp_path / "out"))
    assert (code, made["state"], made["number"], made["first"]) == (0, "archived", 1, 0)
    file = Path(made["path"])
    assert (
        file.stat().st_mode & 0o777 == 0o600
        and said("archive", "--out", str(tmp_path / "out"))[1]["state"] == "nothing-new"
    )
    code, found = said("verify", "--archive", str(tmp_path / "out"))
    assert (code, found["state"], found["leaves"]) == (0, "sound", made["end"])
    pack(file, without(LEAVES)(members(file)))
    code, found = said("verify", "--archive", str(file))
    assert (code, found["state"], found["archive"], found["entry"], found["kind"]) == (
        3, "tampered", file.name, LEAVES, "entry-missing",
    )  # fmt: skip
    assert said("verify", "--archive", str(tmp_path))[0] == 2
    assert said("verify", "--archive", str(tmp_path / "mistyped.zip"))[0] == 2, "nothing was altered, there is nothing"
