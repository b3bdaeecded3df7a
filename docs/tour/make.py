#!/usr/bin/env python3
"""Takes the pictures of the guided tour anew: `./dev python docs/tour/make.py [name ...]`.

It serves the demonstration's store (CHENGXIN_HOME, made by `./dev demo` if there is none) and drives Debian's chromium.
Everything in the pictures is invented.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--force-color-profile=srgb", "--lang=zh-CN",
]  # fmt: skip
WIDTH, HEIGHT = 1200, 780
CHARTS = ROOT / "src" / "chengxin" / "design" / "static" / "chengxin" / "charts.js"
HEAVIEST = 150_000


@dataclass(frozen=True)
class Shot:
    """A picture: its file, who looks (empty: nobody), at which page, and what is done there before."""

    name: str
    who: str
    path: str
    then: Callable[[Any], None] = lambda _page: None
    full: bool = False


def main(wanted: list[str]) -> None:
    if not CHARTS.exists():  # the pages would do without, and the pictures would show tables where charts belong
        sys.exit(f"{CHARTS} is missing: run ./dev demo once, which builds it")
    _demo()
    known = _known()
    with _served() as base:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, env=_chinese())
            for shot in shots(known):
                if not wanted or shot.name in wanted:
                    _take(browser, base, shot, known["password"])
            browser.close()


def shots(k: dict[str, str]) -> list[Shot]:
    """The way of the tour: what everybody sees, what those who work see, what the subject sees."""
    work = "/workbench"
    return [
        Shot("01-home", "", "/"),
        Shot("02-search", "", "/search?q=云岭"),
        Shot("03-subject", "", f"/subjects/{k['code']}"),
        Shot("04-list", "", f"/lists/{k['list']}"),
        Shot("05-draw", "", f"/inspections/{k['plan']}"),
        Shot("06-verify", "", f"/verify?number={k['report']}&code={k['report_code']}"),
        Shot("07-receipt", "demo-ecology-environment-reporter", f"{work}/batches/{k['batch']}", _down_to("问题")),
        Shot("08-quality", "demo-steward", f"{work}/quality"),
        Shot(
            "09-why",
            "demo-ecology-environment-auditor",
            f"{work}/subjects/{k['code']}/why/ecology-environment",
            _with_a_matter,
        ),
        Shot("10-simulation", "demo-steward", f"{work}/models/ecology-environment/simulate", _tried),
        Shot("11-case", "demo-steward", f"{work}/cases/{k['case']}"),
        Shot("12-own", "demo-representative", f"/my/{k['code']}"),
        Shot("13-looks", "demo-representative", f"/my/{k['code']}/looks"),
        Shot("14-sign-in", "", "/sign-in"),
    ]


def _with_a_matter(page: Any) -> None:
    """What is not public is shown for a matter only: say which, and the page that was asked for follows."""
    if page.locator("main select").count():
        page.locator("main select").first.select_option("inspection")
        page.locator("main form input[type=text]").last.fill("核对抽查对象的整改情况")
        page.locator("main form button").last.click()


def _down_to(words: str) -> Callable[[Any], None]:
    """Bring the heading with these words to the top."""

    def scroll(page: Any) -> None:
        heading = page.locator("main h2, main caption", has_text=words).first
        if heading.count():
            heading.evaluate("h => window.scrollTo(0, h.getBoundingClientRect().top + scrollY - 24)")

    return scroll


def _tried(page: Any) -> None:
    """Ask what would happen if everybody began with one point less."""
    number = page.locator("main form input[name]:not([type=hidden])").first
    number.fill(str(int(number.input_value()) - 1))
    page.locator("main form button").last.click()


def _take(browser: Any, base: str, shot: Shot, password: str) -> None:
    context = browser.new_context(
        base_url=base, viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN", color_scheme="light"
    )
    context.set_default_timeout(120_000)  # on a busy machine a first page reads all packs
    page = context.new_page()
    if shot.who:
        page.goto(f"/sign-in?as={shot.who}")
        page.fill("#id_username", shot.who)
        page.fill("#id_password", password)
        page.click("main form button")
        page.wait_for_load_state("networkidle")
    answer = page.goto(shot.path)
    shot.then(page)
    page.wait_for_load_state("networkidle")
    file = HERE / f"{shot.name}.png"
    file.write_bytes(_light(context, page.screenshot(full_page=shot.full)))
    context.close()
    size, status = file.stat().st_size, answer.status if answer else 0
    print(f"{file.name:<20} {status} {size:>8,} bytes{'   TOO HEAVY' if size > HEAVIEST else ''}")


def _light(context: Any, picture: bytes) -> bytes:
    """The picture at the width of a page of documentation, smaller still until it is not too heavy."""
    import base64

    page, share, lighter = context.new_page(), 0.8, picture
    while share == 0.8 or len(lighter) > HEAVIEST:
        lighter = base64.b64decode(page.evaluate(_SMALLER, [base64.b64encode(picture).decode(), share]))
        share -= 0.06
    return lighter


_SMALLER = """async ([data, share]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + data;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width * share, image.height * share), pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  const all = pen.getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < all.data.length; i++) all.data[i] = Math.min(255, Math.round(all.data[i] / 5) * 5);
  pen.putImageData(all, 0, 0);
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
  let text = "";
  for (const b of bytes) text += String.fromCharCode(b);
  return btoa(text);
}"""


def _chinese() -> dict[str, str | float | bool]:
    """The browser's own words (a month in a field of dates) are Chinese too."""
    return {**os.environ, "LANG": "zh_CN.UTF-8", "LANGUAGE": "zh_CN:zh"}


def _demo() -> None:
    """Make the demonstration's store; where it is there already this takes a moment."""
    command = [sys.executable, "-m", "chengxin", "demo", "--no-serve"]
    subprocess.run(command, cwd=ROOT, env=_environment(), check=True)


def _known() -> dict[str, str]:
    """What the addresses of the tour need, asked of the store in a process of its own."""
    import json

    code = "import sys; sys.path.insert(0, 'docs/tour'); import make; make.ask()"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=_environment(), check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def ask() -> None:
    """Print what `shots` needs as JSON."""
    import json
    from urllib.parse import quote

    import django

    django.setup()
    from django.conf import settings

    from chengxin.accounts.demonstration import read
    from chengxin.cases.models import Case
    from chengxin.collection.models import Batch
    from chengxin.registry.models import Subject
    from chengxin.reports.models import Report
    from chengxin.supervision.models import Listing, Plan
    from chengxin.tools.generator.examples import STORY

    mark = read(Path(settings.HOME))
    assert mark, "this is no demonstration's store"
    report = Report.objects.filter(subject_name=STORY["name"]).order_by("pk").last()
    case = Case.objects.filter(procedure="objection", closed_on=None).order_by("pk").first()
    plan = Plan.objects.exclude(published_at=None).order_by("pk").first()
    batch = Batch.objects.filter(file_name__startswith="03-").first()
    listing = Listing.objects.exclude(published_on=None).order_by("pk").first()
    found = {
        "code": Subject.objects.get(name=STORY["name"]).code,
        "list": listing.list if listing else "wage-arrears",
        "plan": plan.number if plan else "",
        "report": quote(report.number) if report else "",
        "report_code": report.code if report else "",
        "batch": str(batch.pk) if batch else "",
        "case": quote(case.number) if case else "",
        "password": mark.password,
    }
    print(json.dumps(found))


def _environment() -> dict[str, str]:
    return {
        **os.environ, "PYTHONPATH": str(ROOT / "src"), "DJANGO_SETTINGS_MODULE": "chengxin.settings",
        "CHENGXIN_EXEMPT": "demo-*",
    }  # fmt: skip


@contextmanager
def _served() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "chengxin", "serve", "--port", str(port), "--no-with-worker"]
    server = subprocess.Popen(command, cwd=ROOT, env=_environment())
    try:
        for _ in range(300):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


if __name__ == "__main__":
    main(sys.argv[1:])
