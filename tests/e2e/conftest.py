"""The platform as it is served (`chengxin serve`, its own store) and Debian's chromium to look at it.

A journey is written with these (and with `looking.looked_at`, `tab_to`, `press_on`):

    pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow]

    @pytest.fixture
    def stage(store):                        # optional: what the store holds before the server starts
        cast.settle()                        # reporter and auditor of the ecology department
        make_user("bank", "乔安", cast.PASSWORD, [(BANK, Role.BANK_OFFICER)])

    @pytest.mark.parametrize("width", [1280, 390])
    def test_journey(enter, width):
        page = looked_at(enter("bank", width=width), "bank-home")     # signed in; enter() alone is a visitor
        ...
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ..conftest import needed
from . import cast
from .looking import missing

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-extensions", "--disable-default-apps", "--disable-dev-shm-usage", "--disable-breakpad",
    "--disable-back-forward-cache", "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows", "--disable-search-engine-choice-screen", "--no-default-browser-check",
    "--no-first-run", "--no-service-autorun", "--password-store=basic", "--use-mock-keychain", "--mute-audio",
    "--hide-scrollbars", "--force-color-profile=srgb", "--enable-automation", "--allow-pre-commit-input",
    "--disable-features=Translate,HttpsUpgrades,MediaRouter,OptimizationHints,PaintHolding,GlobalMediaControls",
    "--remote-debugging-port=0",
]  # fmt: skip
START_SECONDS = 60


@pytest.fixture(scope="session")
def chromium_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the one browser of this process listens: to start one costs as much as ten pages. Each test has windows of its
    own in it (contexts, which share nothing), and each closes them."""
    if not Path(CHROMIUM).exists():
        missing("no chromium on this machine: apt-get install chromium fonts-noto-cjk")
    profile = tmp_path_factory.mktemp("chromium")
    told = profile / "DevToolsActivePort"
    browser = subprocess.Popen(
        [CHROMIUM, *ARGUMENTS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and browser.poll() is None:
            if told.exists() and (lines := told.read_text().splitlines()):
                break
            time.sleep(0.05)
        else:
            pytest.fail("chromium did not start")
        yield f"http://127.0.0.1:{lines[0]}"
    finally:
        browser.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            browser.wait(timeout=20)
        browser.kill()


@pytest.fixture
def chromium(chromium_address: str) -> Iterator[Any]:
    """The browser in the hands of one test. Playwright runs an event loop in this thread, and Django's connections are
    another one's there: tests leave the database to the server and to `site`, which is set up before."""
    sync_api = needed("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.connect_over_cdp(chromium_address)
        yield browser
        browser.close()  # only lets go of it


@pytest.fixture
def stage(store: Any) -> None:
    """What the store holds before the server starts: the cast's people. A journey overrides it in its own file."""
    cast.settle()


@pytest.fixture
def site(store: Any, stage: None, tmp_path: Path) -> Iterator[str]:
    """The address of a running platform on the stage, without a worker: small files are answered at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "chengxin", "serve", "--port", str(port), "--no-with-worker"]
    log = tmp_path / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=store.env, stdout=out, stderr=subprocess.STDOUT)
    try:
        _wait(port, server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=20)
        server.kill()


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    pytest.fail(f"the server did not start: {log.read_text('utf-8', 'replace')[-2000:]}")


def _lacks(response: Any) -> bool:
    """Whether a style, script, font or picture of the platform did not come."""
    return response.status >= 400 and urlsplit(response.url).path.startswith("/static/")


Browse = Callable[..., Any]


@pytest.fixture
def browse(site: str, chromium: Any) -> Iterator[Browse]:
    """Opens a browser window: `browse(width=390, script=False, english=True)`; whatever it complains of fails the test."""
    contexts, complaints = [], []

    def window(*, width: int = 1280, script: bool = True, english: bool = False, dark: bool = False) -> Any:
        context = chromium.new_context(
            base_url=site,
            viewport={"width": width, "height": 844 if width < 500 else 900},
            java_script_enabled=script,
            locale="en-GB" if english else "zh-CN",
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)  # the first page of a server loads all of it
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("response", lambda r: complaints.append(f"{r.status} {r.url}") if _lacks(r) else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        return page

    yield window
    for context in contexts:
        context.close()
    # Chromium reports every answer of 400 and above as an error of the console; those of pages are looked at by the tests,
    # and what a page is made of may never be missing.
    assert not [c for c in complaints if "Failed to load resource" not in c]


@pytest.fixture
def enter(browse: Browse) -> Callable[..., Any]:
    """Opens a window and signs in: `enter("reporter", width=390)`; without a name, a visitor on the home page."""

    def entered(person: str = "", **looks: Any) -> Any:
        page = browse(**looks)
        if person:
            cast.sign_in(page, person)
        else:
            page.goto("/")
        return page

    return entered
