"""The bundled examples: made by the generator byte for byte, and answered by the platform as their README says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chengxin.cli import demo
from chengxin.paths import policies_dir
from chengxin.policy import load
from chengxin.tools.generator.examples import FOLDER, write
from chengxin.tools.generator.subjects import TODAY


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day on which the invented province stands still."""
    moment = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


def told() -> dict[str, list[int]]:
    """File name -> received, stored, rejected, doubtful, warned, as the README's table says."""
    lines = re.findall(r"^\| (\d\d-[\w.-]+) \|[^|]*\|((?: \d+ \|){5})", (FOLDER / "README.md").read_text("utf-8"), re.M)
    return {name: [int(n) for n in numbers.split("|")[:5]] for name, numbers in lines}


def test_the_generator_writes_them_byte_for_byte(tmp_path: Path) -> None:
    made = write(tmp_path)
    assert len(made) == 21
    for path in made:
        assert path.read_bytes() == (FOLDER / path.name).read_bytes(), path.name
    shipped = {p.name for p in FOLDER.iterdir()} - {"README.md", "manifest.toml"}
    assert shipped == {p.name for p in made}
    assert sum(p.stat().st_size for p in made) < 1_000_000


def test_each_department_sends_only_what_it_may() -> None:
    packs = load(policies_dir())
    listed = demo.examples()
    assert [e.path.name for e in listed] == sorted(told()) == sorted(e.path.name for e in listed)
    for example in listed:
        assert packs.agency(example.source).may_submit(example.item), example
    national = {file.stem for file in (policies_dir() / "national" / "catalogue").glob("*.toml")}
    by_file = {i.id for i in packs.items(TODAY) if "file" in i.channel and i.id in national}  # others come by cases
    assert {e.item for e in listed} == by_file


@pytest.mark.once
def test_the_platform_answers_as_the_readme_says_and_again_changes_nothing(
    store: object, still: None, capsys: pytest.CaptureFixture[str]
) -> None:
    from chengxin.audit.models import Event
    from chengxin.collection.models import Batch
    from chengxin.registry.models import Record, RecordVersion

    demo.prepare()
    first = capsys.readouterr().out
    assert {
        b.file_name: [b.received, b.stored, b.rejected, b.doubtful, b.warned] for b in Batch.objects.all()
    } == told()
    states = {b.file_name[:2]: str(b.state) for b in Batch.objects.all()}
    assert states.pop("08") == "refused" and states.pop("21") == "checked" and set(states.values()) == {"stored"}
    assert all(b.submitted_by != b.released_by for b in Batch.objects.filter(state="stored"))
    assert "云岭" in first and "demo-industry-it-auditor" in first

    counts = [m.objects.count() for m in (Batch, Event, Record, RecordVersion)]
    demo.prepare()
    assert [m.objects.count() for m in (Batch, Event, Record, RecordVersion)] == counts
    assert _password(capsys.readouterr().out) == _password(first)


def test_an_interrupted_demo_goes_on(store: object, still: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between check and release, the next run releases what waits."""
    from chengxin.collection import actions
    from chengxin.collection.models import Batch

    chosen = demo.examples()[1:3]
    monkeypatch.setattr(demo, "examples", lambda: chosen)
    real = actions.release

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, "release", dies)
    with pytest.raises(KeyboardInterrupt):
        demo.prepare()
    assert [b.state for b in Batch.objects.all()] == ["checked"]
    monkeypatch.setattr(actions, "release", real)
    demo.prepare()
    assert [b.state for b in Batch.objects.order_by("pk")] == ["stored", "stored"]


def test_the_demo_leaves_a_store_in_use_alone(store: object) -> None:
    import typer

    from chengxin.accounts.actions import make_user
    from chengxin.accounts.models import User

    make_user("someone", "某人", None, [])
    with pytest.raises(typer.Exit):
        demo.prepare()
    assert not User.objects.filter(username__startswith="demo-").exists()


def _password(said: str) -> str:
    found = re.search(r"demo-[0-9a-f]{8}", said)
    assert found
    return found[0]
