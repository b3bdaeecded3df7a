"""`./dev`: whoever has Python gets a running platform with one command, or one sentence that says what is missing."""

import ast
import importlib.machinery
import importlib.util
import json
import os
import re
import subprocess
import sys
import threading
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENT = re.compile(
    r"^([a-z0-9][a-z0-9-]*)==(\S+)((?: ;.*)?) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)


@pytest.fixture
def dev(tmp_path, monkeypatch):
    """The script as a module, with locks of its own and no installer behind it."""
    loader = importlib.machinery.SourceFileLoader("dev_script", str(ROOT / "dev"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("dev_script", loader))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader.exec_module(module)
    locks = {name: tmp_path / f"{name}.lock" for name in ("setup", "app", "test", "spark", "assets")}
    for name, path in locks.items():
        path.write_text(f"{name}==1.0 \\\n    --hash=sha256:00\n")
    monkeypatch.setattr(module, "LOCKS", locks)
    return module


@pytest.fixture
def venv(dev, tmp_path):
    return dev.Venv(tmp_path / "venv")


@pytest.fixture
def installer(dev, monkeypatch):
    """Stands in for python -m venv, uv and pip: writes the files that matter, remembers what it was asked."""
    asked = []

    def make(venv, reason):
        asked.append(f"make: {reason}")
        venv.scripts.mkdir(parents=True, exist_ok=True)
        venv.packages.mkdir(parents=True, exist_ok=True)
        venv.python.touch()

    monkeypatch.setattr(dev, "make", make)
    monkeypatch.setattr(dev, "fill", lambda venv, wanted: asked.append(f"fill: {wanted}"))
    return asked


# -- an old Python is refused in one sentence ------------------------------------------------------------------------


def test_a_python_that_is_too_old_is_told_which_one_is_needed(dev):
    sentence = dev.python_problem((3, 9, 2), "/usr/bin/python3")
    assert "needs Python 3.11 or newer" in sentence
    assert "/usr/bin/python3 is Python 3.9.2" in sentence
    assert dev.python_problem((3, 11, 0), "python3") is None
    assert dev.python_problem((3, 14, 1), "python3") is None


def test_old_pythons_can_read_the_script_as_far_as_the_refusal():
    ast.parse((ROOT / "dev").read_text("utf-8"), feature_version=(3, 7))


# -- the stamp: the second start is immediate, a stale one never is -----------------------------------------------------


def test_a_second_run_installs_nothing(dev, venv, installer):
    dev.set_up("app", venv)
    assert installer == ["make: there is none yet", "fill: app"]
    dev.set_up("app", venv)
    assert len(installer) == 2


def test_what_tests_need_includes_what_the_platform_needs(dev, venv, installer):
    dev.set_up("test", venv)
    dev.set_up("app", venv)
    assert installer[1:] == ["fill: test"]


def test_spark_is_added_once_for_each_state_of_its_lock(dev, venv, installer):
    """It is half a gigabyte: whoever grades on one machine does without, and nobody waits for it twice."""
    dev.set_up("test", venv)
    dev.add_spark(venv)
    dev.add_spark(venv)
    assert installer[1:] == ["fill: test", "fill: spark"]
    dev.LOCKS["spark"].write_text("spark==2.0 \\\n    --hash=sha256:00\n")
    dev.add_spark(venv)
    assert installer[3:] == ["fill: spark"] and dev.is_ready(venv.stamp(), venv, "test")


def test_the_platform_alone_does_not_satisfy_the_tests_and_is_built_upon(dev, venv, installer):
    dev.set_up("app", venv)
    dev.set_up("test", venv)
    assert installer[1:] == ["fill: app", "fill: test"]


def test_a_changed_lock_is_installed_over_the_old_one(dev, venv, installer):
    dev.set_up("app", venv)
    dev.LOCKS["app"].write_text("app==2.0 \\\n    --hash=sha256:00\n")
    dev.set_up("app", venv)
    assert installer[1:] == ["fill: app", "fill: app"]


def test_an_installation_that_did_not_finish_is_done_anew(dev, venv, installer, monkeypatch):
    def breaks_off(venv, wanted):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(dev, "fill", breaks_off)
        with pytest.raises(KeyboardInterrupt):
            dev.set_up("app", venv)
    dev.set_up("app", venv)
    assert installer[1:] == ["make: the last installation did not finish", "fill: app"]
    assert venv.stamp()["state"] == "ready"


@pytest.mark.parametrize(("key", "other"), [("python", "cpython 3.99.0"), ("folder", "/elsewhere/.venv")])
def test_another_python_or_another_place_makes_it_anew(dev, venv, installer, key, other):
    dev.set_up("app", venv)
    venv.write_stamp({**venv.stamp(), key: other})
    dev.set_up("app", venv)
    assert installer[2:] == ["make: it was made by another Python or in another place", "fill: app"]


def test_a_second_checkout_only_redirects_the_path_to_its_sources(dev, venv, installer, monkeypatch, tmp_path):
    dev.set_up("app", venv)
    assert (venv.packages / "chengxin.pth").read_text("utf-8").strip() == str(ROOT / "src")
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    dev.set_up("app", venv)
    assert len(installer) == 2
    assert (venv.packages / "chengxin.pth").read_text("utf-8").strip() == str(tmp_path / "src")


def test_a_broken_stamp_counts_as_none(dev, venv, installer):
    dev.set_up("app", venv)
    (venv.folder / dev.STAMP).write_text("{")
    assert not dev.is_ready(venv.stamp(), venv, "app")


def test_two_runs_at_once_install_once(dev, venv, installer, capsys):
    started = threading.Barrier(3)

    def one():
        started.wait()
        dev.set_up("app", venv)

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert installer == ["make: there is none yet", "fill: app"]


# -- charts and fonts from npm: once, and nothing depends on them ------------------------------------------------------


@pytest.fixture
def workshop(dev, tmp_path, monkeypatch):
    """Stands in for npm and the bundler; `workshop.fails` is what goes wrong."""
    folder = tmp_path / "assets"
    folder.mkdir()
    for name in ("package-lock.json", "charts.js"):
        (folder / name).write_text("{}")
    monkeypatch.setattr(dev, "ASSETS", folder)
    monkeypatch.setattr(dev, "MADE", {"charts": folder / "out.js", "fonts": folder / "fonts"})
    shop = types.SimpleNamespace(times=0, fails="", folder=folder)

    def make_assets(venv):
        shop.times += 1
        if shop.fails:
            raise dev.Trouble(shop.fails)
        (folder / "out.js").write_text("")
        (folder / "fonts").mkdir(exist_ok=True)

    monkeypatch.setattr(dev, "make_assets", make_assets)
    return shop


def test_charts_and_fonts_are_made_once_for_each_state_of_their_sources(dev, venv, workshop):
    assert dev.get_assets(venv) and dev.get_assets(venv) and workshop.times == 1
    (workshop.folder / "charts.js").write_text("changed")
    assert dev.get_assets(venv) and workshop.times == 2
    (workshop.folder / "out.js").unlink()
    assert dev.get_assets(venv) and workshop.times == 3


def test_without_npm_one_sentence_is_said_and_the_rest_goes_on(dev, venv, workshop, capsys, monkeypatch):
    workshop.fails = "npm could not fetch it (ENOTFOUND)."
    assert not dev.get_assets(venv)
    assert "Charts are tables" in capsys.readouterr().err
    assert dev.get_assets(venv) and workshop.times == 1, "the next start does not wait again"
    monkeypatch.setattr(dev, "_today", lambda: "2099-01-01")
    assert not dev.get_assets(venv) and workshop.times == 2, "the next day does"
    workshop.fails = ""
    assert dev.get_assets(venv, asked=True) and workshop.times == 3


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("npm error code ENOTFOUND\nnpm error network https://mirror.example", "npm could not fetch it (ENOTFOUND)"),
        ("npm ERR! code EINTEGRITY", "npm was served another file than the lock names"),
    ],
)
def test_npms_complaint_becomes_one_sentence_without_an_address(dev, said, sentence):
    told = dev.npm_problem(said.splitlines())
    assert told.startswith(sentence) and "mirror" not in told


@pytest.mark.parametrize(("version", "ours"), [("11.1.0", False), ("6.14.4", True), ("", True)])
def test_a_machine_without_a_usable_npm_takes_that_of_pypi(dev, venv, installer, monkeypatch, version, ours):
    dev.set_up("app", venv)
    monkeypatch.setattr(dev.shutil, "which", lambda name: "/usr/bin/npm" if version else None)
    monkeypatch.setattr(dev, "follow", lambda *_: dev.Followed(0, ["npm warn an odd setting", version]))
    assert (dev.npm(venv)[0] == str(venv.python)) is ours
    assert ("fill: assets" in installer) is ours


def test_the_lock_of_npm_holds_no_address_and_a_hash_for_everything():
    lock = json.loads((ROOT / "src/chengxin/design/assets/package-lock.json").read_text("utf-8"))
    packages = {name: of for name, of in lock["packages"].items() if name}
    assert packages and not [name for name, of in packages.items() if not of["integrity"].startswith("sha512-")]
    assert "://" not in json.dumps(lock) and not [name for name, of in packages.items() if "resolved" in of]
    named = json.loads((ROOT / "src/chengxin/design/assets/package.json").read_text("utf-8"))
    for name, version in {**named["dependencies"], **named["devDependencies"]}.items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version


# -- what is missing is said in one sentence ------------------------------------------------------------------------


def test_a_folder_that_is_not_ours_is_never_removed(dev, venv):
    venv.folder.mkdir()
    (venv.folder / "thesis.txt").write_text("three years of work")
    with pytest.raises(dev.Trouble, match=r"was not made by \./dev"):
        dev.set_up("app", venv)
    assert (venv.folder / "thesis.txt").exists()


def test_a_python_without_the_venv_module_is_told_the_package(dev, venv, monkeypatch):
    monkeypatch.setattr(dev.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(dev.Trouble, match="apt install python3-venv"):
        dev.set_up("app", venv)


def test_a_missing_lock_is_named(dev, venv):
    dev.LOCKS["app"].unlink()
    with pytest.raises(dev.Trouble, match=r"app\.lock is missing"):
        dev.set_up("app", venv)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)': /simple/polars/\n"
            "ERROR: Could not find a version that satisfies the requirement polars==2.1.0 (from versions: none)\n"
            "ERROR: No matching distribution found for polars==2.1.0",
            "polars==2.1.0 could not be fetched: the package registry does not answer",
            id="no network",
        ),
        pytest.param(
            "ERROR: Could not find a version that satisfies the requirement duckdb==2.0.0 (from versions: 1.9.0)\n"
            "ERROR: No matching distribution found for duckdb==2.0.0",
            "duckdb==2.0.0 could not be fetched: the registry has no ready-made package of it for this machine",
            id="no wheel",
        ),
        pytest.param(
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n"
            "    numpy==2.4.6 from /wheels/numpy.whl (from -r app.lock (line 3)):",
            "numpy==2.4.6 is not the file that the lock names",
            id="another file",
        ),
        pytest.param("OSError: [Errno 28] No space left on device", "The disk is full", id="disk full"),
        pytest.param("", "a package could not be fetched: the package registry does not answer", id="silence"),
    ],
)
def test_an_installers_complaint_becomes_one_sentence(dev, said, expected):
    sentence = dev.what_failed(said.splitlines())
    assert sentence.startswith(expected)
    assert "\n" not in sentence


def test_no_address_of_a_registry_is_repeated(dev):
    followed = dev.Followed(1, ["error: Failed to fetch: `https://name:word@mirror.example/simple/six/`", "  note"])
    assert "mirror" not in followed.last_word
    assert "Failed to fetch" in followed.last_word


def test_uv_is_told_what_pip_was_told(dev, venv, monkeypatch):
    said = ["global.index-url='https://mirror.example/simple'", "global.find-links='/old'",
            ":env:.find-links='/srv/wheels'", "install.no-index='true'"]  # fmt: skip
    monkeypatch.setattr(dev, "follow", lambda *_: dev.Followed(0, said))
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    command, environment = dev.uv(venv, "install")
    assert command[1:] == ["pip", "install", "--no-index"]
    assert environment["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert environment["UV_FIND_LINKS"] == "/srv/wheels"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://chosen.example/simple")
    assert dev.uv(venv, "install")[1]["UV_DEFAULT_INDEX"] == "https://chosen.example/simple"


def test_pip_steps_in_when_uv_cannot_do_it(dev, venv, monkeypatch, capsys):
    ran = []

    def follow(command, environment=os.environ):
        ran.append(command)
        return dev.Followed(2 if command[0] == str(venv.uv) else 0, ["error: no route to host"])

    monkeypatch.setattr(dev, "follow", follow)
    monkeypatch.setattr(dev, "get_uv", lambda venv: True)
    dev.fill(venv, "app")
    assert ran[-1][:4] == [str(venv.python), "-m", "pip", "--disable-pip-version-check"]
    assert "--require-hashes" in ran[-1]
    assert "uv could not: error: no route to host" in capsys.readouterr().err


def test_an_unknown_command_is_refused(dev):
    with pytest.raises(dev.Trouble, match="knows no command 'dmeo'"):
        dev.main(["dmeo"])


def test_help_names_every_command(dev, capsys):
    assert dev.main([]) == 0
    said = capsys.readouterr().out
    assert set(re.findall(r"^\./dev (\w+)", said, re.M)) == {*dev.COMMANDS, "check", "lock", "spark", "assets"}


# -- the checks ---------------------------------------------------------------------------------------------------


def test_every_check_is_shown_although_one_fails(dev, venv, monkeypatch, capsys):
    venv.scripts.mkdir(parents=True)
    venv.python.symlink_to(sys.executable)
    monkeypatch.setattr(
        dev, "CHECKS", {"first": ["-c", "print('what is wrong'); raise SystemExit(3)"], "second": ["-c", "pass"]}
    )
    assert dev.check(venv) == 1
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"== first: FAILED, \d+\.\d s", lines[0])
    assert lines[1] == "what is wrong"
    assert re.fullmatch(r"== second: ok, \d+\.\d s", lines[2])
    assert lines[3] == "== 1 of 2 checks failed: first"


# -- the locks ----------------------------------------------------------------------------------------------------


def pins(name):
    """(package, version, platform) -> its hashes, as the lock has them."""
    text = (ROOT / "requirements" / f"{name}.lock").read_text("utf-8")
    return {match.group(1, 2, 3): match[4].split() for match in REQUIREMENT.finditer(text)}


@pytest.mark.parametrize("name", ["setup", "app", "test", "assets"])
def test_a_lock_holds_no_address_and_pins_everything_with_hashes(name):
    text = (ROOT / "requirements" / f"{name}.lock").read_text("utf-8")
    assert "://" not in text
    assert "http" not in text
    rest = re.sub(r"^ *#.*\n", "", REQUIREMENT.sub("", text), flags=re.M)
    assert rest.strip() == "", "lines that are neither a pinned, hashed requirement nor a comment"


def test_the_test_lock_holds_all_of_the_app_lock():
    app, test = pins("app"), pins("test")
    assert {key: test.get(key) for key in app} == app


@pytest.mark.parametrize("name", ["setup", "app", "test", "assets"])
def test_every_direct_requirement_is_locked(name):
    locked = {package for package, _, _ in pins(name)}
    for line in (ROOT / "requirements" / f"{name}.in").read_text("utf-8").splitlines():
        if match := re.match(r"[A-Za-z][\w.-]*", line):
            assert re.sub(r"[-_.]+", "-", match[0]).lower() in locked


def test_no_file_of_the_set_up_names_a_registry():
    files = [ROOT / "dev", ROOT / ".ci" / "run", ROOT / "pyproject.toml", *(ROOT / "requirements").iterdir()]
    for path in files:
        assert not re.search(r"https?://\S*(pypi|pythonhosted|simple)", path.read_text("utf-8")), path


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell script")
def test_the_scripts_can_be_run_as_they_are():
    for path in (ROOT / "dev", ROOT / ".ci" / "run"):
        assert os.access(path, os.X_OK), path
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=False).returncode == 0


def test_bytecode_is_kept_in_the_environment_where_python_may_not_write_beside_its_sources(dev, venv, monkeypatch):
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    dev.keep_bytecode(venv)
    venv.folder.mkdir(parents=True)
    module = venv.folder / "once.py"
    module.write_text("x = 1\n")
    subprocess.run([sys.executable, "-c", "import once"], cwd=venv.folder, check=True)
    assert list((venv.folder / "bytecode").rglob("once.*.pyc"))
    assert not list(venv.folder.glob("__pycache__"))


def test_without_that_wish_python_keeps_its_habit(dev, venv, monkeypatch):
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    dev.keep_bytecode(venv)
    assert "PYTHONPYCACHEPREFIX" not in os.environ
