"""What the commands about cases share: who acts, on which day, and how everything that can be refused is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from chengxin.cli.common import need_store, refuse, setup, system_user

if TYPE_CHECKING:
    from chengxin.accounts.actors import Actor
    from chengxin.cases.attaching import Upload

As = Annotated[str | None, typer.Option("--as", help="经办人（默认：系统用户）")]
On = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="办理日期（默认：今天）")]
Json = Annotated[bool, typer.Option("--json", help="以 JSON 回答")]


@contextmanager
def acting(json: bool) -> Iterator[None]:
    """Everything that can be refused leaves with exit code 2 and one sentence."""
    setup()
    need_store(json)
    from chengxin.accounts.rules import Denied
    from chengxin.cases.errors import CaseRefused, Moved, NotMet
    from chengxin.policy.policies import UnknownPolicy

    try:
        yield
    except Moved as moved:
        refuse(str(moved), as_json=json, kind="moved", now=moved.state)
    except NotMet as error:
        refuse(str(error), as_json=json, kind="conditions", unmet=[vars(u) for u in error.unmet])
    except Denied as error:
        refuse(str(error), as_json=json, kind="denied")
    except (CaseRefused, UnknownPolicy) as error:
        refuse(str(error), as_json=json)


def actor_named(name: str | None) -> Actor:
    """A person of this platform acts with their own rights; any other name is the machine's operator under that name."""
    from chengxin.accounts.actors import of_user, operator
    from chengxin.accounts.models import User

    found = User.objects.filter(username=name).first() if name else None
    return of_user(found) if found else operator(name or system_user())


def day_of(on: datetime | None) -> date | None:
    return on.date() if on else None


def answers_of(form: list[str] | None, json: bool) -> dict[str, Any]:
    """name=answer pairs; `@file` is read, and JSON in it is taken as it is."""
    answers: dict[str, Any] = {}
    for pair in form or []:
        name, found, answer = pair.partition("=")
        if not found:
            refuse(f"--form 写的是「{pair}」，应为：名字=回答。", as_json=json)
        answers[name] = _read(Path(answer[1:]), json) if answer.startswith("@") else _loaded(answer)
    return answers


def _read(path: Path, json: bool) -> Any:
    try:
        return _loaded(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        refuse(f"读不出文件 {path}：{error}", as_json=json)


def _loaded(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def uploads_of(attach: list[str] | None, stack: ExitStack, json: bool) -> Iterator[Upload]:
    from chengxin.cases.attaching import Upload

    for pair in attach or []:
        name, found, file = pair.partition("=")
        path = Path(file)
        if not found or not path.is_file():
            refuse(f"--attach 写的是「{pair}」，应为：材料=存在的文件。", as_json=json)
        yield Upload(name, path.name, stack.enter_context(path.open("rb")))
